"""The first path: a submission becomes a picture, and its credits are captured."""

from __future__ import annotations

import pytest

from harness.inprocess import App

pytestmark = pytest.mark.anyio


async def test_a_generation_ends_in_a_picture_and_costs_its_price(app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()

    generation_id = await app.submit(account, imageQuality="2K")
    answer = await app.ended(account, generation_id)

    assert answer["status"] == "completed"
    assert (answer["width"], answer["height"]) == (2752, 1536)
    assert answer["creditsCharged"] == 8
    assert await app.balance(account) == (92, 0)
    assert await app.entries(generation_id) == ["hold", "capture"]
    picture = await app.client.get(answer["imageUrl"])
    assert picture.status_code == 200
    assert picture.headers["content-type"] == "image/png"


async def test_a_failed_generation_returns_its_credits(app: App) -> None:
    account = await app.account(credits=10)
    await app.start_worker()

    generation_id = await app.submit(account, prompt="rejected")
    answer = await app.ended(account, generation_id)

    assert answer["status"] == "failed"
    assert answer["success"] is False
    assert answer["progress"] == 0
    assert answer["errorCode"] == "GENERATION_FAILED"
    assert await app.balance(account) == (10, 0)
    assert await app.entries(generation_id) == ["hold", "release"]
