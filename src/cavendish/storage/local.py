"""Pictures as files: written beside, flushed, renamed. A reader sees a whole file or none.

The root may be a mount that goes away under a running service, and leave an empty directory that looks the same. So
whatever looks or changes opens the root, reads the id in it, and works below what it opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import math
import os
import secrets
import stat
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from cavendish.errors import ConfigurationError
from cavendish.ids import STORED_NAME_PATTERN
from cavendish.storage.base import StorageError, StorageMissing

log = structlog.get_logger("cavendish.storage")

_IDENTITY = "storage-id"
_ID_BYTES_MAX = 100
_PICTURES = "generations"
_TEMPORARY = "tmp"
_BATCH = 500
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True, slots=True)
class _Access:
    """Who reads what is stored: the service's user, and a group where one is set. Nobody else writes."""

    group: int | None = None

    def share(self, made: int) -> None:
        """What was made for its owner alone, with the group. Without one nothing is asked of a file system's modes."""
        if self.group is not None:
            self.give(made)

    def give(self, descriptor: int) -> None:
        """To a folder or a file of any mode."""
        found = os.fstat(descriptor)
        mode = self._mode(folder=stat.S_ISDIR(found.st_mode))
        if self.group not in (None, found.st_gid):
            os.fchown(descriptor, -1, self.group)
        if stat.S_IMODE(found.st_mode) != mode:
            os.fchmod(descriptor, mode)

    def _mode(self, *, folder: bool) -> int:
        if self.group is None:
            return 0o700 if folder else 0o600
        return 0o2750 if folder else 0o640


class LocalStorage:
    """A directory: `generations/ab/ab…` for pictures, `tmp/` for writes under way. Both on one file system.

    Args:
        group: Name or number of a group that may read the pictures; empty: none.
    """

    def __init__(self, root: Path, *, group: str = "") -> None:
        self._root = root
        self._group = group
        self._access = _Access()
        self._id: str | None = None
        # Of its own: many large writes at once must not make the storage look as if it did not answer.
        self._looking = ThreadPoolExecutor(1, "storage")

    async def open(self, known: str | None) -> str:
        return await asyncio.to_thread(self._open, known)

    async def verify(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._looking, self._verify)

    async def put(self, name: str, data: bytes) -> None:
        _check(name)
        await asyncio.to_thread(self._put, name, data)

    async def read(self, name: str) -> bytes | None:
        path = self.local_path(name)
        return await asyncio.to_thread(self._read, path) if path else None

    def local_path(self, name: str) -> Path | None:
        # The pattern lets through hex digits only: no name can leave the directory.
        return self._root / _folder(name) / name if STORED_NAME_PATTERN.fullmatch(name) else None

    async def delete(self, name: str) -> None:
        _check(name)
        await asyncio.to_thread(self._delete, name)

    async def free_bytes(self) -> int | None:
        try:
            return await asyncio.to_thread(free_bytes, self._root)
        except OSError as exc:
            raise StorageError(f"the storage at {self._root} cannot be used: {exc.strerror}") from exc

    async def names(self, *, older_than_seconds: float) -> AsyncIterator[list[str]]:
        before = await asyncio.to_thread(self._now) - older_than_seconds
        for folder in await asyncio.to_thread(self._folders):
            found = await asyncio.to_thread(self._old_names, folder, before)
            names = [name for name in found if STORED_NAME_PATTERN.fullmatch(name)]
            for start in range(0, len(names), _BATCH):
                yield names[start : start + _BATCH]

    async def clean(self, *, older_than_seconds: float) -> int:
        return await asyncio.to_thread(self._clean, older_than_seconds)

    def _open(self, known: str | None) -> str:
        self._access = _Access(_group_number(self._group))
        with self._told("cannot be used"):
            if known is None:
                self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._entered() as root:
                found = _read_id(root) or (_give_id(root) if known is None else None)
                if found is not None and known in (None, found):
                    self._id = found
                    self._mend(root)
        if found is None:
            raise self._missing("there is no storage-id in it")
        return found

    def _mend(self, root: int) -> None:
        """Give our folders their modes, which an earlier release or other settings made. No way leads past them."""
        try:
            self._let_in(root)
            with self._listed(_PICTURES) as entries:
                parts = [f"{_PICTURES}/{entry.name}" for entry in entries] if self._group else []
            for folder in (_PICTURES, _TEMPORARY, *parts):
                with contextlib.suppress(FileNotFoundError, NotADirectoryError), _opened(folder, root) as descriptor:
                    self._access.give(descriptor)
        except PermissionError as exc:
            if self._group:
                raise ConfigurationError(
                    f"CAVENDISH_STORAGE_GROUP: the folders in {self._root} cannot be given to the group {self._group}:"
                    " they must belong to the service's user, who must be a member of it"
                ) from exc
            log.warning("storage stays open to other users", root=str(self._root), error=exc.strerror)

    def _let_in(self, root: int) -> None:
        """The group passes through a root that was closed to all others. Nothing else of it is ours to change."""
        if self._access.group is not None and not os.fstat(root).st_mode & 0o077:
            os.fchown(root, -1, self._access.group)
            os.fchmod(root, 0o750)

    def _verify(self) -> None:
        with self._judged("cannot be used"):
            pass

    def _put(self, name: str, data: bytes) -> None:
        with self._judged("cannot take the picture") as root:
            for folder in (_TEMPORARY, _PICTURES, _folder(name)):
                _make_folder(root, folder, self._access)
            with _written(root, f"{_TEMPORARY}/{name}.{secrets.token_hex(4)}", data, self._access) as written:
                os.rename(written, f"{_folder(name)}/{name}", src_dir_fd=root, dst_dir_fd=root)
            with _opened(_folder(name), root) as folder_of_it:
                os.fsync(folder_of_it)
                self._find_again(_folder(name), folder_of_it)

    def _find_again(self, folder: str, descriptor: int) -> None:
        """What was written into a storage that is unmounted by now is durable, but no reader would find it."""
        try:
            same = os.path.samestat(os.stat(self._root / folder), os.fstat(descriptor))
        except (FileNotFoundError, NotADirectoryError):
            same = False
        if not same:
            raise self._missing("it went away during a write")

    def _read(self, path: Path) -> bytes | None:
        with self._told("cannot be read"):
            found = _content(path)
            if found is None:
                self._verify()
                found = _content(path)  # it may have come back in between
        return found

    def _delete(self, name: str) -> None:
        with self._judged("cannot delete a picture") as root, contextlib.suppress(FileNotFoundError):
            os.unlink(f"{_folder(name)}/{name}", dir_fd=root)

    def _folders(self) -> list[str]:
        with self._listed(_PICTURES) as entries:
            return sorted(f"{_PICTURES}/{entry.name}" for entry in entries if entry.is_dir())

    def _old_names(self, folder: str, before: float) -> list[str]:
        with self._listed(folder) as entries:
            return [entry.name for entry in entries if _changed(entry) < before]

    def _clean(self, older_than_seconds: float) -> int:
        removed = 0
        names = self._old_names(_TEMPORARY, self._now() - older_than_seconds)
        with self._judged("cannot be cleaned") as root:
            for name in names:
                with contextlib.suppress(OSError):
                    os.unlink(f"{_TEMPORARY}/{name}", dir_fd=root)
                    removed += 1
        return removed

    def _now(self) -> float:
        """By the clock that stamps the files here: this process's own may run ahead, and make young files look old."""
        with self._judged("cannot tell its time") as root:
            _make_folder(root, _TEMPORARY, self._access)
            with _written(root, f"{_TEMPORARY}/now.{secrets.token_hex(4)}", b"") as written:
                return os.stat(written, dir_fd=root).st_mtime

    @contextlib.contextmanager
    def _listed(self, folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        """What is in a folder; one that is not there is empty, one that cannot be read is trouble."""
        with self._judged("cannot be listed") as root, contextlib.ExitStack() as stack:
            try:
                opened = stack.enter_context(_opened(folder, root))
            except FileNotFoundError:
                yield iter(())
            else:
                yield stack.enter_context(os.scandir(opened))

    @contextlib.contextmanager
    def _judged(self, trouble: str) -> Iterator[int]:
        """The root's descriptor, where it is the storage that was opened."""
        with self._told(trouble), self._entered() as root:
            found = _read_id(root)
            if found is None:
                raise self._missing("there is no storage-id in it")
            if found != self._id:
                raise self._missing("another storage is there" if self._id else "it was never opened")
            yield root

    @contextlib.contextmanager
    def _entered(self) -> Iterator[int]:
        """The root's descriptor, whatever is there now."""
        with contextlib.ExitStack() as stack:
            try:
                root = stack.enter_context(_opened(self._root))
            except (FileNotFoundError, NotADirectoryError) as exc:
                raise self._missing("there is no such directory") from exc
            yield root

    @contextlib.contextmanager
    def _told(self, trouble: str) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise StorageError(f"the storage at {self._root} {trouble}: {exc.strerror}") from exc

    def _missing(self, why: str) -> StorageMissing:
        return StorageMissing(f"the storage at {self._root} is missing: {why}")


def free_bytes(folder: Path) -> int | None:
    """Room on the volume of this folder, for who is not root; None where its file system does not count it."""
    found = os.statvfs(folder)
    if not found.f_blocks:
        return None
    has_names = found.f_favail > 0 or not found.f_files  # a volume may also run out of files
    return found.f_bavail * found.f_frsize if has_names else 0


@contextlib.contextmanager
def _opened(folder: str | Path, root: int | None = None) -> Iterator[int]:
    descriptor = os.open(folder, _FOLDER, dir_fd=root)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read_id(root: int) -> str | None:
    try:
        descriptor = os.open(_IDENTITY, os.O_RDONLY, dir_fd=root)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        return file.read(_ID_BYTES_MAX).decode("ascii", "replace").strip() or None


def _give_id(root: int) -> str | None:
    with _written(root, f".{_IDENTITY}.{secrets.token_hex(4)}", secrets.token_hex(16).encode()) as written:
        # link() fails where another process was first: both then read the same id.
        with contextlib.suppress(FileExistsError):
            os.link(written, _IDENTITY, src_dir_fd=root, dst_dir_fd=root)
    return _read_id(root)


def _make_folder(root: int, folder: str, access: _Access) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700, dir_fd=root)
        with _opened(folder, root) as made:
            access.share(made)
        with _opened(folder.rpartition("/")[0] or ".", root) as parent:
            os.fsync(parent)


@contextlib.contextmanager
def _written(root: int, path: str, data: bytes, access: _Access | None = None) -> Iterator[str]:
    """A flushed file for the block to rename or link; removed if it is still there afterwards."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=root)
    try:
        with open(descriptor, "wb") as file:
            if access is not None:
                access.share(file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path, dir_fd=root)


def _group_number(group: str) -> int | None:
    if not group or group.isdecimal():
        return int(group) if group else None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError as exc:
        raise ConfigurationError(f"CAVENDISH_STORAGE_GROUP: there is no group {group} on this machine") from exc


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _changed(entry: os.DirEntry[str]) -> float:
    """When; what vanished meanwhile is not old."""
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _folder(name: str) -> str:
    return f"{_PICTURES}/{name[:2]}"


def _check(name: str) -> None:
    if not STORED_NAME_PATTERN.fullmatch(name):
        raise StorageError("not a name of ours")
