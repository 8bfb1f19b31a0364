"""Files: crashes between the steps of a write, disks that fail, links and foreign files in the directory."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from cavendish import ids
from cavendish.storage.base import StorageError
from cavendish.storage.local import LocalStorage

pytestmark = pytest.mark.anyio

NAME = "ab" + "0" * 30 + "-1.png"

_CRASHING_WRITER = """
import os, sys
from pathlib import Path
from cavendish.storage.local import LocalStorage

step, root = sys.argv[1], Path(sys.argv[2])
storage = LocalStorage(root)
storage._open(None)
real = getattr(os, step)
def crash(*arguments, **options):
    if sys.argv[3] == "after":
        real(*arguments, **options)
    os._exit(9)
setattr(os, step, crash)
storage._put(sys.argv[4], b"x" * 300_000)
"""


def _files(root: Path, folder: str) -> list[str]:
    return sorted(str(path.relative_to(root / folder)) for path in (root / folder).rglob("*") if path.is_file())


async def _opened(root: Path) -> LocalStorage:
    storage = LocalStorage(root)
    await storage.open(None)
    return storage


async def _names(storage: LocalStorage) -> set[str]:
    return {name async for batch in storage.names(older_than_seconds=-1) for name in batch}


@pytest.mark.parametrize(
    ("step", "when", "stored"), [("fsync", "before", False), ("rename", "before", False), ("rename", "after", True)]
)
async def test_a_writer_that_dies_leaves_a_whole_picture_or_none(
    tmp_path: Path, step: str, when: str, stored: bool
) -> None:
    # Folders exist already, so that the first fsync is the picture's own.
    storage = await _opened(tmp_path)
    await storage.put(NAME, b"old")
    await storage.delete(NAME)

    died = subprocess.run(
        [sys.executable, "-c", _CRASHING_WRITER, step, str(tmp_path), when, NAME], timeout=60, check=False
    )

    assert died.returncode == 9
    assert await storage.read(NAME) == (b"x" * 300_000 if stored else None)
    assert await _names(storage) == ({NAME} if stored else set())
    assert await storage.clean(older_than_seconds=3600) == 0, "a write under way is not a leftover"
    assert await storage.clean(older_than_seconds=-1) == (0 if stored else 1)
    assert _files(tmp_path, "tmp") == []


async def test_a_picture_is_on_the_disk_before_its_name_is_and_its_name_before_put_returns(
    tmp_path: Path, monkeypatch
) -> None:
    storage, steps = await _opened(tmp_path), []
    await storage.put(NAME, b"makes the folders")
    real = {name: getattr(os, name) for name in ("fsync", "rename")}

    def fsync(descriptor: int) -> None:
        steps.append("flush folder" if Path(f"/proc/self/fd/{descriptor}").is_dir() else "flush file")
        real["fsync"](descriptor)

    def rename(source, target, **folders) -> None:
        steps.append("rename")
        real["rename"](source, target, **folders)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    await storage.put(NAME, b"picture")

    assert steps == ["flush file", "rename", "flush folder"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EACCES])
@pytest.mark.parametrize("step", ["fsync", "rename"])
async def test_a_disk_that_fails_is_a_storage_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch, code: int, step: str
) -> None:
    storage = await _opened(tmp_path)
    await storage.put(NAME, b"makes the folders")
    await storage.delete(NAME)

    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(os, step, fails)
        with pytest.raises(StorageError, match=os.strerror(code)):
            await storage.put(NAME, b"picture")

    assert await storage.read(NAME) is None
    assert _files(tmp_path, "tmp") == []
    await storage.put(NAME, b"picture")  # the disk recovered: no restart is needed
    assert await storage.read(NAME) == b"picture"


async def test_a_disk_that_is_really_full_is_a_storage_error(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        storage = await _opened(tmp_path)
        with pytest.raises(StorageError, match="No space left"):
            await storage.put(NAME, b"x" * 2_000_000)

        assert await storage.read(NAME) is None
        assert _files(tmp_path, "tmp") == []
        await storage.put(NAME, b"x" * 1000)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_directory_that_cannot_be_read_is_a_storage_error_for_the_sweep(tmp_path: Path, monkeypatch) -> None:
    storage = await _opened(tmp_path)
    await storage.put(NAME, b"picture")

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "scandir", fails)
        broken.setattr(Path, "iterdir", fails)
        with pytest.raises(StorageError):
            await _names(storage)
        with pytest.raises(StorageError):
            await storage.clean(older_than_seconds=0)


async def test_a_file_where_a_directory_should_be_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("not a directory")
    storage = LocalStorage(tmp_path / "store")

    for known in (None, "a" * 32):
        with pytest.raises(StorageError):
            await storage.open(known)


async def test_foreign_files_are_neither_listed_nor_touched(tmp_path: Path) -> None:
    storage = await _opened(tmp_path)
    await storage.put(NAME, b"picture")
    folder = storage.local_path(NAME).parent
    (folder / "README.txt").write_text("an operator's note")
    (folder / "sub").mkdir()
    (tmp_path / "generations" / "loose.png").write_text("x")

    assert await _names(storage) == {NAME}
    await storage.clean(older_than_seconds=-1)
    assert (folder / "README.txt").exists()


async def test_a_link_in_the_store_is_deleted_itself_and_its_target_stays(tmp_path: Path) -> None:
    storage = await _opened(tmp_path / "store")
    await storage.put(NAME, b"makes the folders")
    await storage.delete(NAME)
    outside = tmp_path / "outside"
    outside.write_bytes(b"not ours")
    storage.local_path(NAME).symlink_to(outside)

    await storage.delete(NAME)

    assert not storage.local_path(NAME).is_symlink()
    assert outside.read_bytes() == b"not ours"


async def test_a_put_replaces_a_link_instead_of_writing_through_it(tmp_path: Path) -> None:
    storage = await _opened(tmp_path / "store")
    await storage.put(NAME, b"makes the folders")
    await storage.delete(NAME)
    outside = tmp_path / "outside"
    outside.write_bytes(b"not ours")
    storage.local_path(NAME).symlink_to(outside)

    await storage.put(NAME, b"picture")

    assert await storage.read(NAME) == b"picture"
    assert outside.read_bytes() == b"not ours"


async def test_a_dangling_link_stops_no_sweep(tmp_path: Path) -> None:
    storage = await _opened(tmp_path)
    await storage.put(NAME, b"picture")
    other = ids.new_image_name(fence=1, media_type="image/png")
    storage.local_path(NAME).with_name(other).symlink_to(tmp_path / "nowhere")

    assert NAME in await _names(storage)


async def test_two_processes_that_start_at_once_agree_on_the_identity(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cavendish.storage.local import LocalStorage;"
        "print(LocalStorage(Path(sys.argv[1]))._open(None))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new")], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    found = {(await asyncio.to_thread(process.communicate, timeout=60))[0].strip() for process in started}

    assert len(found) == 1
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["storage-id"], "no leftovers of the race"


async def test_a_file_is_as_old_as_its_last_change(tmp_path: Path) -> None:
    storage = await _opened(tmp_path)
    await storage.put(NAME, b"picture")
    long_ago = time.time() - 3600
    os.utime(storage.local_path(NAME), (long_ago, long_ago))

    old = [name async for batch in storage.names(older_than_seconds=1800) for name in batch]
    older = [name async for batch in storage.names(older_than_seconds=7200) for name in batch]

    assert (old, older) == ([NAME], [])


@pytest.mark.parametrize(
    ("counted", "free"),
    [
        ({}, 12_000),
        ({"f_bavail": 0}, 0),
        ({"f_favail": 0}, 0),
        ({"f_favail": 0, "f_files": 0}, 12_000),  # file systems without a table of files
        ({"f_blocks": 0}, None),  # those that count nothing
    ],
)
async def test_room_is_what_is_left_of_blocks_and_of_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, counted: dict[str, int], free: int | None
) -> None:
    usual = {"f_blocks": 100, "f_bavail": 3, "f_frsize": 4000, "f_files": 10, "f_favail": 5}
    monkeypatch.setattr(os, "statvfs", lambda folder: SimpleNamespace(**{**usual, **counted}))

    assert await LocalStorage(tmp_path).free_bytes() == free


async def test_the_room_of_a_storage_that_is_gone_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be used"):
        await LocalStorage(tmp_path / "gone").free_bytes()
