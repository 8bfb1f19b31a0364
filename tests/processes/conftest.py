"""Real processes: a directory of their own that any user may pass, and nothing left running after a test."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent))

from process_helpers import SETTLE_SECONDS, Lab, until  # noqa: E402


@pytest.fixture
def lab() -> Iterator[Lab]:
    yield from _lab()


@pytest.fixture(scope="module")
def shared_lab() -> Iterator[Lab]:
    yield from _lab()


def _lab() -> Iterator[Lab]:
    folder = Path(tempfile.mkdtemp(prefix="cavendish-process-"))
    folder.chmod(0o755)
    lab = Lab(ROOT, folder)
    yield lab
    for served in lab.started:
        try:
            served.stop()
        except Exception:
            served.kill()
    assert until(lambda: not lab.left_over(), SETTLE_SECONDS), lab.left_over()
    shutil.rmtree(folder, ignore_errors=True)
