"""Keeps what engines delivered in place of a picture, for the operator: the newest few, each cut to a bound."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

BYTES_MAX = 64 * 1024 * 1024  # of each: nearly every 4K picture is whole in it, and a beginning tells what it is


def keep(folder: Path, name: str, data: bytes, *, count: int) -> Path:
    """Write it, readable for its owner alone, and remove the oldest beyond `count`. A second one of a name replaces it.

    Raises:
        OSError: it could not be written; nothing of it is left.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, draft = folder / name, folder / f".{name}"
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(memoryview(data)[:BYTES_MAX])
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _remove_oldest(folder, count)
    return path


def _remove_oldest(folder: Path, count: int) -> None:
    """Several workers may do so at once, so a file that is gone already is no trouble."""
    ages: list[tuple[int, Path]] = []
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            ages.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(ages)[: max(0, len(ages) - count)]:
        path.unlink(missing_ok=True)
