"""check-status: the four forms, never a null, 200 for every generation of the caller's, and never throttled."""

from __future__ import annotations

import asyncio
import re

import pytest

from cavendish.errors import CODES, Forbidden, InvalidInput, LoginRequired, NotFound, ServiceBusy
from cavendish.models import RateLimit
from harness import expect
from harness.inprocess import App

pytestmark = pytest.mark.anyio

ALWAYS = {"success", "status", "generationId", "progress", "model", "creditsRemaining", "createdAt"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def test_pending(app: App) -> None:
    account = await app.account(credits=10)
    generation_id = await app.submit(account)

    body = expect.success(await app.check(account, generation_id))

    assert set(body) == ALWAYS | {"creditsHeld"}
    assert (body["status"], body["progress"], body["generationId"]) == ("pending", 0, generation_id)
    assert (body["creditsHeld"], body["creditsRemaining"]) == (4, 6)
    assert INSTANT.fullmatch(body["createdAt"])


async def test_generating(shared: App) -> None:
    account = await shared.account(credits=10)
    generation_id = await shared.submit(account, prompt="sleep=1 steps=10", seed=7)
    async with asyncio.timeout(5):
        while (body := expect.success(await shared.check(account, generation_id)))["status"] == "pending":
            await asyncio.sleep(0.01)

    assert set(body) == ALWAYS | {"creditsHeld", "engine", "seed"}
    assert body["status"] == "generating"
    assert 0 <= body["progress"] < 100
    assert body["engine"] == "script"


async def test_completed(shared: App) -> None:
    account = await shared.account(credits=10)
    generation_id = await shared.submit(account, imageQuality="2K", aspectRatio="4:3")
    await shared.ended(account, generation_id)

    body = expect.success(await shared.check(account, generation_id))

    assert set(body) == ALWAYS | {"imageUrl", "image_url", "engine", "width", "height", "mimeType", "creditsCharged"}
    assert (body["status"], body["progress"]) == ("completed", 100)
    assert body["imageUrl"] == body["image_url"]
    assert re.fullmatch(r"http://cavendish\.test/generations/[0-9a-f]{32}-1\.png", body["imageUrl"])
    assert (body["width"], body["height"], body["mimeType"]) == (2400, 1792, "image/png")
    assert (body["creditsCharged"], body["creditsRemaining"]) == (8, 2)
    assert body["model"] == "script-1"


async def test_failed_is_200_and_costs_nothing(shared: App) -> None:
    account = await shared.account(credits=10)
    generation_id = await shared.submit(account, prompt="rejected")
    await shared.ended(account, generation_id)

    answer = await shared.check(account, generation_id)

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == ALWAYS | {"error", "errorCode", "creditsCharged"}
    assert (body["success"], body["status"], body["progress"]) == (False, "failed", 0)
    assert body["error"].startswith("Generation failed")
    assert (body["errorCode"], body["creditsCharged"], body["creditsRemaining"]) == ("GENERATION_FAILED", 0, 10)


@pytest.mark.parametrize(("prompt", "code"), [("blocked", "CONTENT_BLOCKED"), ("timeout", "GENERATION_FAILED")])
async def test_a_failed_generation_says_why_by_a_documented_code(shared: App, prompt: str, code: str) -> None:
    account = await shared.account(credits=10)

    ended = await shared.ended(account, await shared.submit(account, prompt=prompt))

    assert ended["errorCode"] == code in CODES
    assert await shared.balance(account) == (10, 0)


async def test_an_expired_generation_is_failed_and_refunded(app: App) -> None:
    account = await app.account(credits=10)
    generation_id = await app.submit(account)

    await app.shift_clock("11 minutes")
    await app.sweep()

    body = (await app.check(account, generation_id)).json()
    assert (body["success"], body["status"], body["errorCode"], body["progress"]) == (False, "failed", "EXPIRED", 0)
    assert await app.balance(account) == (10, 0)


async def test_progress_never_goes_backwards(shared: App) -> None:
    account = await shared.account()
    generation_id = await shared.submit(account, prompt="sleep=0.5 steps=10")

    seen: list[int] = []
    async with asyncio.timeout(10):
        while not seen or seen[-1] < 100:
            seen.append((await shared.check(account, generation_id)).json()["progress"])
            await asyncio.sleep(0.01)

    assert seen == sorted(seen)
    assert len(set(seen)) > 4, "an engine's real steps show"


@pytest.mark.parametrize(
    "generation_id", ["abc123xyz", "", "0" * 31, "0" * 33, "G" * 32, "A" * 32, "0" * 32, "\0", "é"]
)
async def test_an_id_that_is_none_of_ours_is_404(shared: App, generation_id: str) -> None:
    expect.refusal(await shared.check(await shared.account(), generation_id), NotFound)


@pytest.mark.parametrize(
    "body", [{}, {"generationId": None}, {"generationId": 7}, {"generationId": ["a"]}, {"id": "a"}]
)
async def test_a_body_without_an_id_is_refused_with_its_name(shared: App, body: dict[str, object]) -> None:
    answer = await shared.post("/api/nano-banana-2/check-status", body, await shared.account())

    expect.refusal(answer, InvalidInput, "generationId")


async def test_another_accounts_generation_is_403_and_another_key_of_the_account_is_fine(shared: App) -> None:
    owner, stranger = await shared.account(), await shared.account()
    generation_id = await shared.submit(owner)

    expect.refusal(await shared.check(stranger, generation_id), Forbidden)
    expect.success(await shared.check(owner, generation_id))


async def test_a_poll_needs_a_key(shared: App) -> None:
    generation_id = await shared.submit(await shared.account())

    answer = await shared.post("/api/nano-banana-2/check-status", {"generationId": generation_id})

    expect.refusal(answer, LoginRequired)


async def test_polls_are_not_counted_and_never_429(shared: App) -> None:
    account = await shared.account(limit=RateLimit(1, 3600))
    generation_id = await shared.submit(account)
    assert (await shared.generate(account)).status_code == 429

    answers = await asyncio.gather(*(shared.check(account, generation_id) for _ in range(300)))

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("options", [{"poll_limit": "5/minute", "poll_wait_seconds": "0.1"}])
async def test_a_poll_over_its_budget_waits_and_answers_the_last_known_state(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    for _ in range(5):
        await app.check(account, generation_id)

    started = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(app.check(account, generation_id) for _ in range(20)))
    seconds = asyncio.get_running_loop().time() - started

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["status"] for answer in answers} == {"pending"}
    assert 0.1 <= seconds < 1


@pytest.mark.parametrize("options", [{"poll_limit": "1/minute", "poll_wait_seconds": "0.05"}])
async def test_over_budget_the_owner_is_still_checked_and_a_new_generation_is_still_found(app: App) -> None:
    owner, stranger = await app.account(), await app.account()
    generation_id = await app.submit(owner)
    expect.success(await app.check(owner, generation_id))
    await app.check(stranger, generation_id)

    expect.refusal(await app.check(stranger, generation_id), Forbidden)
    expect.success(await app.check(owner, await app.submit(owner)))


async def test_an_answer_is_as_new_as_the_database_in_every_process(shared: App, another) -> None:  # type: ignore[no-untyped-def]
    """Nothing is cached while the database answers: what one process saw, no other contradicts."""
    account = await shared.account()
    async with another(shared) as second:
        for _ in range(5):
            generation_id = await shared.submit(account, prompt="sleep=0.05")
            body = {"generationId": generation_id}
            await second.post("/api/nano-banana-2/check-status", json=body, headers=account.headers)
            await shared.ended(account, generation_id)

            seen = await second.post("/api/nano-banana-2/check-status", json=body, headers=account.headers)
            assert seen.json()["status"] == "completed"


async def test_while_the_service_stops_generate_is_503_and_polls_go_on(
    shared: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await shared.account(credits=10)
    generation_id = await shared.submit(account, prompt="sleep=2")
    monkeypatch.setattr(shared.services, "draining", True)

    refused = await shared.generate(account)

    expect.refusal(refused, ServiceBusy)
    assert int(refused.headers["retry-after"]) >= 1
    assert await shared.balance(account) == (6, 4)
    expect.success(await shared.check(account, generation_id))
