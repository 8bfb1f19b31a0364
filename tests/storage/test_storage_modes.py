"""Who on the machine may read stored files: the service's user, and one group where the settings name it."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cavendish.errors import ConfigurationError
from cavendish.storage.local import LocalStorage

pytestmark = pytest.mark.anyio

NAME = "ab" + "0" * 30 + "-1.png"
UPLOAD = "cd" + "0" * 30 + "-0.png"


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct, autouse=True)
def _any_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def group() -> str:
    """A group of this user's; where there may be any, one that is not the user's first."""
    if os.geteuid() == 0:
        return grp.getgrgid(next(entry.gr_gid for entry in grp.getgrall() if entry.gr_gid != os.getegid())).gr_name
    return grp.getgrgid((os.getgroups() or [os.getegid()])[-1]).gr_name


async def _filled(root: Path, *, group: str = "") -> LocalStorage:
    storage = LocalStorage(root, group=group)
    await storage.open(None)
    await storage.put(NAME, b"picture")
    await storage.put(UPLOAD, b"what somebody sent")
    return storage


def _modes(root: Path) -> dict[str, str]:
    """By path, with the root as an empty one."""
    found = [root, *root.rglob("*")]
    return {str(path.relative_to(root)): oct(stat.S_IMODE(path.stat().st_mode)) for path in found}


def _tree(folders: str, files: str) -> dict[str, str]:
    named = (".", "generations", "generations/ab", "generations/cd", "tmp")
    return {
        **dict.fromkeys(named, folders),
        **dict.fromkeys((f"generations/ab/{NAME}", f"generations/cd/{UPLOAD}"), files),
        "storage-id": "0o600",
    }


async def test_nobody_else_may_look(tmp_path: Path) -> None:
    await _filled(tmp_path / "store")

    assert _modes(tmp_path / "store") == _tree("0o700", "0o600")


async def test_one_group_may_look_and_not_write(tmp_path: Path, group: str) -> None:
    root = tmp_path / "store"
    await _filled(root, group=group)

    assert _modes(root) == {**_tree("0o2750", "0o640"), ".": "0o750"}
    outside = {"storage-id", "."}
    assert {path.group() for path in root.rglob("*") if path.name not in outside} == {group}
    assert root.group() == group


async def test_a_write_under_way_is_closed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, seen = await _filled(tmp_path / "store"), set()
    flush = os.fsync

    def watched(descriptor: int) -> None:
        seen.update(_modes(tmp_path / "store" / "tmp").items())
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    await storage.put(NAME, b"another")

    assert {mode for _, mode in seen} == {"0o700", "0o600"} and len(seen) > 1


@pytest.mark.parametrize("known", [False, True], ids=["as if first", "again"])
async def test_what_an_earlier_release_left_open_is_closed_at_the_start(tmp_path: Path, known: bool) -> None:
    """By its two folders: no file in them can be reached any more."""
    root = tmp_path / "store"
    before = await _filled(root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)

    await LocalStorage(root).open(await before.open(None) if known else None)

    modes = _modes(root)
    assert (modes["generations"], modes["tmp"]) == ("0o700", "0o700")
    assert modes["."] == "0o755", "others may have files of their own there"


async def test_a_group_that_is_set_later_reaches_what_comes_from_then_on(tmp_path: Path, group: str) -> None:
    root = tmp_path / "store"
    await _filled(root)
    storage = LocalStorage(root, group=group)
    await storage.open(None)
    later = "ab" + "1" * 30 + "-1.png"
    await storage.put(later, b"picture")

    modes = _modes(root)
    assert modes["."] == "0o750"
    assert {modes[name] for name in ("generations", "generations/ab", "generations/cd", "tmp")} == {"0o2750"}
    assert modes[f"generations/ab/{later}"] == "0o640"
    for path in (root, root / "generations", root / "generations" / "ab", root / "generations" / "ab" / later):
        assert path.group() == group


async def test_a_storage_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    await _filled(tmp_path / "store")
    (tmp_path / "store" / "generations").chmod(0o755)

    await LocalStorage(tmp_path / "store").open("a" * 32)

    assert _modes(tmp_path / "store")["generations"] == "0o755"


async def test_a_group_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"CAVENDISH_STORAGE_GROUP.*no-such-group"):
        await LocalStorage(tmp_path / "store", group="no-such-group").open(None)

    assert not (tmp_path / "store").exists()


async def test_a_group_may_be_a_number(tmp_path: Path, group: str) -> None:
    root = tmp_path / "store"
    await _filled(root, group=str(grp.getgrnam(group).gr_gid))

    assert (root / "generations").group() == group


async def test_a_group_that_the_user_may_not_give_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", forbidden)
    with pytest.raises(ConfigurationError, match="CAVENDISH_STORAGE_GROUP.*must be a member"):
        await LocalStorage(tmp_path / "store", group=str(os.getegid())).open(None)


async def test_folders_that_cannot_be_closed_are_told_and_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They belong to another user, or the file system knows no modes."""
    await _filled(tmp_path / "store")
    (tmp_path / "store" / "generations").chmod(0o755)

    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", forbidden)
    with capture_logs() as lines:
        again = LocalStorage(tmp_path / "store")
        await again.open(None)
        await again.put("ef" + NAME[2:], b"stored all the same")

    assert [(line["log_level"], line["event"]) for line in lines] == [("warning", "storage stays open to other users")]
