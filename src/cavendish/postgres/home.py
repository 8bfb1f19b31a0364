"""Where the cluster of a data directory lives, and which system user runs it.

For an ordinary user: in the data directory, as that user. PostgreSQL refuses to run as root, so for root another user
runs it, and where that user cannot reach the data directory, the cluster lives under `/var/lib/cavendish/clusters`
and `DATA/pg.json` says so.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cavendish.errors import ClusterUnavailable

SERVICE_USER = "cavendish"
SHARED_DIRECTORY = Path("/var/lib/cavendish")
SOCKET_NAME = ".s.PGSQL.5432"
# Linux allows 107 bytes for the address of a socket, macOS 103.
SOCKET_PATH_BYTES_MAX = 100
_USERADD_SECONDS = 20


@dataclass(frozen=True)
class SystemUser:
    """Who runs the server and owns its files."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @property
    def is_this_process(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def process_options(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this user."""
        if self.is_this_process:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": self.groups}

    def may_enter(self, path: Path) -> bool:
        """Enter this directory, or run this program."""
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid in (self.gid, *self.groups):
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def first_closed_parent(self, path: Path) -> Path | None:
        """The outermost directory on the way to `path` that this user cannot enter."""
        return next((parent for parent in reversed(path.parents) if not self.may_enter(parent)), None)


@dataclass(frozen=True)
class Home:
    """The directory that holds `pg/` and `run/`, and who owns them."""

    directory: Path
    user: SystemUser

    @property
    def pg(self) -> Path:
        return self.directory / "pg"

    @property
    def run(self) -> Path:
        return self.directory / "run"

    @property
    def sockets(self) -> Path:
        """`run/`, or a short private directory where that path is too long or would need quoting."""
        usual = str(self.run)
        if len(f"{usual}/{SOCKET_NAME}") <= SOCKET_PATH_BYTES_MAX and re.fullmatch(r"[\w ./+@=~-]+", usual, re.ASCII):
            return self.run
        # Always /tmp: XDG_RUNTIME_DIR differs between a session and a cron job of the same user. Its owner is checked.
        status = self.directory.stat()
        return Path(f"/tmp/cavendish-{status.st_dev:x}-{status.st_ino:x}")  # noqa: S108


def existing(data: Path) -> Home | None:
    """The home of a cluster made before; changes nothing."""
    data = data.resolve()
    directory = _recorded(data) or data
    if not (directory / "pg").is_dir():
        return None
    status = (directory / "pg").stat()
    return Home(directory, _user(status.st_uid, status.st_gid))


def settle(data: Path) -> Home:
    """The home of this data directory, with `pg/` and `run/` made and owned; the same for everybody who asks.

    Raises:
        ClusterUnavailable: a directory belongs to somebody else or cannot be reached.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = data.resolve()
    home = _home_for_root(data) if os.geteuid() == 0 else _home_for_this_user(data)
    for directory in (home.pg, home.run):
        _make_private(directory, home.user)
    return home


def make_sockets_directory(home: Home) -> None:
    if home.sockets != home.run:
        _make_private(home.sockets, home.user)


def _home_for_this_user(data: Path) -> Home:
    return Home(_recorded(data) or data, _user(os.geteuid(), os.getegid()))


def _home_for_root(data: Path) -> Home:
    if recorded := _recorded(data):
        return Home(recorded, _user_for(recorded))
    user = _user_for(data)
    closed = user.first_closed_parent(data)
    if closed and (data / "pg").exists():
        raise ClusterUnavailable(
            f"User {user.name}, who runs the cluster in {data}, cannot enter {closed}: chmod o+x it."
        )
    if closed:
        return Home(_make_shared_home(data, user, closed), user)
    _let_pass(data, user)
    return Home(data, user)


def _let_pass(directory: Path, user: SystemUser) -> None:
    """0711: whoever knows a name inside may reach it, nobody may list."""
    if not user.may_enter(directory):
        directory.chmod(stat.S_IMODE(directory.stat().st_mode) | 0o011)


def _make_private(directory: Path, user: SystemUser) -> None:
    """Make the directory, or check that it is this user's; a link or somebody else's directory is refused."""
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as exc:
        raise ClusterUnavailable(
            f"{directory} is not a directory of user {user.name} ({exc.strerror}): run this as the user who owns it, "
            f"or choose another data directory."
        ) from exc
    try:
        _own(descriptor, directory, user)
    finally:
        os.close(descriptor)


def _own(descriptor: int, directory: Path, user: SystemUser) -> None:
    status = os.fstat(descriptor)
    if status.st_uid not in (user.uid, os.geteuid()):
        raise ClusterUnavailable(
            f"{directory} belongs to user {_user(status.st_uid, status.st_gid).name}, and PostgreSQL would run as "
            f"{user.name}: run this as that user, or give {user.name} the directory."
        )
    if status.st_uid != user.uid:
        os.fchown(descriptor, user.uid, user.gid)
        _own_contents(directory, user)
    if stat.S_IMODE(status.st_mode) != 0o700:
        os.fchmod(descriptor, 0o700)


def _own_contents(directory: Path, user: SystemUser) -> None:
    """A backup that root restored belongs to root."""
    for path in directory.rglob("*"):
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def _make_shared_home(data: Path, user: SystemUser, closed: Path) -> Path:
    clusters = SHARED_DIRECTORY / "clusters"
    for directory in (SHARED_DIRECTORY, clusters):
        directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        _let_pass(directory, user)
    # A random name, not one made from the path: a data directory deleted and made again must not find its old cluster.
    directory = clusters / os.urandom(8).hex()
    directory.mkdir()
    directory.chmod(0o711)
    (directory / "data").symlink_to(data)
    if _record(data, directory, f"user {user.name} cannot enter {closed}"):
        return directory
    shutil.rmtree(directory)
    return _recorded(data) or data


def _record(data: Path, directory: Path, reason: str) -> bool:
    """Write `pg.json`; False where another process was first."""
    draft = data / f".pg.json.{os.urandom(4).hex()}"
    draft.write_text(json.dumps({"home": str(directory), "reason": reason}) + "\n", encoding="utf-8")
    try:
        os.link(draft, data / "pg.json")
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _recorded(data: Path) -> Path | None:
    """The home that `pg.json` names, found to be there and this data directory's own."""
    directory = _noted(data)
    if directory is None:
        return None
    if not directory.is_dir():
        raise ClusterUnavailable(
            f"{data / 'pg.json'} says that the database is in {directory}, which is not there: restore that directory, "
            f"or delete pg.json to begin with an empty database."
        )
    _refuse_copy(data, directory)
    return directory


def _noted(data: Path) -> Path | None:
    try:
        return Path(json.loads((data / "pg.json").read_text(encoding="utf-8"))["home"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as exc:
        raise ClusterUnavailable(f"{data / 'pg.json'} cannot be read: {exc}.") from exc


def _refuse_copy(data: Path, directory: Path) -> None:
    """A data directory may be moved; a copy would share the database, but not the pictures, of its original."""
    original = (directory / "data").readlink()
    if _noted(original) == directory and not original.samefile(data):
        raise ClusterUnavailable(
            f"{data} is a copy of {original}, and both name the database in {directory}: delete {data / 'pg.json'} to "
            f"begin with an empty database there."
        )


def _user_for(home: Path) -> SystemUser:
    """Who is to run the cluster of this home for root: an ordinary user who owns it, else the service user."""
    if (home / "pg").exists() and (status := (home / "pg").stat()).st_uid != 0:
        return _user(status.st_uid, status.st_gid)
    status = home.stat()
    owner = _user(status.st_uid, status.st_gid)
    # initdb does not run as a user without a name.
    return owner if owner.uid != 0 and owner.name != str(owner.uid) else _service_user()


def _user(uid: int, gid: int) -> SystemUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return SystemUser(str(uid), uid, gid, ())
    return _user_from(entry)


def _user_from(entry: pwd.struct_passwd) -> SystemUser:
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(groups))


def _service_user() -> SystemUser:
    for name in (SERVICE_USER, "nobody"):
        with contextlib.suppress(KeyError):
            return _user_from(pwd.getpwnam(name))
        if name == SERVICE_USER and _add_service_user():
            return _user_from(pwd.getpwnam(name))
    raise ClusterUnavailable("PostgreSQL does not run as root, and there is no user `cavendish` or `nobody` to run it.")


def _add_service_user() -> bool:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return False
    command = [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER]
    # On a system that cannot be written to there is still `nobody`.
    with contextlib.suppress(OSError, subprocess.TimeoutExpired), _one_at_a_time():
        if not _there(SERVICE_USER):
            subprocess.run(command, capture_output=True, timeout=_USERADD_SECONDS, check=False)
    return _there(SERVICE_USER)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two `useradd` at once both succeed: the second writes the user anew, with another uid than the first one told."""
    SHARED_DIRECTORY.mkdir(mode=0o711, parents=True, exist_ok=True)
    descriptor = os.open(SHARED_DIRECTORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # ends with `useradd`, which has its own time limit
        yield
    finally:
        os.close(descriptor)


def _there(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
