"""The mount goes away, or another one comes in its place: whatever is asked says so, and nothing lands beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cavendish.storage.base import StorageMissing
from cavendish.storage.local import LocalStorage
from harness.lost_storage import WAYS, LosableRoot

pytestmark = pytest.mark.anyio

NAME = "ab" + "0" * 30 + "-1.png"
OTHER = "cd" + "0" * 30 + "-1.png"


@pytest.fixture(params=WAYS)
def losable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LosableRoot]:
    found = LosableRoot(tmp_path / "store", request.param)
    with found.standing():
        yield found


@pytest.fixture
async def storage(losable: LosableRoot) -> LocalStorage:
    """With one picture in it, so that all folders are there."""
    made = LocalStorage(losable.root)
    await made.open(None)
    await made.put(NAME, b"picture")
    return made


async def _names(storage: LocalStorage) -> set[str]:
    return {name async for batch in storage.names(older_than_seconds=-1) for name in batch}


async def test_nothing_is_done_while_it_is_away_and_all_is_well_when_it_is_back(
    losable: LosableRoot, storage: LocalStorage
) -> None:
    with losable.lost():
        with pytest.raises(StorageMissing, match="no storage-id"):
            await storage.verify()
        with pytest.raises(StorageMissing):
            await storage.put(OTHER, b"paid for")
        with pytest.raises(StorageMissing):
            await storage.delete(NAME)
        with pytest.raises(StorageMissing):
            await _names(storage)
        with pytest.raises(StorageMissing):
            await storage.clean(older_than_seconds=-1)
        assert losable.beside() == []

    await storage.verify()
    await storage.put(OTHER, b"paid for")
    assert await _names(storage) == {NAME, OTHER}


async def test_a_picture_that_is_away_is_not_taken_for_lost(losable: LosableRoot, storage: LocalStorage) -> None:
    with losable.lost():
        for name in (NAME, OTHER):
            with pytest.raises(StorageMissing):
                await storage.read(name)

    assert await storage.read(NAME) == b"picture"
    assert await storage.read(OTHER) is None


async def test_a_root_that_is_gone_is_not_made_again(losable: LosableRoot, storage: LocalStorage) -> None:
    losable.lose()
    losable.root.rmdir()

    with pytest.raises(StorageMissing, match="no such directory"):
        await storage.put(OTHER, b"paid for")

    assert not losable.root.exists()
    losable.root.mkdir()
    losable.find()


@pytest.mark.parametrize("step", ["mkdir", "fsync", "rename"])
async def test_a_mount_that_goes_away_during_a_write_has_not_taken_the_picture(
    losable: LosableRoot, storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """What was opened is still written to, so it comes back with the mount; but now nobody could read it."""
    real = getattr(os, step)

    def loses(*arguments: object, **options: object) -> object:
        monkeypatch.undo()
        losable.lose()
        return real(*arguments, **options)

    monkeypatch.setattr(os, step, loses)
    with pytest.raises(StorageMissing, match="during a write"):
        await storage.put(OTHER, b"paid for")

    assert losable.beside() == []
    losable.find()
    await storage.put(OTHER, b"paid for")  # as the worker does, until it is kept
    assert await _names(storage) == {NAME, OTHER}
    assert os.listdir(losable.root / "tmp") == []


async def test_another_storage_in_its_place_is_neither_written_nor_swept(
    losable: LosableRoot, storage: LocalStorage, tmp_path: Path
) -> None:
    foreign = LocalStorage(losable.root)
    with losable.lost():
        await foreign.open(None)
        await foreign.put(OTHER, b"somebody else's")

        with pytest.raises(StorageMissing, match="another storage"):
            await storage.put(NAME, b"paid for")
        with pytest.raises(StorageMissing):
            await storage.delete(OTHER)
        with pytest.raises(StorageMissing):
            await _names(storage)
        assert await _names(foreign) == {OTHER}
