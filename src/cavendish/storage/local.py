"""Pictures as files: written beside, flushed, renamed. A reader sees a whole file or none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from cavendish.ids import IMAGE_NAME_PATTERN
from cavendish.storage.base import StorageError

_IDENTITY = "storage-id"
_BATCH = 500


class LocalStorage:
    """A directory: `generations/ab/ab…` for pictures, `tmp/` for writes under way. Both on one file system."""

    def __init__(self, root: Path) -> None:
        self._pictures = root / "generations"
        self._temporary = root / "tmp"
        self._root = root

    async def identity(self, proposed: str) -> str:
        return await asyncio.to_thread(self._identity, proposed)

    async def put(self, name: str, data: bytes) -> None:
        _check(name)
        await asyncio.to_thread(self._put, name, data)

    async def read(self, name: str) -> bytes | None:
        path = self.local_path(name)
        return await asyncio.to_thread(_read, path) if path else None

    def local_path(self, name: str) -> Path | None:
        # The pattern lets through hex digits only: no name can leave the directory.
        return self._pictures / name[:2] / name if IMAGE_NAME_PATTERN.fullmatch(name) else None

    async def delete(self, name: str) -> None:
        _check(name)
        await asyncio.to_thread(self._delete, name)

    async def names(self, *, older_than_seconds: float) -> AsyncIterator[list[str]]:
        before = time.time() - older_than_seconds
        for folder in await asyncio.to_thread(self._folders):
            names = await asyncio.to_thread(self._old_names, folder, before)
            for start in range(0, len(names), _BATCH):
                yield names[start : start + _BATCH]

    async def clean(self, *, older_than_seconds: float) -> int:
        return await asyncio.to_thread(self._clean, time.time() - older_than_seconds)

    def _identity(self, proposed: str) -> str:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            path = self._root / _IDENTITY
            with contextlib.suppress(FileNotFoundError):
                return path.read_text(encoding="ascii").strip()
            with _written(self._root / f".{_IDENTITY}.{secrets.token_hex(4)}", proposed.encode()) as written:
                # link() fails where another process was first: both then read the same id.
                with contextlib.suppress(FileExistsError):
                    os.link(written, path)
            return path.read_text(encoding="ascii").strip()
        except OSError as exc:
            raise StorageError(f"the storage at {self._root} cannot be used: {exc.strerror}") from exc

    def _put(self, name: str, data: bytes) -> None:
        target = self._pictures / name[:2] / name
        try:
            self._make_folder(target.parent)
            self._make_folder(self._temporary)
            with _written(self._temporary / f"{name}.{secrets.token_hex(4)}", data) as written:
                os.rename(written, target)
            _flush_folder(target.parent)
        except OSError as exc:
            raise StorageError(f"the picture cannot be stored at {self._root}: {exc.strerror}") from exc

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _flush_folder(folder.parent)

    def _delete(self, name: str) -> None:
        try:
            (self._pictures / name[:2] / name).unlink(missing_ok=True)
        except OSError as exc:
            raise StorageError(f"a picture at {self._root} cannot be deleted: {exc.strerror}") from exc

    def _folders(self) -> list[Path]:
        folders: list[Path] = []
        with self._listed():
            folders += sorted(entry for entry in self._pictures.iterdir() if entry.is_dir())
        return folders

    def _old_names(self, folder: Path, before: float) -> list[str]:
        names = []
        with self._listed():
            for entry in os.scandir(folder):
                with contextlib.suppress(FileNotFoundError):
                    if IMAGE_NAME_PATTERN.fullmatch(entry.name) and entry.stat().st_mtime < before:
                        names.append(entry.name)
        return names

    def _clean(self, before: float) -> int:
        removed = 0
        with self._listed():
            for entry in list(self._temporary.iterdir()):
                with contextlib.suppress(OSError):
                    if entry.stat().st_mtime < before:
                        entry.unlink()
                        removed += 1
        return removed

    @contextlib.contextmanager
    def _listed(self) -> Iterator[None]:
        """A directory that is not there is empty; one that cannot be read is trouble."""
        try:
            yield
        except FileNotFoundError:
            return
        except OSError as exc:
            raise StorageError(f"the storage at {self._root} cannot be listed: {exc.strerror}") from exc


@contextlib.contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """A flushed file for the block to rename or link; removed if it is still there afterwards."""
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make a rename in this folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise StorageError(f"{path} cannot be read: {exc.strerror}") from exc


def _check(name: str) -> None:
    if not IMAGE_NAME_PATTERN.fullmatch(name):
        raise StorageError("not a name of ours")
