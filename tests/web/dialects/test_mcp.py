"""The tools at /mcp: what they order, what they answer, what it costs."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cavendish_test_engines.png import png
from PIL import Image

from cavendish import settings as configuration
from cavendish.application.generations import preview
from cavendish.models import RateLimit
from harness import mcp_wire
from harness.inprocess import Account, App
from harness.mcp_wire import TASKS, ask, block, handshake, text, tool

pytestmark = pytest.mark.anyio

_COUNT = "SELECT count(*) FROM cavendish.generations WHERE account_id = $1"
_UPLOADS = "SELECT count(*) FROM cavendish.uploads WHERE account_id = $1"


@pytest.fixture
def options() -> dict[str, object]:
    """Of `app`, which has no worker unless a test starts one: nothing ends by itself."""
    return {"mcp_wait_seconds": "0.2"}


@pytest.fixture
async def account(shared: App) -> Account:
    return await shared.account(credits=100)


async def count(app: App, account: Account, sql: str = _COUNT) -> int:
    return int(await app.services.db.fetchval(sql, account.id))


async def test_a_picture_is_answered_with_words_a_link_a_small_one_and_numbers(shared: App, account: Account) -> None:
    result = await tool(shared, account, "generate_image", prompt="a kite", aspect_ratio="1:1", seed=7)

    generation_id = result["structuredContent"]["generation_id"]
    link, small = block(result, "resource_link"), block(result, "image")
    said = text(result)
    assert result["isError"] is False and result["resultType"] == "complete"
    assert "1024x1024 pixels, image/png" in said and "script-1" in said and link["uri"] in said
    assert "4 credits were charged, 96 are left" in said
    numbers = {"progress": 100, "seed": 7, "credits_charged": 4, "credits_left": 96, "width": 1024, "height": 1024}
    assert numbers.items() <= result["structuredContent"].items()
    picture = await shared.client.get(link["uri"])
    assert (link["mimeType"], link["size"]) == (picture.headers["content-type"], len(picture.content))
    assert small["mimeType"] == "image/jpeg"
    with Image.open(io.BytesIO(base64.b64decode(small["data"]))) as image:
        assert (image.format, image.size) == ("JPEG", (768, 768))
    assert await shared.entries(generation_id) == ["hold", "capture"]
    assert await shared.balance(account) == (96, 0)


async def test_what_is_asked_for_is_what_is_ordered(shared: App, account: Account) -> None:
    result = await tool(
        shared, account, "generate_image",
        prompt="a kite", model="nano-banana-pro", quality="2K", output_format="jpeg", google_search=True,
    )  # fmt: skip

    row = await shared.row(result["structuredContent"]["generation_id"])
    assert (row["model"], row["image_quality"], row["google_search"], row["mode"]) == (
        "nano-banana-pro", "2K", True, "generate",
    )  # fmt: skip
    assert block(result, "resource_link")["mimeType"] == "image/jpeg"
    assert result["structuredContent"]["credits_charged"] == 8


async def test_an_exact_size_is_made(shared: App, account: Account) -> None:
    result = await tool(shared, account, "generate_image", prompt="a kite", size="640x480", output_format="webp")

    assert (result["structuredContent"]["width"], result["structuredContent"]["height"]) == (640, 480)
    with Image.open(io.BytesIO(base64.b64decode(block(result, "image")["data"]))) as image:
        assert image.size == (640, 480)  # never larger than the picture


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", None])
async def test_old_clients_get_no_blocks_that_they_do_not_know(
    shared: App, account: Account, version: str | None
) -> None:
    headers = {"MCP-Protocol-Version": version} if version else {}
    sent = mcp_wire.message("tools/call", {"name": "generate_image", "arguments": {"prompt": "a kite"}})

    result = (await shared.post("/mcp", sent, account, headers=headers)).json()["result"]

    assert [one["type"] for one in result["content"]] == ["text", "image"]
    assert "http://cavendish.test/generations/" in text(result)
    assert set(result) == {"content", "isError"}


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25"])
async def test_newer_clients_get_links_and_numbers(shared: App, account: Account, version: str) -> None:
    params = {"name": "generate_image", "arguments": {"prompt": "a kite"}}

    result = (await handshake(shared, account, "tools/call", params, version=version)).json()["result"]

    assert [one["type"] for one in result["content"]] == ["text", "resource_link", "image"]
    assert set(result) == {"content", "isError", "structuredContent"}


async def test_the_largest_picture_has_a_small_preview_too(shared: App, account: Account) -> None:
    result = await tool(shared, account, "generate_image", prompt="a kite", quality="4K", aspect_ratio="1:1")

    assert result["structuredContent"]["width"] == 4096
    assert len(base64.b64decode(block(result, "image")["data"])) <= preview.BYTES_MAX


async def test_the_preview_is_made_of_noise_in_steps_until_it_fits(app: App, tmp_path: Path) -> None:
    """Random pixels, of which JPEG makes five times what is allowed at the first quality."""
    account = await app.account()
    generation_id = await app.submit(account)
    await app.start_worker()
    await app.ended(account, generation_id)
    status = await app.services.statuses.read(await _caller(app, account), generation_id)
    file = io.BytesIO()
    Image.effect_noise((2000, 2000), 250).convert("RGB").save(file, "PNG")
    await app.services.storage.put("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1.png", file.getvalue())
    status.image_name, status.image_width, status.image_height = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1.png", 2000, 2000

    small = await preview.made(app.services, status, seconds=60)

    assert small is not None and len(small) <= preview.BYTES_MAX
    assert await preview.made(app.services, status, seconds=0) is None


async def _caller(app: App, account: Account) -> Any:
    return await app.services.authenticator.caller(account.key)


async def test_a_picture_without_a_preview_is_still_answered(shared: App, account: Account, monkeypatch: Any) -> None:
    async def never(*arguments: Any, **options: Any) -> Any:
        await asyncio.Event().wait()

    generation_id = await shared.submit(account)
    await shared.ended(account, generation_id)
    monkeypatch.setattr(type(shared.services.converter), "convert", never)
    monkeypatch.setattr("cavendish.web.dialects.mcp.calls._PREVIEW_SECONDS_MIN", 0.1)

    result = await tool(shared, account, "get_generation", id=generation_id)

    assert [part["type"] for part in result["content"]] == ["text", "resource_link"]


async def test_who_is_not_finished_in_time_is_told_how_to_go_on(app: App) -> None:
    account = await app.account(credits=10)

    result = await tool(app, account, "generate_image", prompt="a kite", style="vivid")

    generation_id = result["structuredContent"]["generation_id"]
    assert result["isError"] is False and "no argument 'style'" in text(result)
    assert f'get_generation with id "{generation_id}"' in text(result)
    assert "4 credits are held for it, 6 are left" in text(result)
    assert result["structuredContent"] == {
        "generation_id": generation_id, "progress": 0, "credits_held": 4, "credits_left": 6,
    }  # fmt: skip
    await app.start_worker()
    finished = await tool(app, account, "get_generation", id=generation_id, wait_s=20)
    assert finished["structuredContent"]["credits_charged"] == 4
    assert await app.balance(account) == (6, 0)


def test_a_tool_answers_within_8_seconds_unless_somebody_says_otherwise() -> None:
    """Home Assistant gives a call 10, and a preview may take one more."""
    assert configuration.load({"data": "/tmp"}, environment={}).mcp_wait_seconds == 8


async def test_uploads_count_into_the_time_of_the_answer(app: App, monkeypatch: Any) -> None:
    """What was spent before the order is no more there for waiting."""
    account = await app.account()
    waited: list[float] = []
    from cavendish.application.generations import wait

    async def noted(change: asyncio.Event, seconds: float) -> None:
        waited.append(seconds)
        raise AssertionError("the time was over")

    monkeypatch.setattr(wait, "until_changed", noted)
    decode = app.services.decoder.decode

    async def slow(data: bytes) -> Any:
        await asyncio.sleep(0.3)
        return await decode(data)

    monkeypatch.setattr(app.services.decoder, "decode", slow)
    images = [base64.b64encode(png(8, 8)).decode()]

    result = await tool(app, account, "edit_image", prompt="a kite", images=images)

    assert "is pending" in text(result) and waited == []


async def test_the_newest_is_found_without_its_id(app: App) -> None:
    account, other = await app.account(), await app.account()
    assert "ordered no picture yet" in text(await tool(app, account, "get_generation"))
    await app.submit(account, prompt="older")
    newest = await app.submit(account, prompt="newest")
    await app.submit(other, prompt="a stranger's")

    assert (await tool(app, account, "get_generation"))["structuredContent"]["generation_id"] == newest


async def test_progress_is_told_to_who_wants_to_hear_of_it(shared: App, account: Account) -> None:
    params = {"name": "generate_image", "arguments": {"prompt": "a kite sleep=0.4 steps=8"}}

    answer = await ask(shared, account, "tools/call", params, progress="token-1")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (answer.headers["x-accel-buffering"], answer.headers["cache-control"]) == ("no", "no-store")
    *notes, last = mcp_wire.events(answer)
    told = [note["params"]["progress"] for note in notes]
    assert {note["method"] for note in notes} == {"notifications/progress"}
    assert {note["params"]["progressToken"] for note in notes} == {"token-1"}
    assert len(told) >= 3 and told == sorted(set(told)) and told[-1] == 100
    assert (last["id"], last["result"]["structuredContent"]["credits_charged"]) == (1, 4)


async def test_a_client_that_takes_no_stream_gets_json(shared: App, account: Account) -> None:
    body, headers = mcp_wire.stateless(
        "tools/call", {"name": "generate_image", "arguments": {"prompt": "a kite"}}, progress="token-1"
    )

    answer = await shared.post("/mcp", body, account, headers={**headers, "Accept": "application/json"})

    assert answer.json()["result"]["structuredContent"]["credits_charged"] == 4


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("generate_image", {}, ["prompt", "INVALID_PROMPT"]),
        ("generate_image", {"prompt": "  "}, ["prompt", "INVALID_PROMPT"]),
        ("generate_image", {"prompt": "x", "quality": "9K"}, ["quality '9K'", "1K, 2K or 4K"]),
        ("generate_image", {"prompt": "x", "aspect_ratio": "16x9"}, ["aspect_ratio '16x9'", "16:9 is nearest"]),
        ("generate_image", {"prompt": "x", "model": "dall-e-9"}, ["model 'dall-e-9'", "nano-banana-2"]),
        ("generate_image", {"prompt": "x", "model": 5}, ["model 5", "nano-banana-2"]),
        ("generate_image", {"prompt": "x", "seed": "five"}, ["seed 'five'", "whole number"]),
        ("generate_image", {"prompt": "x", "size": "9x9"}, ["size '9x9'", "WIDTHxHEIGHT"]),
        ("generate_image", {"prompt": "x", "output_format": "svg"}, ["output_format 'svg'", "png, jpeg or webp"]),
        ("generate_image", {"prompt": "x", "google_search": "yes"}, ["google_search 'yes'", "true or false"]),
        ("generate_image", {"prompt": "x", "idempotency_key": "é"}, ["idempotency_key", "ASCII"]),
        ("generate_image", {"prompt": "x", "idempotency_key": 5}, ["idempotency_key 5", "UUID"]),
        ("edit_image", {"prompt": "x"}, ["images", "MISSING_INPUT_IMAGE"]),
        ("edit_image", {"prompt": "x", "images": ["https://a.example/b.png"] * 15}, ["images has 15 entries", "14"]),
        ("edit_image", {"prompt": "x", "images": "https://a.example/b.png"}, ["images", "list of strings"]),
        ("edit_image", {"prompt": "x", "images": [5]}, ["images", "list of strings"]),
        ("edit_image", {"prompt": "x", "images": ["file:///etc/passwd"]}, ["images[0]"]),
        ("edit_image", {"prompt": "x", "images": ["http://10.0.0.1/x.png"]}, ["images[0]"]),
        ("edit_image", {"prompt": "x", "images": ["/home/me/cat.png"]}, ["images[0] '/home/me/cat.png'", "own machine"]),
        ("edit_image", {"prompt": "x", "images": ["data:image/png,abc"]}, ["images[0]", "base64"]),
        ("edit_image", {"prompt": "x", "images": ["data:image/png;base64,"]}, ["images[0]"]),
        ("edit_image", {"prompt": "x", "images": ["aGVsbG8="]}, ["images[0]: The picture could not be read"]),
    ],
)  # fmt: skip
async def test_a_refusal_is_a_result_that_names_the_value_and_the_way_out(
    shared: App, account: Account, name: str, arguments: dict[str, Any], words: list[str]
) -> None:
    result = await tool(shared, account, name, **arguments)

    assert result["isError"] is True
    assert all(word in text(result) for word in words), text(result)
    assert "nothing was charged" in text(result)
    assert "structuredContent" not in result
    assert (await shared.balance(account), await count(shared, account)) == ((100, 0), 0)


async def test_without_credits_nothing_is_ordered(shared: App) -> None:
    poor = await shared.account(credits=3)

    result = await tool(shared, poor, "generate_image", prompt="a kite")

    assert result["isError"] is True and "costs 4, the balance is 3" in text(result)
    assert (await shared.balance(poor), await count(shared, poor)) == ((3, 0), 0)


async def test_orders_count_against_the_keys_limit_and_nothing_else_does(shared: App) -> None:
    account = await shared.account(limit=RateLimit(2, 3600))
    for _ in range(2):
        assert (await tool(shared, account, "generate_image", prompt="a kite"))["isError"] is False
        assert (await tool(shared, account, "generate_image", prompt=""))["isError"] is True

    refused = await tool(shared, account, "generate_image", prompt="a kite")

    assert "API_KEY_RATE_LIMIT_EXCEEDED" in text(refused) and "Try again in" in text(refused)
    for free in ("get_generation", "list_models", "get_credits"):
        assert (await tool(shared, account, free))["isError"] is False
    assert (await tool(shared, account, "get_credits"))["structuredContent"]["orders_left"] == 0


@pytest.mark.parametrize(("prompt", "code"), [("blocked", "CONTENT_BLOCKED"), ("no_image", "GENERATION_FAILED")])
async def test_a_failed_picture_is_an_error_that_cost_nothing(
    shared: App, account: Account, prompt: str, code: str
) -> None:
    result = await tool(shared, account, "generate_image", prompt=prompt)

    assert result["isError"] is True
    assert code in text(result) and "Nothing was charged" in text(result) and "100 are left" in text(result)
    assert result["structuredContent"]["credits_charged"] == 0
    assert await shared.balance(account) == (100, 0)


async def test_a_picture_that_was_deleted_is_told_so(shared: App, account: Account) -> None:
    made = await tool(shared, account, "generate_image", prompt="a kite")
    generation_id = made["structuredContent"]["generation_id"]
    await shared.client.delete(f"/api/v1/generations/{generation_id}", headers=account.headers)

    result = await tool(shared, account, "get_generation", id=generation_id)

    assert result["isError"] is True and "DELETED" in text(result) and "cost stays" in text(result)


@pytest.mark.parametrize("wait_s", [-1, 31, "5", True])
async def test_a_wait_has_a_maximum(shared: App, account: Account, wait_s: Any) -> None:
    assert "0 to 30" in text(await tool(shared, account, "get_generation", id="0" * 32, wait_s=wait_s))


async def test_an_argument_that_is_not_there_is_ignored_and_named(shared: App, account: Account) -> None:
    result = await tool(shared, account, "generate_image", prompt="a kite", style="vivid", seed=None)

    assert result["isError"] is False and "generate_image has no argument 'style'" in text(result)


async def test_pictures_may_come_as_data_and_become_uploads(shared: App, account: Account) -> None:
    plain = base64.b64encode(png(32, 32)).decode()
    images = [f"data:image/png;base64,{plain}", "\n".join(plain[at : at + 60] for at in range(0, len(plain), 60))]

    result = await tool(shared, account, "edit_image", prompt="a kite", images=[*images, plain.rstrip("=")])

    row = await shared.row(result["structuredContent"]["generation_id"])
    assert row["mode"] == "edit" and len(set(row["input_image_urls"])) == 3
    for url in row["input_image_urls"]:
        assert (await shared.client.get(url)).headers["content-type"] == "image/png"
    assert await count(shared, account, _UPLOADS) == 3


async def test_what_is_refused_leaves_no_uploads(shared: App, account: Account) -> None:
    images = [base64.b64encode(png(32, 32)).decode()]

    await tool(shared, account, "edit_image", prompt="a kite", images=[*images, "ftp://a.example/b.png"])
    await tool(shared, account, "edit_image", prompt="", images=images)

    assert await count(shared, account, _UPLOADS) == 0


async def test_a_picture_made_here_can_be_edited_by_its_url(shared: App, account: Account) -> None:
    made = await tool(shared, account, "generate_image", prompt="a kite")

    edited = await tool(
        shared, account, "edit_image", prompt="a red kite", images=[block(made, "resource_link")["uri"]]
    )

    assert edited["isError"] is False and await shared.balance(account) == (92, 0)


@pytest.mark.parametrize("by", ["argument", "header"])
async def test_an_order_sent_again_under_its_key_costs_nothing(shared: App, account: Account, by: str) -> None:
    images = [base64.b64encode(png(32, 32)).decode()]
    arguments: dict[str, Any] = {"prompt": "a kite", "images": images}
    body, headers = mcp_wire.stateless("tools/call", {"name": "edit_image", "arguments": arguments})
    if by == "argument":
        arguments["idempotency_key"] = "order-1"
    else:
        headers["Idempotency-Key"] = "order-1"

    first, again = [(await shared.post("/mcp", body, account, headers=headers)).json()["result"] for _ in range(2)]

    assert first["structuredContent"] == again["structuredContent"]
    assert "ordered before" in text(again) and "ordered before" not in text(first)
    assert (await count(shared, account), await count(shared, account, _UPLOADS)) == (1, 1)
    assert await shared.balance(account) == (96, 0)
    arguments["prompt"] = "another"
    other = (await shared.post("/mcp", body, account, headers=headers)).json()["result"]
    assert "IDEMPOTENCY_KEY_REUSED" in text(other) and await shared.balance(account) == (96, 0)


async def test_the_same_order_many_times_at_once_is_one(app: App) -> None:
    account = await app.account(credits=100)

    answers = await asyncio.gather(
        *(tool(app, account, "generate_image", prompt="a kite", idempotency_key="order-1") for _ in range(20))
    )

    assert len({one["structuredContent"]["generation_id"] for one in answers}) == 1
    assert await app.balance(account) == (96, 4)


async def test_a_database_that_goes_away_behind_the_order_makes_no_error_of_it(app: App, monkeypatch: Any) -> None:
    from cavendish.errors import ServiceBusy

    account = await app.account(credits=10)

    async def away(*arguments: Any) -> Any:
        raise ServiceBusy("away")

    monkeypatch.setattr(app.services.statuses, "read", away)

    result = await tool(app, account, "generate_image", prompt="a kite")

    assert result["isError"] is False and "is ordered. 4 credits are held for it, 6 are left" in text(result)
    assert result["structuredContent"]["credits_held"] == 4


async def test_a_service_that_stops_takes_no_orders_and_says_how_to_find_out(app: App) -> None:
    account = await app.account(credits=10)
    app.services.draining = True

    result = await tool(app, account, "generate_image", prompt="a kite")

    assert result["isError"] is True and "restarting" in text(result) and "get_generation without an id" in text(result)
    assert await app.balance(account) == (10, 0)


async def test_a_client_that_hangs_up_cancels_nothing(app: App) -> None:
    account = await app.account(credits=10)
    body, headers = mcp_wire.stateless(
        "tools/call", {"name": "generate_image", "arguments": {"prompt": "a kite"}}, progress="token-1"
    )
    _, begun = await app.begun("POST", "/mcp", {**headers, **account.headers}, body)

    assert begun["content-type"].startswith("text/event-stream")
    assert await app.balance(account) == (6, 4)
    await app.start_worker()
    found = await tool(app, account, "get_generation", wait_s=20)
    assert found["structuredContent"]["credits_charged"] == 4


async def test_another_accounts_generation_is_not_found(shared: App, account: Account) -> None:
    made = await tool(shared, account, "generate_image", prompt="a secret kite")
    generation_id, stranger = made["structuredContent"]["generation_id"], await shared.account()

    foreign = await tool(shared, stranger, "get_generation", id=generation_id, wait_s=1)
    nobodys = await tool(shared, stranger, "get_generation", id="0" * 32)

    assert foreign["isError"] is True
    assert foreign["content"] == nobodys["content"] and "not found" in text(foreign)
    task = await ask(shared, stranger, "tasks/get", {"taskId": generation_id}, extensions=(TASKS,))
    assert (task.status_code, task.json()["error"]["code"]) == (400, -32602)


async def test_models_are_listed_with_their_prices(shared: App, account: Account) -> None:
    result = await tool(shared, account, "list_models")

    assert "nano-banana-2: generate and edit; credits by quality: 1K 4, 2K 8, 4K 16" in text(result)
    assert result["structuredContent"]["models"]["nano-banana-pro"] == {
        "input_images_max": 8, "credits": {"1K": 4, "2K": 8, "4K": 16},
    }  # fmt: skip


async def test_what_is_created_here_is_seen_on_every_face(shared: App, account: Account) -> None:
    made = await tool(shared, account, "generate_image", prompt="a kite")
    there = await shared.submit(account, prompt="another")
    await shared.ended(account, there)

    seen = (await shared.check(account, made["structuredContent"]["generation_id"])).json()
    here = await tool(shared, account, "get_generation", id=there)

    assert seen["imageUrl"] == block(made, "resource_link")["uri"]
    assert (seen["creditsCharged"], here["structuredContent"]["credits_charged"]) == (4, 4)


class TestTasks:
    """A client that declares the extension gets a task for what is not finished; its id is the generation's."""

    @pytest.fixture
    async def owner(self, app: App) -> AsyncIterator[Account]:
        yield await app.account(credits=10)

    async def created(self, app: App, owner: Account, **arguments: Any) -> dict[str, Any]:
        params = {"name": "generate_image", "arguments": {"prompt": "a kite", **arguments}}
        answer = await ask(app, owner, "tools/call", params, extensions=(TASKS,))
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["result"])

    async def got(self, app: App, owner: Account, task_id: str, method: str = "tasks/get") -> dict[str, Any]:
        answer = await ask(app, owner, method, {"taskId": task_id}, extensions=(TASKS,))
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["result"])

    async def test_it_is_there_before_it_is_told_of_and_ends_with_the_tools_answer(
        self, app: App, owner: Account
    ) -> None:
        task = await self.created(app, owner)

        assert (task["resultType"], task["status"], task["ttlMs"]) == ("task", "working", None)
        assert await app.row(task["taskId"]) is not None
        working = await self.got(app, owner, task["taskId"])
        assert (working["resultType"], working["status"]) == ("complete", "working")
        await app.start_worker()
        await app.ended(owner, task["taskId"])
        done = await self.got(app, owner, task["taskId"])
        assert done["status"] == "completed"
        assert done["createdAt"] == task["createdAt"] and done["lastUpdatedAt"] > task["createdAt"]
        assert done["result"]["structuredContent"]["credits_charged"] == 4
        assert [one["type"] for one in done["result"]["content"]] == ["text", "resource_link", "image"]

    async def test_a_failed_picture_is_a_completed_task_with_an_error(self, app: App, owner: Account) -> None:
        task = await self.created(app, owner, prompt="blocked")
        await app.start_worker()
        await app.ended(owner, task["taskId"])

        done = await self.got(app, owner, task["taskId"])

        assert (done["status"], done["result"]["isError"]) == ("completed", True)
        assert await app.balance(owner) == (10, 0)

    async def test_what_ends_in_time_is_no_task(self, shared: App, account: Account) -> None:
        assert (await self.created(shared, account))["resultType"] == "complete"

    async def test_who_does_not_declare_tasks_gets_none(self, app: App, owner: Account) -> None:
        assert (await tool(app, owner, "generate_image", prompt="a kite"))["resultType"] == "complete"

    @pytest.mark.parametrize(("method", "left"), [("tasks/cancel", (10, 0)), ("tasks/update", (6, 4))])
    async def test_a_task_that_waits_is_cancelled_and_free_and_updates_change_nothing(
        self, app: App, owner: Account, method: str, left: tuple[int, int]
    ) -> None:
        task = await self.created(app, owner)

        for _ in range(2):
            answer = await self.got(app, owner, task["taskId"], method)
            assert {key: value for key, value in answer.items() if key != "_meta"} == {"resultType": "complete"}

        assert await app.balance(owner) == left
        state = (await self.got(app, owner, task["taskId"]))["status"]
        assert state == ("cancelled" if left == (10, 0) else "working")

    @pytest.mark.parametrize("task_id", ["0" * 32, "nonsense", "", 5, None])
    async def test_a_task_of_nobodys_is_a_bad_parameter(self, app: App, owner: Account, task_id: Any) -> None:
        for method in ("tasks/get", "tasks/cancel", "tasks/update"):
            answer = await ask(app, owner, method, {"taskId": task_id}, extensions=(TASKS,))
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32602)

    async def test_a_named_task_must_be_the_one_in_the_body(self, app: App, owner: Account) -> None:
        task = await self.created(app, owner)
        body, headers = mcp_wire.stateless("tasks/get", {"taskId": task["taskId"]}, extensions=(TASKS,))

        right = await app.post("/mcp", body, owner, headers={**headers, "Mcp-Name": task["taskId"]})
        wrong = await app.post("/mcp", body, owner, headers={**headers, "Mcp-Name": "0" * 32})

        assert (right.status_code, wrong.status_code) == (200, 400)
        assert wrong.json()["error"]["code"] == -32020
