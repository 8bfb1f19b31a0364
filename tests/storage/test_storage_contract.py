"""What every storage promises, over every module in `cavendish/storage`."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from storage_helpers import MAKERS, MODULES

from cavendish import ids
from cavendish.storage.base import Storage, StorageError, StorageMissing

pytestmark = pytest.mark.anyio

FOREIGN_NAMES = (
    "",
    "storage-id",
    "../../etc/passwd",
    "0" * 32 + "-1.png/../../x",
    "0" * 32 + "-1.svg",
    "0" * 32 + "-1.png\0",
    "0" * 32 + "-1.png\n",
    "/" + "0" * 31 + "-1.png",
    "A" * 32 + "-1.png",
)


def _name(*, fence: int = 1) -> str:
    return ids.new_image_name(fence=fence, media_type="image/png")


async def _all_names(storage: Storage, *, older_than_seconds: float = -1) -> set[str]:
    return {name async for batch in storage.names(older_than_seconds=older_than_seconds) for name in batch}


async def test_every_storage_module_is_under_this_contract() -> None:
    assert set(MAKERS) == set(MODULES)


async def test_what_was_put_is_read_back_by_anybody(storage: Storage, make: Callable[[], Storage]) -> None:
    name, data = _name(), os.urandom(300_000)

    await storage.put(name, data)

    other = make()
    await other.open(None)
    assert await other.read(name) == data


async def test_a_missing_name_reads_as_none(storage: Storage) -> None:
    assert await storage.read(_name()) is None


async def test_deleting_twice_is_fine(storage: Storage) -> None:
    name = _name()
    await storage.put(name, b"picture")

    await storage.delete(name)
    await storage.delete(name)

    assert await storage.read(name) is None


async def test_deleting_what_never_was_is_fine(storage: Storage) -> None:
    await storage.delete(_name())


async def test_many_puts_at_once_all_arrive_whole(storage: Storage) -> None:
    pictures = {_name(fence=number): bytes([number]) * 100_000 for number in range(1, 41)}

    await asyncio.gather(*(storage.put(name, data) for name, data in pictures.items()))

    assert await _all_names(storage) == set(pictures)
    for name, data in pictures.items():
        assert await storage.read(name) == data


async def test_puts_of_one_name_at_once_leave_one_whole_picture(storage: Storage) -> None:
    name = _name()
    versions = [bytes([number]) * 200_000 for number in range(8)]

    await asyncio.gather(*(storage.put(name, data) for data in versions))

    assert await storage.read(name) in versions
    assert await storage.clean(older_than_seconds=-1) == 0


async def test_a_reader_sees_a_whole_picture_or_none_while_it_is_written(storage: Storage) -> None:
    name, data = _name(), os.urandom(2_000_000)
    seen: set[int] = set()

    async def look() -> None:
        while len(data) not in seen:
            found = await storage.read(name)
            seen.add(len(found) if found is not None else -1)

    async with asyncio.timeout(10):
        await asyncio.gather(look(), storage.put(name, data))

    assert seen <= {-1, len(data)}


async def test_an_empty_storage_has_no_names_and_nothing_to_clean(storage: Storage) -> None:
    assert await _all_names(storage) == set()
    assert await storage.clean(older_than_seconds=-1) == 0


async def test_names_are_told_by_their_age(storage: Storage) -> None:
    name = _name()
    await storage.put(name, b"picture")

    assert await _all_names(storage, older_than_seconds=60) == set()
    assert await _all_names(storage, older_than_seconds=-1) == {name}


@pytest.mark.parametrize("ahead_seconds", [7200, -7200])
async def test_ages_are_the_storages_own_whatever_this_process_takes_for_the_time(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, ahead_seconds: float
) -> None:
    name, now = _name(), time.time
    await storage.put(name, b"picture")
    monkeypatch.setattr(time, "time", lambda: now() + ahead_seconds)

    assert await _all_names(storage, older_than_seconds=3600) == set()
    assert await _all_names(storage, older_than_seconds=-3600) == {name}


async def test_names_come_in_batches_and_miss_nothing(storage: Storage, monkeypatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # not about durability, and 500 flushes take seconds
    prefix = "ab"
    wanted = {prefix + _name()[2:] for _ in range(501)}
    for name in wanted:
        await storage.put(name, b"x")

    batches = [batch async for batch in storage.names(older_than_seconds=-1)]

    assert {name for batch in batches for name in batch} == wanted
    assert max(map(len, batches)) <= 500


@pytest.mark.parametrize("name", FOREIGN_NAMES)
async def test_foreign_names_are_refused(storage: Storage, name: str) -> None:
    with pytest.raises(StorageError):
        await storage.put(name, b"x")
    with pytest.raises(StorageError):
        await storage.delete(name)

    assert await storage.read(name) is None
    assert storage.local_path(name) is None


async def test_the_identity_is_kept_and_the_same_for_all(storage: Storage, make: Callable[[], Storage]) -> None:
    first = await storage.open(None)
    others = await asyncio.gather(*(make().open(known) for known in (None, first, "another") for _ in range(4)))

    assert len(first) == 32
    assert set(others) == {first}


async def test_processes_that_race_for_the_identity_agree(make: Callable[[], Storage]) -> None:
    found = await asyncio.gather(*(make().open(None) for _ in range(16)))

    assert len(set(found)) == 1
    assert await make().open(None) == found[0]


async def test_a_storage_that_is_known_is_never_made(make: Callable[[], Storage]) -> None:
    with pytest.raises(StorageMissing):
        await make().open("a" * 32)

    assert await make().open(None) != "a" * 32, "nothing was there, and nothing was left there"


async def test_only_the_storage_that_was_opened_is_used(storage: Storage, make: Callable[[], Storage]) -> None:
    """Neither before it was opened, nor where another one than the known is there."""
    unopened, foreign = make(), make()
    await foreign.open("a" * 32)
    name = _name()
    for wrong in (unopened, foreign):
        with pytest.raises(StorageMissing):
            await wrong.verify()
        with pytest.raises(StorageMissing):
            await wrong.put(name, b"picture")
        with pytest.raises(StorageMissing):
            await wrong.read(name)
        with pytest.raises(StorageMissing):
            await wrong.delete(name)
        with pytest.raises(StorageMissing):
            await _all_names(wrong)
        with pytest.raises(StorageMissing):
            await wrong.clean(older_than_seconds=-1)

    await storage.verify()
    assert await _all_names(storage) == set()


async def test_it_says_how_much_room_is_left(storage: Storage, tmp_path: Path) -> None:
    await storage.open(None)

    free = await storage.free_bytes()

    assert free is None or abs(free - shutil.disk_usage(tmp_path).free) < 2**30  # others write meanwhile
