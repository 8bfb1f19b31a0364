"""A size and a format that are asked for are what is delivered; what is paid is what was drawn."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from cavendish.errors import InvalidInput
from cavendish.imaging.converter import Converter, NotConverted
from harness import expect
from harness.inprocess import App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"drain_seconds": "0.2"}


async def picture(app: App, answer: dict[str, object]) -> Image.Image:
    served = await app.client.get(str(answer["imageUrl"]))
    assert served.headers["content-type"] == answer["mimeType"]
    image = Image.open(io.BytesIO(served.content))
    image.load()
    assert image.size == (answer["width"], answer["height"])
    return image


@pytest.mark.parametrize(
    ("asked", "size", "kind", "price"),
    [
        ({"size": "1536x1024"}, (1536, 1024), "PNG", 4),
        ({"size": "1792x1024", "outputFormat": "webp"}, (1792, 1024), "WEBP", 8),
        ({"outputFormat": "jpeg", "outputQuality": 60, "aspectRatio": "1:1"}, (1024, 1024), "JPEG", 4),
        ({"size": "500x200", "outputFormat": "png"}, (500, 200), "PNG", 4),
        ({"size": "1024x1024"}, (1024, 1024), "PNG", 4),
    ],
)
async def test_what_is_asked_for_is_delivered(
    app: App, asked: dict[str, object], size: tuple[int, int], kind: str, price: int
) -> None:
    account = await app.account(credits=100)
    await app.start_worker()

    answer = await app.ended(account, await app.submit(account, **asked))
    image = await picture(app, answer)

    assert (image.size, image.format) == (size, kind)
    assert answer["creditsCharged"] == price
    assert "warnings" not in answer
    assert await app.balance(account) == (100 - price, 0)


async def test_without_a_wish_the_engines_own_bytes_are_delivered(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("nobody asked for it")

    monkeypatch.setattr(Converter, "convert", never)
    account = await app.account(credits=100)
    await app.start_worker()

    for asked in ({}, {"outputFormat": "png"}, {"size": "1376x768"}):
        assert (await app.ended(account, await app.submit(account, **asked)))["status"] == "completed"


async def test_a_paid_picture_that_cannot_be_converted_is_delivered_as_it_is_and_said_so(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise NotConverted("it cannot be read within the limits")

    monkeypatch.setattr(Converter, "convert", broken)
    account = await app.account(credits=100)
    await app.start_worker()

    answer = await app.ended(account, await app.submit(account, size="1000x500", outputFormat="webp"))

    assert (answer["status"], answer["mimeType"], answer["creditsCharged"]) == ("completed", "image/png", 4)
    assert answer["warnings"] == [
        "The picture could not be brought to what was asked for; it is as the engine made it."
    ]
    await picture(app, answer)


async def test_a_converting_process_that_cannot_start_delays_a_paid_picture(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert, calls = Converter.convert, 0

    async def starting(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(11, "no more processes")
        return await convert(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Converter, "convert", starting)
    account = await app.account(credits=100)
    await app.start_worker()

    answer = await app.ended(account, await app.submit(account, outputFormat="webp"))

    assert (answer["status"], answer["mimeType"]) == ("completed", "image/webp")


async def test_a_worker_that_stops_while_it_converts_leaves_the_order_to_the_next_which_is_paid_once(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert, begun = Converter.convert, asyncio.Event()

    async def hanging(*arguments: object, **options: object) -> object:
        if not begun.is_set():
            begun.set()
            await asyncio.sleep(60)
        return await convert(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Converter, "convert", hanging)
    account = await app.account(credits=100)
    await app.start_worker()
    order = await app.submit(account, outputFormat="webp")
    await asyncio.wait_for(begun.wait(), 10)

    await app.stop_worker()
    assert await app.balance(account) == (96, 4)
    await app.start_worker()
    answer = await app.ended(account, order)

    assert (answer["status"], answer["mimeType"], answer["creditsCharged"]) == ("completed", "image/webp", 4)
    assert await app.entries(order) == ["hold", "capture"]
    assert await app.balance(account) == (96, 0)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"size": "huge"}, "size 'huge' is not valid: use WIDTHxHEIGHT"),
        ({"outputFormat": "gif"}, "outputFormat 'gif' is not valid: use png, jpeg or webp"),
        ({"outputQuality": 0}, "outputQuality 0 is not valid: use a whole number from 1 to 100"),
        ({"size": "9999x9999"}, "size 9999x9999 is too large"),
    ],
)
async def test_what_cannot_be_delivered_is_refused_before_anything_is_held(
    app: App, asked: dict[str, object], told: str
) -> None:
    account = await app.account(credits=100)

    answer = await app.generate(account, **asked)

    expect.refusal(answer, InvalidInput, told)
    assert await app.balance(account) == (100, 0)
