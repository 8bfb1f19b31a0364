"""What becomes of a generation whose engine fails: another try, another engine, or its credits back and a reason."""

from __future__ import annotations

import asyncio

import pytest
from worker_helpers import Recorder, scripted, until, worker

from cavendish.application.work import process
from cavendish.engines import base
from cavendish.engines.base import EngineRequest
from harness.claims import claim_one
from harness.inprocess import App

pytestmark = pytest.mark.anyio

SECRET = "sk-secret-in-a-traceback"


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2"}


class Failing(Recorder):
    """Raises what the list says, call after call; draws when it is used up."""

    def __init__(self, *errors: BaseException, name: str = "script") -> None:
        super().__init__(name=name, draw=self._draw)
        self.errors = list(errors)

    async def _draw(self, _: EngineRequest) -> None:
        if self.errors:
            raise self.errors.pop(0)


BUSY = base.EngineBusy("too many requests", retry_after_seconds=0.05)
FAULT = base.EngineFault("the engine crashed")
NO_IMAGE = base.EngineNoImage("the model answered without a picture")
UNAVAILABLE = base.EngineUnavailable(f"key {SECRET} was refused")
UNSENT = base.EngineTimeout("no connection", sent=False)
BROKEN = ZeroDivisionError(SECRET)
OWN_TIMEOUT = TimeoutError(SECRET)
OWN_CANCEL = asyncio.CancelledError(SECRET)
EXIT = SystemExit(SECRET)


class Panic(BaseException):
    """As libraries in Rust raise it."""


# Name: what the first engine raises, calls of the first and the second engine.
SUCCEEDS = {
    "busy once": ([BUSY], 2, 0),
    "busy twice": ([BUSY, BUSY], 3, 0),
    "broken once": ([FAULT], 2, 0),
    "no image once": ([NO_IMAGE], 2, 0),
    "an exception once": ([BROKEN], 2, 0),
    "its own timeout once": ([OWN_TIMEOUT], 2, 0),
    "its own cancellation once": ([OWN_CANCEL], 2, 0),
    "its exit once": ([EXIT], 2, 0),
    "busy, then broken": ([BUSY, UNAVAILABLE], 2, 1),
    "busy for good": ([BUSY] * 9, 3, 1),
    "unavailable": ([UNAVAILABLE], 1, 1),
    "timeout before sending": ([UNSENT], 1, 1),
}

# Name: what the first engine raises, its calls, the code, and words of the error.
FAILS = {
    "broken": ([FAULT] * 9, 2, "GENERATION_FAILED", "the engine crashed. Nothing was charged"),
    "no image": ([NO_IMAGE] * 9, 2, "GENERATION_FAILED", "the model answered without a picture. Nothing was charged"),
    "an exception": ([BROKEN] * 9, 2, "GENERATION_FAILED", "engine had an internal error. Nothing was charged"),
    "its own timeout": ([OWN_TIMEOUT] * 9, 2, "GENERATION_FAILED", "internal error. Nothing was charged"),
    "its own cancellation": ([OWN_CANCEL] * 40, 2, "GENERATION_FAILED", "internal error. Nothing was charged"),
    "its exit": ([EXIT] * 40, 2, "GENERATION_FAILED", "internal error. Nothing was charged"),
    "a panic": ([Panic(SECRET)] * 40, 2, "GENERATION_FAILED", "internal error. Nothing was charged"),
    "rejected": (
        [base.EngineRejected("the ratio 1:8 is too narrow")], 1, "GENERATION_FAILED", "the ratio 1:8 is too narrow",
    ),
    "blocked": (
        [base.EngineBlocked("declined", stage="prompt", reason="SAFETY")], 1, "CONTENT_BLOCKED",
        "declined (stage: prompt, reason: SAFETY). Nothing was charged",
    ),
    "timeout after sending": (
        [base.EngineTimeout("no answer", sent=True)], 1, "GENERATION_FAILED", "not answer in time. Nothing was charged",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SUCCEEDS)
async def test_a_failure_that_another_try_may_mend_is_tried_again(shared: App, case: str) -> None:
    errors, calls, calls_behind = SUCCEEDS[case]
    first, second = Failing(*errors), Recorder(name="backup")
    account = await shared.account(credits=10)
    async with worker(shared, first, second):
        generation_id = await shared.submit(account)
        answer = await shared.ended(account, generation_id)

    assert answer["status"] == "completed"
    assert answer["engine"] == ("backup" if calls_behind else "script")
    assert (first.calls.total(), second.calls.total()) == (calls, calls_behind)
    assert (await shared.balance(account), await shared.entries(generation_id)) == ((6, 0), ["hold", "capture"])


@pytest.mark.parametrize("case", FAILS)
async def test_a_failure_that_stays_is_refunded_with_its_reason(shared: App, case: str) -> None:
    errors, calls, code, words = FAILS[case]
    first, second = Failing(*errors), Recorder(name="backup")
    account = await shared.account(credits=10)
    async with worker(shared, first, second):
        generation_id = await shared.submit(account)
        answer = await shared.ended(account, generation_id)

    assert (answer["success"], answer["status"], answer["errorCode"], answer["progress"]) == (False, "failed", code, 0)
    assert words in answer["error"]
    assert answer["creditsCharged"] == 0
    assert (first.calls.total(), second.calls.total()) == (calls, 0)
    assert (await shared.balance(account), await shared.entries(generation_id)) == ((10, 0), ["hold", "release"])


@pytest.mark.parametrize("error", [UNAVAILABLE, BROKEN, OWN_TIMEOUT], ids=["unavailable", "exception", "timeout"])
async def test_what_an_exception_says_never_reaches_the_caller_or_the_database(shared: App, error: Exception) -> None:
    account = await shared.account(credits=10)
    async with worker(shared, Failing(*[error] * 9), Failing(*[error] * 9, name="backup")):
        generation_id = await shared.submit(account)
        answer = await shared.ended(account, generation_id)
        await until(lambda: _no_jobs(shared))

    assert answer["status"] == "failed"
    assert SECRET not in str(answer)
    assert SECRET not in str(dict(await shared.row(generation_id)))


async def test_an_engine_that_cancels_its_own_call_is_at_fault(shared: App) -> None:
    async def cancel(_: EngineRequest) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    engine = Recorder(draw=cancel)
    account = await shared.account(credits=10)
    async with worker(shared, engine) as running:
        answer = await shared.ended(account, await shared.submit(account))
        assert running.context.circuit("script", "nano-banana-2")._own[account.id]._failures == {None: 2}

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert engine.calls.total() == 2
    assert await shared.balance(account) == (10, 0)


async def test_a_worker_that_stops_is_no_fault_of_its_engine(shared: App) -> None:
    """Its own cancellation goes to the engine, and the job goes back to the queue without a failure."""
    ended: list[str] = []

    async def hang(_: EngineRequest) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # an orderly end takes a moment
            ended.append("orderly")
            raise

    engine, account = Recorder(draw=hang), await shared.account(credits=10)
    async with worker(shared, engine) as running:
        generation_id = await shared.submit(account)
        await until(lambda: engine.running)
        await running.stop(drain_seconds=0.0)
        assert account.id not in running.context.circuit("script", "nano-banana-2")._own
    row = await shared.row(generation_id)
    async with worker(shared, Recorder()):
        answer = await shared.ended(account, generation_id)

    assert ended == ["orderly"]
    assert (row["state"], row["attempts"]) == ("generating", 0)
    assert answer["status"] == "completed"


async def test_engines_that_are_all_unavailable_end_in_a_refund(shared: App) -> None:
    first, second = Failing(*[UNAVAILABLE] * 9), Failing(*[UNAVAILABLE] * 9, name="backup")
    account = await shared.account(credits=10)
    async with worker(shared, first, second):
        answer = await shared.ended(account, await shared.submit(account))

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "the image engine is not available" in answer["error"]
    assert (first.calls.total(), second.calls.total()) == (1, 1)
    assert await shared.balance(account) == (10, 0)


async def test_engines_that_are_all_busy_end_in_a_refund(shared: App) -> None:
    first, second = Failing(*[BUSY] * 9), Failing(*[BUSY] * 9, name="backup")
    account = await shared.account(credits=10)
    async with worker(shared, first, second):
        answer = await shared.ended(account, await shared.submit(account))

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "the image engine is busy. Nothing was charged" in answer["error"]
    assert (first.calls.total(), second.calls.total()) == (3, 3)
    assert await shared.balance(account) == (10, 0)


async def test_a_busy_engine_is_left_alone_for_as_long_as_it_asked(shared: App) -> None:
    times: list[float] = []
    loop = asyncio.get_running_loop()

    async def draw(_: EngineRequest) -> None:
        times.append(loop.time())
        if len(times) == 1:
            raise base.EngineBusy("later", retry_after_seconds=0.7)

    account = await shared.account(credits=10)
    async with worker(shared, Recorder(draw=draw)):
        answer = await shared.ended(account, await shared.submit(account))

    assert answer["status"] == "completed"
    assert 0.65 <= times[1] - times[0] < 3


async def test_while_one_waits_for_a_busy_engine_others_go_on(shared: App) -> None:
    async def draw(request: EngineRequest) -> None:
        if request.prompt == "waits":
            raise base.EngineBusy("later", retry_after_seconds=30)

    account = await shared.account(credits=100)
    async with worker(shared, Recorder(draw=draw)):
        await shared.submit(account, prompt="waits")
        for number in range(3):
            answer = await shared.ended(account, await shared.submit(account, prompt=f"goes on {number}"), seconds=5)
            assert answer["status"] == "completed"
    await shared.services.db.fetch("""
        UPDATE cavendish.generations SET deadline_at = cavendish.cavendish_now() WHERE finished_at IS NULL""")
    await shared.sweep()  # the one that waits


@pytest.mark.parametrize(
    ("asked", "size", "charged"),
    [("4K", "2752x1536", 8), ("4K", "1376x768", 4), ("2K", "640x480", 4), ("2K", "2700x1500", 8)],
)
async def test_a_smaller_picture_costs_less_and_the_answer_says_so(
    shared: App, asked: str, size: str, charged: int
) -> None:
    account = await shared.account(credits=100)
    async with scripted(shared):
        answer = await shared.ended(account, await shared.submit(account, prompt=f"size={size}", imageQuality=asked))

    assert answer["status"] == "completed"
    assert f"{answer['width']}x{answer['height']}" == size
    assert answer["creditsCharged"] == charged
    assert any(f"delivered {size} instead of" in warning for warning in answer["warnings"])
    price = {"2K": 8, "4K": 16}[asked]
    assert any(f"{charged} instead of {price} credits" in warning for warning in answer["warnings"]) is (
        charged < price
    )
    assert await shared.balance(account) == (100 - charged, 0)


async def test_a_bigger_picture_costs_what_was_asked_for(shared: App) -> None:
    account = await shared.account(credits=100)
    async with scripted(shared):
        answer = await shared.ended(account, await shared.submit(account, prompt="size=2752x1536", imageQuality="1K"))

    assert (answer["status"], answer["creditsCharged"]) == ("completed", 4)


async def test_our_own_bug_refunds_at_once_and_the_worker_goes_on(shared: App, monkeypatch) -> None:
    account = await shared.account(credits=100)
    async with scripted(shared):
        with monkeypatch.context() as broken:
            broken.setattr("cavendish.pricing.charge", lambda *_: 1 / 0)
            answer = await shared.ended(account, await shared.submit(account), seconds=5)
        again = await shared.ended(account, await shared.submit(account))

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "unexpected error" in answer["error"]
    assert again["status"] == "completed"
    assert await shared.balance(account) == (96, 0)


async def test_an_engine_that_no_worker_has_is_passed_over(shared: App) -> None:
    """A route may change between submission and start."""
    account = await shared.account(credits=10)
    generation_id = await shared.submit(account)
    await shared.services.db.fetch("UPDATE cavendish.generations SET engine = 'gone' WHERE state = 'pending'")
    claim = await claim_one(shared.services.db, generation_id)
    assert claim is not None
    backup = Recorder(name="backup")
    async with worker(shared, Recorder(), backup) as one:
        await process.run(one.context, claim)
        answer = await shared.ended(account, generation_id)

    assert answer["status"] in ("completed", "failed")
    assert (await shared.balance(account))[1] == 0


async def _no_jobs(app: App) -> bool:
    return await app.services.db.fetchval("SELECT count(*) = 0 FROM cavendish.generations WHERE finished_at IS NULL")
