"""What an owner does with generations afterwards: find, delete, look back."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cavendish.application.work import sweep
from cavendish.errors import Deleted, Forbidden, InvalidInput, NotFound
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

LIST = "/api/v1/generations"


async def found(app: App, account: Account, **query: Any) -> list[str]:
    answer = await app.client.get(LIST, params=query, headers=account.headers)
    return [generation["prompt"] for generation in expect.success(answer)["generations"]]


async def completed(app: App, account: Account, **fields: Any) -> dict[str, Any]:
    generation_id = await app.submit(account, **fields)
    return await app.ended(account, generation_id)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("FOX", ["a red fox"]),
        ("%", ["100% wool"]),
        ("_", ["snake_case"]),
        ("\\", ["back\\slash"]),
        ("'; DROP TABLE", []),
        ("", ["back\\slash", "snake_case", "100% wool", "a red fox"]),
    ],
)
async def test_a_search_finds_prompts_that_hold_the_text(app: App, text: str, prompts: list[str]) -> None:
    account, other = await app.account(), await app.account()
    for prompt in ("a red fox", "100% wool", "snake_case", "back\\slash"):
        await app.submit(account, prompt=prompt)
    await app.submit(other, prompt="a red fox of another")

    assert await found(app, account, q=text) == prompts


async def test_a_search_for_too_much_is_refused(app: App) -> None:
    answer = await app.client.get(LIST, params={"q": "a" * 201}, headers=(await app.account()).headers)

    expect.refusal(answer, InvalidInput, "q is not valid")


async def test_deleting_takes_the_picture_and_leaves_the_money(app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()
    ended = await completed(app, account)
    before = await app.balance(account)

    path = f"{LIST}/{ended['generationId']}"
    expect.success(await app.client.delete(path, headers=account.headers))

    assert await found(app, account) == []
    assert (await app.client.get(ended["imageUrl"])).status_code == 410
    assert await app.balance(account) == before
    assert await app.entries(ended["generationId"]) == ["hold", "capture"]
    expect.success(await app.client.delete(path, headers=account.headers))  # again is no error


async def seen(app: App, account: Account, generation_id: str) -> list[dict[str, Any]]:
    """One generation as each face shows it."""
    listed = await app.client.get(f"{LIST}/{generation_id}", headers=account.headers)
    followed = await app.client.get(f"{LIST}/{generation_id}/events", headers=account.headers)
    event = next(line for line in followed.text.splitlines() if line.startswith("data: "))
    return [(await app.check(account, generation_id)).json(), expect.success(listed), orjson.loads(event[6:])]


async def test_every_face_says_the_same_of_a_deleted_one(app: App) -> None:
    """By a code of its own: nothing expired, and no picture is there to be completed."""
    account = await app.account(credits=100)
    await app.start_worker()
    ended = await completed(app, account)
    expect.success(await app.client.delete(f"{LIST}/{ended['generationId']}", headers=account.headers))

    for shown in await seen(app, account, ended["generationId"]):
        assert (shown["status"], shown["errorCode"], shown["progress"]) == ("failed", "DELETED", 0)
        assert shown["error"] == "The picture was deleted by its owner; what it cost stays"
        assert shown["creditsCharged"] == 4
        assert not {"imageUrl", "image_url", "width", "mimeType"} & set(shown)
    expect.refusal(await app.client.get(ended["imageUrl"]), Deleted, "deleted by its owner")
    conditional = await app.client.get(ended["imageUrl"], headers={"If-None-Match": "*"})
    expect.refusal(conditional, Deleted)


@pytest.mark.parametrize("options", [{"keep_images": "30d"}])
async def test_what_had_expired_before_it_was_deleted_is_deleted(app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()
    ended = await completed(app, account)
    await app.shift_clock("31 days")
    await sweep.sweep_files(app.services)
    assert {shown["errorCode"] for shown in await seen(app, account, ended["generationId"])} == {"EXPIRED"}

    expect.success(await app.client.delete(f"{LIST}/{ended['generationId']}", headers=account.headers))

    assert {shown["errorCode"] for shown in await seen(app, account, ended["generationId"])} == {"DELETED"}


async def test_a_failed_one_that_is_deleted_still_says_why_it_failed(app: App) -> None:
    """And that it cost nothing, which its owner may ask long afterwards."""
    account = await app.account(credits=100)
    await app.start_worker()
    ended = await completed(app, account, prompt="blocked")

    expect.success(await app.client.delete(f"{LIST}/{ended['generationId']}", headers=account.headers))

    for shown in await seen(app, account, ended["generationId"]):
        assert (shown["status"], shown["errorCode"], shown["error"]) == ("failed", "CONTENT_BLOCKED", ended["error"])
        assert shown["creditsCharged"] == 0


@pytest.mark.parametrize("options", [{"keep_images": "30d"}])
async def test_a_list_by_status_has_those_that_show_it(app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()
    await completed(app, account, prompt="old")
    await completed(app, account, prompt="blocked")
    await app.shift_clock("31 days")
    await sweep.sweep_files(app.services)
    await completed(app, account, prompt="new")

    assert await found(app, account, status="completed") == ["new"]
    assert await found(app, account, status="failed") == ["blocked", "old"]
    assert await found(app, account) == ["new", "blocked", "old"]


async def test_what_is_still_being_made_cannot_be_deleted(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    answer = await app.client.delete(f"{LIST}/{generation_id}", headers=account.headers)

    expect.refusal(answer, InvalidInput, "still being made")
    assert len(await found(app, account)) == 1


@pytest.mark.parametrize(("method", "ending"), [("DELETE", ""), ("GET", "/history"), ("GET", "/grounding")])
async def test_only_the_owner_may(app: App, method: str, ending: str) -> None:
    account, other = await app.account(), await app.account()
    generation_id = await app.submit(account)

    answer = await app.client.request(method, f"{LIST}/{generation_id}{ending}", headers=other.headers)

    expect.refusal(answer, Forbidden)
    gone = await app.client.request(method, f"{LIST}/{'0' * 32}{ending}", headers=other.headers)
    expect.refusal(gone, NotFound)


@pytest.mark.parametrize(
    ("prompt", "story"),
    [
        ("a fox", ["pending", "hold", "generating", "completed", "capture"]),
        ("blocked", ["pending", "hold", "generating", "failed", "release"]),
    ],
)
async def test_the_history_tells_states_and_credits_in_order(app: App, prompt: str, story: list[str]) -> None:
    account = await app.account()
    await app.start_worker()
    ended = await completed(app, account, prompt=prompt)

    answer = await app.client.get(f"{LIST}/{ended['generationId']}/history", headers=account.headers)

    told = expect.success(answer)["history"]
    assert [line["what"] for line in told] == story
    assert [line["at"] for line in told] == sorted(line["at"] for line in told)


async def test_search_suggestions_are_shown_as_they_came_on_a_page_that_can_do_nothing(app: App) -> None:
    account = await app.account()
    await app.start_worker()
    ended = await completed(app, account)
    path = f"{LIST}/{ended['generationId']}/grounding"
    expect.refusal(await app.client.get(path, headers=account.headers), NotFound, "no search suggestions")
    content = '<style>a{color:red}</style><script>alert(1)</script><a href="https://example.com">x</a>'
    await app.services.db.fetch(
        "UPDATE cavendish.generations SET grounding = jsonb_build_object('renderedContent', $1::text)", content
    )

    answer = await app.client.get(path, headers=account.headers)

    assert answer.status_code == 200 and answer.text.endswith(content)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
