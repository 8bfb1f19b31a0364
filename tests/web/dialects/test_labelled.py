"""`label: "ai"`: every face takes it, the picture bears it, and nobody's does unasked."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from cavendish.errors import InvalidInput
from cavendish.imaging import label
from cavendish.imaging.converter import Converter, NotConverted
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

GEMINI = "/v1beta/models/gemini-2.5-flash-image:generateContent"
PREDICT = "/v1beta/models/imagen-4.0-generate-001:predict"


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


def is_marked(data: bytes) -> bool:
    """The test engine's pictures are plain: none but a marked one has white beside black in that corner."""
    image = Image.open(io.BytesIO(data)).convert("L")
    found = label.placed(*image.size)
    inside = image.crop((found.left + 6, found.top + 6, found.left + found.width - 6, found.top + found.height - 6))
    low, high = inside.getextrema()
    return bool(high >= 250 and low <= 100)  # type: ignore[operator]


async def delivered(app: App, answer: dict[str, Any]) -> bytes:
    return (await app.client.get(str(answer["imageUrl"]))).content


@pytest.mark.parametrize(
    "asked", [{}, {"size": "1024x64"}, {"outputFormat": "jpeg"}, {"outputFormat": "webp"}], ids=str
)
async def test_a_picture_bears_the_label_that_was_ordered_and_says_so(working: App, asked: dict[str, str]) -> None:
    account = await working.account(credits=100)
    generation_id = await working.submit(account, label="ai", **asked)
    answer = await working.ended(account, generation_id)
    shown = (await working.client.get(f"/api/v1/generations/{generation_id}", headers=account.headers)).json()

    assert is_marked(await delivered(working, answer))
    assert (shown["label"], answer["status"], "warnings" in answer) == ("ai", "completed", False)
    assert (await working.row(generation_id))["label"] == "ai"
    assert await working.balance(account) == (96, 0)


@pytest.mark.parametrize("asked", [{}, {"label": None}])
async def test_nobodys_picture_is_marked_unasked(working: App, asked: dict[str, Any]) -> None:
    account = await working.account(credits=100)
    generation_id = await working.submit(account, **asked)
    answer = await working.ended(account, generation_id)
    shown = (await working.client.get(f"/api/v1/generations/{generation_id}", headers=account.headers)).json()

    assert not is_marked(await delivered(working, answer))
    assert "label" not in shown


async def test_all_of_one_order_bear_it(working: App) -> None:
    account = await working.account(credits=100)
    ordered = (
        await working.post("/api/v1/generations", {"prompt": "a lake", "count": 2, "label": "ai"}, account)
    ).json()

    ended = [await working.ended(account, one["generationId"]) for one in ordered["generations"]]
    assert [is_marked(await delivered(working, one)) for one in ended] == [True, True]


@pytest.mark.parametrize("wrong", ["AI", "made by ai", "", 1, True, ["ai"]], ids=repr)
@pytest.mark.parametrize("path", [f"{PATH}/generate", "/api/v1/generations"])
async def test_another_label_is_refused_by_name_and_holds_nothing(app: App, path: str, wrong: Any) -> None:
    account = await app.account(credits=100)

    answer = await app.post(path, {"prompt": "a lake", "mode": "generate", "label": wrong}, account)

    expect.refusal(answer, InvalidInput, "label", "use ai")
    assert await app.balance(account) == (100, 0)


async def ask(app: App, account: Account, path: str, body: Any) -> Any:
    return await app.client.post(path, json=body, headers=account.headers, timeout=30)


async def test_the_other_faces_take_it_as_a_field_of_ours(working: App) -> None:
    account = await working.account(credits=100)
    openai = await ask(working, account, "/v1/images/generations", {"prompt": "a lake", "label": "ai"})
    content = {"contents": [{"role": "user", "parts": [{"text": "a lake"}]}]}
    gemini = await ask(working, account, GEMINI, {**content, "generationConfig": {"imageConfig": {"label": "ai"}}})
    imagen = await ask(working, account, PREDICT, {"instances": [{"prompt": "a lake"}], "parameters": {"label": "ai"}})

    pictures = [
        openai.json()["data"][0]["b64_json"],
        gemini.json()["candidates"][0]["content"]["parts"][0]["inlineData"]["data"],
        imagen.json()["predictions"][0]["bytesBase64Encoded"],
    ]
    assert [is_marked(base64.b64decode(picture)) for picture in pictures] == [True] * 3
    assert not [
        one.headers.get("cavendish-ignored") for one in (openai, gemini, imagen) if "cavendish-ignored" in one.headers
    ]
    refused = await ask(working, account, "/v1/images/generations", {"prompt": "a lake", "label": "robot"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "label")


async def test_the_same_words_with_a_label_are_another_order(working: App) -> None:
    """An SDK's own repetition attaches to the call before; this is none."""
    account = await working.account(credits=100)
    for body in ({"prompt": "a lake"}, {"prompt": "a lake", "label": "ai"}, {"prompt": "a lake", "label": "ai"}):
        headers = {**account.headers, "Idempotency-Key": f"k{'label' in body}"}
        answer = await working.client.post("/v1/images/generations", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200

    assert await working.balance(account) == (92, 0)


async def test_a_paid_picture_that_cannot_be_marked_is_delivered_and_says_that_it_is_not(
    working: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise NotConverted("it cannot be read within the limits")

    monkeypatch.setattr(Converter, "convert", broken)
    account = await working.account(credits=100)
    answer = await working.ended(account, await working.submit(account, label="ai"))

    assert answer["status"] == "completed"
    assert answer["warnings"][0].endswith("it is as the engine made it. It bears no label.")


async def test_an_assistant_may_ask_for_it(working: App) -> None:
    account = await working.account(credits=100)
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "generate_image", "arguments": {"prompt": "a lake", "label": "ai"}}}  # fmt: skip
    answer = await working.client.post(
        "/mcp", json=call, headers={**account.headers, "Accept": "application/json, text/event-stream"}, timeout=30
    )

    assert answer.status_code == 200, answer.text
    rows = (await working.client.get("/api/v1/generations", headers=account.headers)).json()["generations"]
    assert [one["label"] for one in rows] == ["ai"]
