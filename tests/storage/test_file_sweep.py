"""Files and rows agree: orphans go, running writes stay, retention marks before it deletes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cavendish import bootstrap, ids
from cavendish import settings as configuration
from cavendish.application.work import settle, sweep
from cavendish.errors import ConfigurationError
from cavendish.settings import Settings
from cavendish.storage.base import StorageError
from cavendish.storage.local import LocalStorage
from cavendish.stores.generations import Claim
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


async def _picture(app: App, **fields: object) -> tuple[str, str]:
    """A completed generation of a new account: its id and file name."""
    account = await app.account()
    answer = await app.ended(account, await app.submit(account, **fields))
    assert answer["status"] == "completed"
    return answer["generationId"], answer["imageUrl"].rsplit("/", 1)[1]


def _age(path: Path | None, seconds: float) -> None:
    assert path is not None
    os.utime(path, (time.time() - seconds,) * 2)


async def test_the_sweep_deletes_only_what_no_generation_names_and_no_writer_is_at(app: App) -> None:
    await app.start_worker()
    _, kept = await _picture(app)
    storage, temporary = app.services.storage, app.settings.storage_root / "tmp"
    orphan, fresh = (ids.new_image_name(fence=1, media_type="image/png") for _ in range(2))
    await storage.put(orphan, b"left by a killed worker")
    await storage.put(fresh, b"its generation completes in a moment")
    (temporary / f"{orphan}.half").write_bytes(b"left by a killed worker")
    (temporary / f"{fresh}.half").write_bytes(b"being written")
    for path in (storage.local_path(kept), storage.local_path(orphan), temporary / f"{orphan}.half"):
        _age(path, 2000)

    await sweep.sweep_files(app.services)

    assert await storage.read(kept) is not None
    assert await storage.read(orphan) is None
    assert await storage.read(fresh) is not None
    assert [path.name for path in temporary.iterdir()] == [f"{fresh}.half"]


@pytest.mark.parametrize("options", [{"orphan_seconds": "1", "deadline_seconds": "3600"}])
async def test_a_picture_is_no_orphan_while_its_generation_may_still_take_it(app: App) -> None:
    """A worker may have stored it and wait for a database that is away: until the deadline, and some."""
    waiting = ids.new_image_name(fence=1, media_type="image/png")
    await app.services.storage.put(waiting, b"settles when the database is back")
    _age(app.services.storage.local_path(waiting), 3000)

    await sweep.sweep_files(app.services)

    assert await app.services.storage.read(waiting) is not None


@contextlib.asynccontextmanager
async def _waiting_to_be_settled(app: App) -> AsyncIterator[tuple[Account, str, Path]]:
    """A picture that is stored while its completion waits for the account's row; the lock goes with the block."""
    account = await app.account(credits=100)
    generation_id = await app.submit(account, prompt="sleep=0.3")
    async with app.services.db.transaction() as transaction:
        await transaction.execute("SELECT FROM cavendish.accounts WHERE id = $1 FOR UPDATE", account.id)
        await app.start_worker()
        async with asyncio.timeout(10):
            while not await app.services.db.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                await asyncio.sleep(0.01)
        [picture] = (app.settings.storage_root / "generations").glob("*/*")
        yield account, generation_id, picture


async def _is_whole(app: App, account: Account, generation_id: str) -> bool:
    answer = await app.ended(account, generation_id)
    assert (answer["status"], answer["creditsCharged"]) == ("completed", 4)
    return (await app.client.get(answer["imageUrl"])).status_code == 200


async def test_a_worker_whose_clock_runs_ahead_deletes_no_picture_that_waits_to_be_settled(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    async with _waiting_to_be_settled(app) as (account, generation_id, _):
        with monkeypatch.context() as skewed:
            skewed.setattr(time, "time", lambda: now() + 3600)
            await sweep.sweep_files(app.services)

    assert await _is_whole(app, account, generation_id)


async def test_a_picture_whose_claim_is_open_stays_however_old_it_looks(app: App) -> None:
    """Some shared file systems stamp a file with its writer's clock, which may be behind."""
    async with _waiting_to_be_settled(app) as (account, generation_id, picture):
        _age(picture, 7200)
        await sweep.sweep_files(app.services)

    assert await _is_whole(app, account, generation_id)


async def test_the_picture_of_an_earlier_claim_stays_too(app: App) -> None:
    """The first that delivers wins: a worker that froze may yet complete with what it stored."""
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    claims = [await _claimed(app, generation_id) for _ in range(2)]
    names = [ids.image_name(claim.picture_stem, fence=claim.fence, media_type="image/png") for claim in claims]
    for name in names:
        await app.services.storage.put(name, b"picture")
        _age(app.services.storage.local_path(name), 7200)

    await sweep.sweep_files(app.services)
    assert [await app.services.storage.read(name) for name in names] == [b"picture"] * 2
    assert await settle.fail(app.services, claims[1], error="enough", error_code="GENERATION_FAILED")
    await sweep.sweep_files(app.services)

    assert [await app.services.storage.read(name) for name in names] == [None] * 2


async def test_a_stem_is_random_and_stays_over_all_claims(app: App) -> None:
    account = await app.account(credits=100)
    claims = [[await _claimed(app, one) for _ in range(3)] for one in [await app.submit(account) for _ in range(3)]]

    stems = [{claim.picture_stem for claim in of_one} for of_one in claims]

    assert [len(of_one) for of_one in stems] == [1, 1, 1]
    assert len(set.union(*stems)) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", stem) for of_one in stems for stem in of_one)


async def _claimed(app: App, generation_id: str) -> Claim:
    claim = await claim_one(app.services.db, generation_id)
    assert claim is not None
    return claim


@pytest.mark.parametrize("options", [{"keep_images": "30d"}])
async def test_retention_deletes_old_pictures_and_the_answers_say_so(app: App) -> None:
    await app.start_worker()
    account = await app.account()
    old_id = await app.submit(account)
    old = (await app.ended(account, old_id))["imageUrl"].rsplit("/", 1)[1]
    await app.stop_worker()
    await app.shift_clock("31 days")
    await app.start_worker()
    new_id = await app.submit(account)
    new = (await app.ended(account, new_id))["imageUrl"].rsplit("/", 1)[1]

    await sweep.sweep_files(app.services)

    assert await app.services.storage.read(old) is None
    assert await app.services.storage.read(new) is not None
    answer = await app.check(account, old_id)
    assert (answer.status_code, answer.json()["errorCode"]) == (200, "EXPIRED")
    assert "imageUrl" not in answer.json()
    assert (await app.client.get(f"/generations/{old}")).status_code == 410
    assert (await app.client.get(f"/generations/{new}")).status_code == 200
    assert await app.entries(old_id) == ["hold", "capture"], "a picture that had its time was paid for"


@pytest.mark.parametrize("options", [{"keep_images": "30d"}])
async def test_a_picture_is_marked_before_it_goes_so_a_failed_delete_is_made_up_later(app: App, monkeypatch) -> None:
    await app.start_worker()
    generation_id, name = await _picture(app)
    await app.stop_worker()
    await app.shift_clock("31 days")

    async def fails(_: str) -> None:
        raise StorageError("the storage is away")

    with monkeypatch.context() as broken:
        broken.setattr(type(app.services.storage), "delete", lambda self, name: fails(name))
        with pytest.raises(StorageError):
            await sweep.sweep_files(app.services)

    assert (await app.row(generation_id))["image_deleted_at"] is not None
    assert await app.services.storage.read(name) is not None
    _age(app.services.storage.local_path(name), 2000)
    await sweep.sweep_files(app.services)
    assert await app.services.storage.read(name) is None


async def test_without_retention_pictures_stay_for_ever(app: App) -> None:
    await app.start_worker()
    _, name = await _picture(app)
    await app.stop_worker()
    await app.shift_clock("10 years")
    _age(app.services.storage.local_path(name), 10 * 365 * 86400)

    await sweep.sweep_files(app.services)

    assert await app.services.storage.read(name) is not None


def _elsewhere(app: App, folder: Path) -> Settings:
    """The settings of a second machine: the same database, another data directory."""
    flags = {"data": str(folder), "database_url": app.settings.database_url, "routes": "nano-banana-2=instant"}
    return configuration.load(flags, environment={})


async def test_a_storage_of_another_database_is_refused_at_the_start(app: App, tmp_path: Path) -> None:
    elsewhere = _elsewhere(app, tmp_path / "second machine")
    await LocalStorage(elsewhere.storage_root).open(None)

    with pytest.raises(ConfigurationError, match="does not belong to this database.*CAVENDISH_STORAGE_URL"):
        async with bootstrap.services(elsewhere):
            pass


@pytest.mark.parametrize("there", [False, True], ids=["nothing", "empty"])
async def test_where_no_storage_is_the_start_makes_none(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """An unmounted share, or a second machine with a directory of its own."""
    monkeypatch.setattr(bootstrap, "START_SECONDS", 0.0)
    root = _elsewhere(app, tmp_path / "second machine").storage_root
    if there:
        root.mkdir(parents=True)

    with pytest.raises(ConfigurationError, match="is missing.*mount it there, or set CAVENDISH_STORAGE_URL"):
        async with bootstrap.services(_elsewhere(app, tmp_path / "second machine")):
            pass

    assert list(root.parent.rglob("*")) == [root] * there


async def test_a_mount_that_is_late_is_waited_for(app: App, tmp_path: Path) -> None:
    elsewhere = _elsewhere(app, tmp_path / "second machine")

    async def mounted() -> None:
        elsewhere.data.mkdir()
        elsewhere.storage_root.symlink_to(app.settings.storage_root)

    async with asyncio.timeout(bootstrap.START_SECONDS / 8):
        mounting = asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(mounted()))
        async with bootstrap.services(elsewhere) as services:
            await services.storage.verify()
    assert mounting.when() <= asyncio.get_running_loop().time()


async def test_the_same_storage_is_taken_again(app: App) -> None:
    async with bootstrap.services(app.settings) as again:
        assert await again.storage.open(None) == await app.services.storage.open(None)


@pytest.mark.parametrize("options", [{"deadline_seconds": "1.5", "wake_seconds": "0.2"}])
async def test_a_full_disk_costs_nobody_credits_and_is_over_when_there_is_room(app: App, monkeypatch) -> None:
    account = await app.account(credits=10)
    await app.start_worker()

    async def full(*_: object) -> None:
        raise StorageError("the picture cannot be stored: No space left on device")

    monkeypatch.setattr("cavendish.application.work.keeping._STORAGE_SECONDS", 0.05)
    with monkeypatch.context() as broken:
        broken.setattr(type(app.services.storage), "put", full)
        answer = await app.ended(account, await app.submit(account))

    assert (answer["status"], answer["errorCode"]) == ("failed", "EXPIRED")
    assert "No space" not in answer["error"]
    assert await app.balance(account) == (10, 0)
    assert (await app.ended(account, await app.submit(account)))["status"] == "completed"


async def test_trouble_in_a_sweep_ends_one_round_only(app: App, monkeypatch) -> None:
    rounds = []

    async def breaks(_: object) -> None:
        rounds.append(1)
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(sweep, "once", breaks)
    services = dataclasses.replace(app.services, settings=dataclasses.replace(app.settings, sweep_seconds=0.01))
    task = asyncio.create_task(sweep.run(services))
    async with asyncio.timeout(5):
        while len(rounds) < 3:
            await asyncio.sleep(0.01)
    task.cancel()

    assert not task.done()
