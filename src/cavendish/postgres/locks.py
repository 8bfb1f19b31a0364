"""Locks between processes that the kernel gives back however their holder ends, and the one way to wait here.

All are `flock`: they belong to an open file and are released when its last descriptor closes. Descriptors are
close-on-exec, so a child does not keep its parent's lock; the server's own lock is handed down on purpose.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from cavendish import clock
from cavendish.postgres.home import SystemUser

_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.1


def attempts(deadline: float) -> Iterator[None]:
    """Yield at once and then after growing pauses, until `clock.monotonic()` has passed the deadline."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield
        left = deadline - clock.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


def open_file(path: Path, owner: SystemUser, flags: int = 0) -> int:
    """A descriptor of the file, made for its owner if missing; a link in its place is refused."""
    flags |= os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    if not owner.is_this_process:
        os.fchown(descriptor, owner.uid, owner.gid)
    return descriptor


def try_exclusive(descriptor: int) -> bool:
    return _try(descriptor, fcntl.LOCK_EX)


def try_shared(descriptor: int) -> bool:
    return _try(descriptor, fcntl.LOCK_SH)


def wait_exclusive(descriptor: int, deadline: float) -> bool:
    return any(try_exclusive(descriptor) for _ in attempts(deadline))


@contextlib.contextmanager
def closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
