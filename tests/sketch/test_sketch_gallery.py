"""The gallery's digests: the proof that a change has changed no picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
HANDFUL = "pixel art"  # a prompt and an edit


def gallery(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/gallery.py", "--only", HANDFUL, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("gallery") / "digests"
    done = gallery("--digests", file)
    assert done.returncode == 0, done.stderr
    return file


def test_another_run_draws_the_same_pictures(digests: Path) -> None:
    done = gallery("--against", digests)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 pictures, 0 differ" in done.stdout


def test_a_picture_that_differs_is_named(digests: Path, tmp_path: Path) -> None:
    first, *others = digests.read_text().splitlines()
    changed = tmp_path / "changed"
    changed.write_text("\n".join([f"{'0' * 64}  {first.split('  ', 1)[1]}", *others]))

    done = gallery("--against", changed)

    assert done.returncode == 1
    assert f"differs: {first.split('  ', 1)[1]}\n" in done.stdout
    assert "2 pictures, 1 differ" in done.stdout
