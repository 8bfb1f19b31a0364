"""A commit whose answer is lost: never two generations, never a hold without one, and an answered id exists."""

from __future__ import annotations

import asyncio
import datetime
import random

import asyncpg
import checks
import pytest
from checks import losing
from money_helpers import EXAMPLES, Lab, submission, violations

from cavendish.application.generations import submit as submitting
from cavendish.application.generations import submit_batch
from cavendish.application.generations.submit import Submitted
from cavendish.db.pool import Connection
from cavendish.errors import InsufficientCredits, RateLimitExceeded, ServiceBusy
from cavendish.models import Quality, RateLimit
from cavendish.stores import generations
from cavendish.stores.generations import IdempotencyKey

pytestmark = pytest.mark.anyio

SUBMISSIONS = 1000 if EXAMPLES else 60


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavendish.db.patience.PAUSE_SECONDS", 0.01)


@pytest.mark.parametrize("key", [None, "named"])
@pytest.mark.parametrize("lost", [{1}, {1, 2}, {1, 2, 3}])
async def test_a_submission_whose_answer_was_lost_is_answered_once_and_held_once(
    lab: Lab, key: str | None, lost: set[int]
) -> None:
    caller = await lab.caller(credits=100)

    found = await losing(lab, lost).submit(caller, key=key)

    assert not found.replayed
    assert await lab.state(found.generation_id) == "pending"
    assert (await lab.count(caller), await lab.balance(caller)) == (1, (96, 4))
    assert found.balance == 96
    assert await violations(lab.db) == []


_KNOWN = "submit: a retry after a lost answer is judged by the credits and calls that its own first try took"


@pytest.mark.parametrize(
    "key",
    [pytest.param(None, marks=pytest.mark.xfail(raises=InsufficientCredits, strict=True, reason=_KNOWN)), "named"],
)
async def test_a_submission_that_took_the_last_credits_is_not_refused_for_them_when_its_answer_is_lost(
    lab: Lab, key: str | None
) -> None:
    caller = await lab.caller(credits=4)

    found = await losing(lab, {1}).submit(caller, key=key)

    assert await lab.state(found.generation_id) == "pending"
    assert await lab.balance(caller) == (0, 4)


@pytest.mark.parametrize(
    "key", [pytest.param(None, marks=pytest.mark.xfail(raises=RateLimitExceeded, strict=True, reason=_KNOWN)), "named"]
)
async def test_a_submission_that_took_the_last_call_is_not_refused_for_it_when_its_answer_is_lost(
    lab: Lab, key: str | None
) -> None:
    caller = await lab.caller(credits=100, limit=RateLimit(1, 3600))

    found = await losing(lab, {1}).submit(caller, key=key)

    assert await lab.state(found.generation_id) == "pending"


async def test_a_batch_whose_answer_was_lost_answers_each_of_its_submissions(lab: Lab) -> None:
    callers = [await lab.caller(credits=100) for _ in range(6)]
    deaf = losing(lab, {1, 2})

    found = await asyncio.gather(*(deaf.submit(caller) for caller in callers * 3))

    assert len({one.generation_id for one in found}) == 18
    assert [await lab.count(caller) for caller in callers] == [3] * 6
    assert {await lab.balance(caller) for caller in callers} == {(88, 12)}
    assert await violations(lab.db) == []


async def test_a_refusal_whose_answer_was_lost_stays_a_refusal(lab: Lab) -> None:
    caller = await lab.caller(credits=3)

    with pytest.raises(InsufficientCredits):
        await losing(lab, {1}).submit(caller)

    assert (await lab.count(caller), await lab.balance(caller)) == (0, (3, 0))


async def test_a_settlement_whose_answer_was_lost_is_asked_again_and_settles_once(lab: Lab) -> None:
    await checks.a_settlement_whose_answer_is_lost_happens_once(lab)


@pytest.mark.fuzz
@pytest.mark.parametrize("named", [False, True])
async def test_backends_that_are_killed_at_random_lose_nothing_and_double_nothing(own_lab: Lab, named: bool) -> None:
    """Kill after kill while submissions run: each is answered with what is there, or as unknown (503)."""
    lab, dice, turn = own_lab, random.Random(7), asyncio.Semaphore(8)
    callers = [await lab.caller(credits=100_000) for _ in range(4)]

    async def one(number: int) -> Submitted | Exception:
        async with turn:
            try:
                return await lab.submit(callers[number % 4], key=f"key-{number // 2}" if named else None)
            except ServiceBusy as exc:
                return exc

    killer = asyncio.create_task(_kill_backends(lab.db.dsn, dice))
    try:
        found = await asyncio.gather(*(one(number) for number in range(SUBMISSIONS)))
    finally:
        killer.cancel()
        await asyncio.wait({killer})
    answered = {one.generation_id for one in found if isinstance(one, Submitted)}
    unknown = sum(not isinstance(one, Submitted) for one in found)

    rows = await lab.db.fetch("SELECT id FROM cavendish.generations")
    existing = {row["id"] for row in rows}
    assert answered <= existing, "an answered id exists"
    assert len(existing) <= len(answered) + unknown, "two generations for one submission"
    assert await violations(lab.db) == []
    assert len(answered) > SUBMISSIONS / 4


async def _kill_backends(dsn: str, dice: random.Random) -> None:
    """One backend of the service every few milliseconds, whatever it is doing."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "killer"})
    try:
        while True:
            await connection.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE 'cavendish%' ORDER BY random() LIMIT 1""")
            await asyncio.sleep(dice.uniform(0.001, 0.02))
    finally:
        await connection.close()


@pytest.mark.parametrize("statement", ["find_key", "remember_key", "write", "commit"])
async def test_a_session_killed_at_each_step_of_a_named_submission_leaves_all_or_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """The key is claimed, the hold taken and the generation written in one transaction: a kill undoes all of it."""
    caller, killed = await lab.caller(credits=100), []
    module = submit_batch if statement in ("write", "commit") else generations
    name = "write" if statement == "commit" else statement
    real = getattr(module, name)

    async def dies(connection: Connection, *arguments: object) -> object:
        found = await real(connection, *arguments) if statement == "commit" else None
        if not killed:
            killed.append(statement)
            pid = connection.get_server_pid()
            await lab.db.fetchval("SELECT pg_terminate_backend($1, 1000)", pid)
        return found if statement == "commit" else await real(connection, *arguments)

    monkeypatch.setattr(module, name, dies)
    found = await lab.submit(caller, key=f"killed at {statement}")

    assert killed == [statement]
    assert not found.replayed
    assert (await lab.count(caller), await lab.balance(caller)) == (1, (96, 4))
    assert await violations(lab.db) == []


@pytest.mark.parametrize("named", ["without a key", "for ever", "a first try", "a repetition"])
@pytest.mark.parametrize("statement", ["write", "commit"])
async def test_a_session_killed_at_each_step_of_a_call_for_several_leaves_all_or_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, statement: str, named: str
) -> None:
    caller, killed, real = await lab.caller(credits=100), [], submit_batch.write
    lifetime = None if named == "for ever" else datetime.timedelta(minutes=15)
    key = IdempotencyKey(caller.account_id, "/several", named, b"0" * 32, lifetime, anew=named == "a first try")

    async def dies(connection: Connection, *arguments: object) -> object:
        found = await real(connection, *arguments) if statement == "commit" else None  # type: ignore[arg-type]
        if not killed:
            killed.append(statement)
            await lab.db.fetchval("SELECT pg_terminate_backend($1, 1000)", connection.get_server_pid())
        return found if statement == "commit" else await real(connection, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(submit_batch, "write", dies)
    order = submission(Quality.ONE_K, "several")
    found = await submitting.submit_several(lab.services, caller, order, 3, None if named == "without a key" else key)

    assert killed == [statement]
    assert [one.replayed for one in found] == [False] * 3
    assert len({one.generation_id for one in found}) == 3
    assert (await lab.count(caller), await lab.balance(caller)) == (3, (88, 12))
    assert await violations(lab.db) == []
