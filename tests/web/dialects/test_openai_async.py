"""OpenAI's Images without waiting: what desktop canvas clients send, and how they poll."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png

from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

GENERATIONS, EDITS = "/v1/images/generations/async", "/v1/images/edits/async"
PROMPT = {"prompt": "a lake"}


async def ask(app: App, account: Account, body: Any, **headers: str) -> dict[str, Any]:
    """The task that is answered at once."""
    answer = await app.client.post(GENERATIONS, json=body, headers={**account.headers, **headers})
    return begun(answer)


def begun(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == found["poll_url"] == f"/v1/images/tasks/{found['id']}"
    assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("3", "no-store")
    assert (found["object"], found["status"]) == ("image.generation.task", "processing")
    assert found["id"] == found["task_id"] and found["expires_at"] == found["created_at"] + 86400
    return found


async def ended(app: App, account: Account, task: dict[str, Any]) -> dict[str, Any]:
    """As a client polls, but quicker."""
    async with asyncio.timeout(20):
        while True:
            answer = await app.client.get(task["poll_url"], headers=account.headers)
            assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
            found: dict[str, Any] = answer.json()
            if found["status"] != "processing":
                assert found["completed_at"] >= found["created_at"] == task["created_at"]
                return found
            assert answer.headers["retry-after"] == "3"
            await asyncio.sleep(0.02)


async def test_an_order_is_answered_at_once_and_its_task_has_the_url(app: App) -> None:
    account = await app.account(credits=100)

    task = await ask(app, account, PROMPT)
    assert await app.balance(account) == (96, 4)
    await app.start_worker()
    found = await ended(app, account, task)

    assert (found["status"], found["http_status"], found["creditsCharged"]) == ("completed", 200, 4)
    assert [one["url"] for one in found["result"]["data"]] == [found["image_url"]]
    assert (await app.client.get(found["image_url"])).status_code == 200
    assert (await app.check(account, task["id"])).json()["status"] == "completed"
    assert await app.balance(account) == (96, 0)


async def test_several_are_one_task_and_what_fails_of_them_is_given_back(app: App) -> None:
    account = await app.account(credits=100)
    task = await ask(app, account, {**PROMPT, "n": 3})
    assert task["generationIds"][0] == task["id"] and len(task["generationIds"]) == 3
    await app.services.db.fetch("UPDATE cavendish.generations SET prompt = 'rejected' WHERE batch_index = 1")
    await app.start_worker()

    found = await ended(app, account, task)

    assert found["status"] == "completed" and len(found["result"]["data"]) == 2
    assert [one["code"] for one in found["failed"]] == ["engine_failed"]
    assert (found["creditsCharged"], await app.balance(account)) == (8, (92, 0))


@pytest.mark.parametrize(
    ("prompt", "status", "code"), [("blocked", 400, "moderation_blocked"), ("rejected", 502, "engine_failed")]
)
async def test_a_failure_is_told_and_given_back(app: App, prompt: str, status: int, code: str) -> None:
    account = await app.account(credits=100)
    await app.start_worker()

    found = await ended(app, account, await ask(app, account, {"prompt": prompt}))

    assert (found["status"], found["http_status"], found["error"]["code"]) == ("failed", status, code)
    assert found["creditsCharged"] == 0 and "result" not in found and "image_url" not in found
    assert await app.balance(account) == (100, 0)


async def test_an_edit_takes_a_file(app: App) -> None:
    account = await app.account(credits=100)
    files = {"image": ("a.png", png(60, 30), "image/png")}

    answer = await app.client.post(EDITS, data={"prompt": "make it night"}, files=files, headers=account.headers)

    assert (await app.row(begun(answer)["id"]))["mode"] == "edit"


async def test_what_another_account_ordered_is_not_there(app: App) -> None:
    account, other = await app.account(), await app.account()
    task = await ask(app, account, {**PROMPT, "n": 2})

    answers = [await app.client.get(f"/v1/images/tasks/{one}", headers=other.headers)
               for one in (*task["generationIds"], "0" * 32, "imgtask_1")]  # fmt: skip

    assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {(404, "not_found")}
    assert len({one.text for one in answers}) == 1


async def test_a_generation_of_any_face_is_a_task(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    answer = await app.client.get(f"/v1/images/tasks/{generation_id}", headers=account.headers)

    assert answer.json()["generationIds"] == [generation_id] and answer.json()["status"] == "processing"


async def test_an_sdks_repetition_is_the_same_task(app: App) -> None:
    account = await app.account(credits=100)

    first = await ask(app, account, {**PROMPT, "n": 2})
    again = await ask(app, account, {**PROMPT, "n": 2}, **{"x-stainless-retry-count": "1"})

    assert again["generationIds"] == first["generationIds"]
    assert await app.balance(account) == (92, 8)


async def test_a_refusal_is_in_their_words_and_holds_nothing(app: App) -> None:
    account, poor = await app.account(credits=100), await app.account(credits=3)

    for who, body, status, code in (
        (account, {}, 400, "invalid_value"), (account, {**PROMPT, "model": "x"}, 404, "model_not_found"),
        (poor, PROMPT, 402, "insufficient_credits"),
    ):  # fmt: skip
        answer = await app.client.post(GENERATIONS, json=body, headers=who.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)

    assert await app.balance(account) == (100, 0)
