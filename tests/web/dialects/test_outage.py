"""While the database is away: polls answer what is known, nothing is lost or charged twice, and it mends by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cavendish import settings as configuration
from cavendish.errors import ServiceBusy
from harness import expect
from harness.inprocess import PATH, App
from harness.proxy import Proxy

pytestmark = pytest.mark.anyio

OUTAGE_SECONDS = 0.8
BREAK = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'cavendish%'"""


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.built(database_url) as built:
        yield built


@pytest.fixture
async def app(proxy: Proxy, tmp_path: Path, options: dict[str, object]) -> AsyncIterator[App]:
    """The application behind a proxy, with little patience."""
    flags = {
        "data": str(tmp_path),
        "database_url": proxy.url,
        "routes": "nano-banana-2=script;nano-banana-pro=instant",
        "public_url": "http://cavendish.test",
        "outage_seconds": str(OUTAGE_SECONDS),
        "poll_wait_seconds": "0.2",
        "wake_seconds": "0.5",
        **options,
    }
    async with App.started(configuration.load(flags, environment={})) as started:
        yield started


@pytest.mark.parametrize("how", ["gone", "silent"])
async def test_polls_answer_the_last_known_state_and_the_newest_afterwards(app: App, proxy: Proxy, how: str) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    assert (await app.check(account, generation_id)).json()["status"] == "pending"

    if how == "gone":
        await proxy.close()
    else:
        proxy.freeze()
    started = time.monotonic()
    answers = await asyncio.gather(*(app.check(account, generation_id) for _ in range(30)))
    seconds = time.monotonic() - started

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["status"] for answer in answers} == {"pending"}
    assert seconds < 5 * OUTAGE_SECONDS
    if how == "gone":
        await proxy.open()
    else:
        proxy.thaw()
    await app.start_worker()
    assert (await app.ended(account, generation_id))["status"] == "completed"


async def test_a_poll_with_a_key_known_a_while_ago_is_answered_too(app: App, proxy: Proxy) -> None:
    """Keys are remembered for 0.9 s; during an outage polls, and only polls, go by an older memory."""
    account = await app.account()
    generation_id = await app.submit(account)
    await app.check(account, generation_id)
    await proxy.close()
    await asyncio.sleep(1.1)

    expect.success(await app.check(account, generation_id))
    expect.refusal(await app.generate(account), ServiceBusy)
    expect.refusal(await app.client.get("/api/v1/credits", headers=account.headers), ServiceBusy)


async def test_a_generation_never_seen_here_is_503_after_the_wait(app: App, proxy: Proxy) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    await app.check(account, "0" * 32)
    await proxy.close()

    started = time.monotonic()
    answer = await app.check(account, generation_id)
    seconds = time.monotonic() - started

    expect.refusal(answer, ServiceBusy)
    assert int(answer.headers["retry-after"]) >= 1
    assert OUTAGE_SECONDS <= seconds < 4 * OUTAGE_SECONDS


async def test_an_unknown_id_that_is_no_id_needs_no_database(app: App, proxy: Proxy) -> None:
    account = await app.account()
    await app.check(account, "nonsense")
    await proxy.close()

    assert (await app.check(account, "nonsense")).status_code == 404


async def test_generate_waits_a_little_and_is_then_503_with_nothing_held(app: App, proxy: Proxy) -> None:
    account = await app.account(credits=10)
    await app.check(account, "0" * 32)
    await proxy.close()

    started = time.monotonic()
    answer = await app.generate(account)
    seconds = time.monotonic() - started

    expect.refusal(answer, ServiceBusy)
    assert seconds < 5 * OUTAGE_SECONDS
    await proxy.open()
    async with asyncio.timeout(5):
        while (await app.client.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.05)
    assert await app.balance(account) == (10, 0)


async def test_an_outage_shorter_than_the_wait_is_not_noticed(app: App, proxy: Proxy) -> None:
    account = await app.account(credits=10)
    await app.check(account, "0" * 32)
    await proxy.close()

    async def mend() -> None:
        await asyncio.sleep(OUTAGE_SECONDS / 2)
        await proxy.open()

    answer, _ = await asyncio.gather(app.generate(account), mend())

    expect.success(answer)
    assert await app.balance(account) == (6, 4)


@pytest.mark.parametrize("options", [{"outage_seconds": "30"}])  # a busy machine is longer at breaking them
async def test_connections_that_the_server_cuts_are_not_noticed(app: App) -> None:
    """Every submission and poll succeeds, and each submission is there once, whenever its connection broke."""
    account = await app.account(credits=10_000)
    known = await app.submit(account)

    async def breaking() -> None:
        for _ in range(15):
            async with app.services.db.connection() as connection:
                await connection.execute(BREAK)
            await asyncio.sleep(0.03)

    async def using(n: int) -> list[int]:
        found = []
        for turn in range(8):
            keyed = {"Idempotency-Key": f"{n}-{turn}"} if n % 2 else None
            found.append((await app.generate(account, headers=keyed)).status_code)
            found.append((await app.check(account, known)).status_code)
        return found

    *statuses, _ = await asyncio.gather(*(using(n) for n in range(8)), breaking())

    assert {status for found in statuses for status in found} == {200}  # type: ignore[union-attr]
    count = await app.services.db.fetchval("SELECT count(*) FROM cavendish.generations")
    assert count == 1 + 8 * 8
    assert await app.balance(account) == (10_000 - 4 * count, 4 * count)


async def test_readyz_is_red_and_healthz_and_metrics_stay_green(app: App, proxy: Proxy) -> None:
    assert (await app.client.get("/readyz")).status_code == 200

    await proxy.close()

    not_ready = await app.client.get("/readyz")
    assert (not_ready.status_code, not_ready.json()["status"]) == (503, "not ready")
    assert (await app.client.get("/healthz")).status_code == 200
    metrics = await app.client.get("/metrics")
    assert metrics.status_code == 200
    assert "cavendish_requests_total" in metrics.text


async def test_a_missing_picture_is_503_while_nobody_can_tell_why(app: App, proxy: Proxy) -> None:
    await proxy.close()

    expect.refusal(await app.client.get(f"/generations/{'0' * 32}-1.png"), ServiceBusy)


async def test_an_unknown_key_is_503_not_401_while_it_cannot_be_looked_up(app: App, proxy: Proxy) -> None:
    """A client that throws its key away at 401 must not do so because of an outage."""
    account = await app.account()
    await proxy.close()

    for path, body in (("generate", {"prompt": "a", "mode": "generate"}), ("check-status", {"generationId": "0" * 32})):
        expect.refusal(await app.post(f"{PATH}/{path}", body, account), ServiceBusy)
