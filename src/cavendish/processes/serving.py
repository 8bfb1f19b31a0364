"""Where the service of a data directory is: each API that serves says so in `DATA/serving/`, for as long as it lives.

Its file is locked by it, and the kernel gives the lock back however the process ends: a file without a lock is left
over, whatever process has its number by now.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from cavendish.postgres import locks
from cavendish.settings import Settings

log = structlog.get_logger("cavendish.serving")

_FOLDER = "serving"
_BYTES_MAX = 10_000  # an address and some numbers; a longer file is none of ours


@dataclass(frozen=True, slots=True)
class Serving:
    """One API that serves.

    Attributes:
        url: What clients call it, or would call it from this machine.
        follows_host: Nobody said what clients call it, and others than this machine can: each request says so itself.
        pid: Its process, for people; who may be taken for it is known by the lock.
    """

    url: str
    follows_host: bool
    host: str
    port: int
    pid: int


@contextlib.contextmanager
def told(settings: Settings) -> Iterator[None]:
    """While the block runs, others find this process. A directory that cannot be written to hides it, no more."""
    path = settings.data / _FOLDER / f"{secrets.token_hex(8)}.json"
    serving = Serving(settings.public_url, settings.follows_host, settings.host, settings.port, os.getpid())
    descriptor = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(path.parent)
        descriptor = _written(path, json.dumps(asdict(serving)))
    except OSError as exc:
        log.warning("others on this data directory will not find this service", error=str(exc))
    try:
        yield
    finally:
        if descriptor is not None:
            with contextlib.suppress(OSError):
                path.unlink()
            os.close(descriptor)


def found(data: Path) -> Serving | None:
    """Of those that serve from this directory now the one that began last; None where none does, or may be seen."""
    living = [one for path in _files(data / _FOLDER) if (one := _living(path)) is not None]
    return max(living, key=lambda one: one[0])[1] if living else None


def _written(path: Path, text: str) -> int:
    """The locked descriptor of a file that nobody sees before it is locked and whole."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        locks.try_exclusive(descriptor)
        os.write(descriptor, text.encode())
        draft.rename(path)
    except OSError:
        os.close(descriptor)
        draft.unlink(missing_ok=True)
        raise
    return descriptor


def _clear(folder: Path) -> None:
    """Remove what killed processes left."""
    for path in _files(folder):
        with contextlib.suppress(OSError), _opened(path) as descriptor:
            if locks.try_exclusive(descriptor):
                path.unlink()


def _living(path: Path) -> tuple[float, Serving] | None:
    """When it began, and what it says."""
    try:
        with _opened(path) as descriptor:
            if locks.try_shared(descriptor):
                return None
            return os.fstat(descriptor).st_mtime, Serving(**json.loads(os.read(descriptor, _BYTES_MAX)))
    except (OSError, ValueError, TypeError):
        return None  # it ended in this moment, or is somebody else's


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    with locks.closing(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)) as descriptor:
        yield descriptor
