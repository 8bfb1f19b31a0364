"""The machine under the numbers: its processors, its disk, and a place on it where fsync is real."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_WRITES = 200
_PAGE = b"\x5a" * 8192  # what PostgreSQL writes at once
_IN_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs"})


@contextlib.contextmanager
def scratch(parent: Path | None) -> Iterator[Path]:
    """A directory on a real disk that the database's own user may enter; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cavendish-bench-", dir=parent or _real_disk()))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fsync_milliseconds(folder: Path) -> tuple[float, float]:
    """Median and 99th percentile of one page written and flushed, as a commit does."""
    path = folder / "fsync"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    times = []
    try:
        for number in range(_WRITES):
            start = time.perf_counter()
            os.pwrite(descriptor, _PAGE, len(_PAGE) * (number % 64))
            os.fsync(descriptor)
            times.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(descriptor)
        path.unlink()
    return percentile(times, 50), percentile(times, 99)


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def description(folder: Path) -> dict[str, object]:
    p50, p99 = fsync_milliseconds(folder)
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs ({_processor()})",
        "python": platform.python_version(),
        "disk": f"{folder} on {file_system(folder)}, write + fsync of 8 KiB p50 {p50:.2f} ms, p99 {p99:.2f} ms",
        "load": f"{os.getloadavg()[0]:.1f} before this run (each 1.0 is one CPU that others use)",
    }


def file_system(folder: Path) -> str:
    """The type of the file system that holds this folder."""
    found, best = "unknown", -1
    with contextlib.suppress(OSError):
        for line in Path("/proc/mounts").read_text().splitlines():
            _, mount, kind, *_ = line.split()
            if folder.resolve().is_relative_to(mount) and len(mount) > best:
                found, best = kind, len(mount)
    return found


def _real_disk() -> Path:
    """The first usual place that is not memory and that everybody may enter."""
    for place in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd()):
        if place.is_dir() and file_system(place) not in _IN_MEMORY and _open_to_all(place):
            return place
    raise SystemExit("benchmarks: no directory on a real disk was found; name one with --directory")


def _open_to_all(place: Path) -> bool:
    # Only root runs the database as another user.
    return os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (place, *place.resolve().parents))


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
