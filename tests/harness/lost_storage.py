"""A storage that goes away under a running service, in the two ways that a test can have: unmounted, and moved."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

WAYS = ("moved", "unmounted")
each_way = pytest.mark.parametrize("losable", WAYS, indirect=True)


class LosableRoot:
    """The directory of a storage that may be lost and found again; what it holds lies elsewhere meanwhile."""

    def __init__(self, root: Path, way: str) -> None:
        self.root, self._way = root, way
        self._real = root.with_name(f"{root.name}-real")

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """The mount, where it is one, for as long as the block."""
        if self._way == "moved":
            yield
            return
        self._real.mkdir(parents=True)
        self.root.mkdir()
        self._mount()
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(self.root)], check=False, capture_output=True)

    @contextlib.contextmanager
    def lost(self) -> Iterator[None]:
        """An empty directory stands where the storage was."""
        self.lose()
        try:
            yield
        finally:
            self.find()

    def lose(self) -> None:
        if self._way == "unmounted":
            subprocess.run(["umount", "-l", str(self.root)], check=True)
        else:
            self.root.rename(self._real)
            self.root.mkdir()

    def find(self) -> None:
        if self._way == "unmounted":
            self._mount()
        else:
            shutil.rmtree(self.root)
            self._real.rename(self.root)

    def beside(self) -> list[str]:
        """What was written into the empty directory."""
        return sorted(os.listdir(self.root))

    def _mount(self) -> None:
        if os.geteuid() != 0:
            pytest.skip("mounting needs root")
        done = subprocess.run(["mount", "--bind", str(self._real), str(self.root)], capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
