"""A picture from a browser becomes a URL for inputImageUrls: decoded apart, stored clean, and gone after a day."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator

import httpx2
import pytest
from PIL import Image

from cavendish.application.generations import upload
from cavendish.application.work import sweep
from cavendish.errors import InvalidInput, LoginRequired, PayloadTooLarge, ServiceBusy
from cavendish.settings import Settings
from cavendish.web.http import uploading
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

PATH = "/api/v1/uploads"


def photograph(kind: str = "JPEG", size: tuple[int, int] = (320, 200)) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, kind, exif=exif)
    return file.getvalue()


async def send(app: App, account: Account, data: bytes, kind: str = "image/jpeg") -> httpx2.Response:
    return await app.client.post(PATH, content=data, headers={**account.headers, "Content-Type": kind})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_a_picture_becomes_a_url_that_shows_it(app: App, kind: str) -> None:
    account = await app.account()

    body = expect.success(await send(app, account, photograph(kind)))

    assert (body["width"], body["height"]) == (320, 200)
    stored = await app.client.get(body["inputImageUrl"])
    assert stored.headers["content-type"] == body["mimeType"]
    assert Image.open(io.BytesIO(stored.content)).size == (320, 200)


async def test_what_the_camera_wrote_is_gone(app: App) -> None:
    body = expect.success(await send(app, await app.account(), photograph()))

    stored = await app.client.get(body["inputImageUrl"])

    assert b"taken at home" not in stored.content


async def test_the_url_works_as_an_input_image(app: App) -> None:
    account = await app.account()
    url = expect.success(await send(app, account, photograph()))["inputImageUrl"]
    await app.start_worker()

    generation_id = await app.submit(account, mode="edit", prompt="make it a watercolour", inputImageUrls=[url])

    assert (await app.ended(account, generation_id))["status"] == "completed"


async def test_an_input_outlives_the_address_by_which_it_was_given(app: App, settings: Settings) -> None:
    """The service may get a public URL, or another one, while generations wait; what is kept of a picture is its name."""
    account = await app.account()
    url = expect.success(await send(app, account, photograph()))["inputImageUrl"]
    generation_id = await app.submit(
        account, mode="edit", inputImageUrls=[url, "https://images.example.org/a.png"], prompt="make it a watercolour"
    )
    there_url = "https://elsewhere.example.com"

    async with App.started(dataclasses.replace(settings, public_url=there_url)) as there:
        answer = await there.client.get(f"/api/v1/generations/{generation_id}", headers=account.headers)
        only_own = await app.submit(account, mode="edit", inputImageUrls=[url], prompt="make it a watercolour")
        await there.start_worker()

        assert answer.json()["inputImageUrls"] == [
            url.replace(app.settings.public_url, there_url), "https://images.example.org/a.png",
        ]  # fmt: skip
        assert (await there.ended(account, only_own))["status"] == "completed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        photograph()[:200],
        b"\x89PNG\r\n\x1a\n" + b"0" * 99,
    ],
)
async def test_what_is_no_picture_is_refused_and_not_stored(app: App, data: bytes) -> None:
    answer = await send(app, await app.account(), data)

    expect.refusal(answer, InvalidInput, "could not be read")
    assert [names async for names in app.services.storage.names(older_than_seconds=0)] in ([], [[]])


async def test_a_picture_over_the_limit_is_refused_before_it_is_read(app: App) -> None:
    answer = await send(app, await app.account(), photograph() + b"0" * 20_000_001)

    expect.refusal(answer, PayloadTooLarge, "20 MB")


async def test_nobody_uploads_without_a_key(app: App) -> None:
    expect.refusal(await app.client.post(PATH, content=photograph()), LoginRequired)


async def test_an_account_has_only_so_much_room_and_gets_it_back(settings: Settings) -> None:
    file = io.BytesIO()
    Image.effect_noise((700, 500), 90).save(file, "PNG")  # about 0.35 MB, which nothing makes smaller
    data = file.getvalue()
    async with App.started(dataclasses.replace(settings, upload_bytes_max=1_048_576)) as app:
        account, other = await app.account(), await app.account()
        answers = [await send(app, account, data) for _ in range(6)]

        assert answers[0].status_code == answers[1].status_code == 200
        expect.refusal(answers[-1], PayloadTooLarge, "together")
        expect.success(await send(app, other, data))
        await app.shift_clock(f"{app.settings.upload_seconds + 1} seconds")
        expect.success(await send(app, account, data))


async def test_an_upload_is_deleted_after_its_time_and_not_before(app: App) -> None:
    account = await app.account()
    url = expect.success(await send(app, account, photograph()))["inputImageUrl"]

    await sweep.sweep_files(app.services)
    assert (await app.client.get(url)).status_code == 200

    await app.shift_clock(f"{app.settings.upload_seconds + 1} seconds")
    await sweep.sweep_files(app.services)
    assert (await app.client.get(url)).status_code == 404


async def test_a_living_upload_is_no_orphan(settings: Settings) -> None:
    settings = dataclasses.replace(settings, orphan_seconds=0.0, deadline_seconds=0.0)
    async with App.started(settings) as app:
        url = expect.success(await send(app, await app.account(), photograph()))["inputImageUrl"]

        await sweep.sweep_files(app.services)

        assert (await app.client.get(url)).status_code == 200


async def test_a_picture_that_is_too_large_once_it_is_clean_is_told_at_once(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.BytesIO()
    Image.effect_noise((500, 400), 90).convert("RGBA").save(file, "WEBP", quality=5)
    monkeypatch.setattr(upload, "INPUT_BYTES_MAX", len(file.getvalue()) + 1)

    answer = await send(app, await app.account(), file.getvalue(), "image/webp")

    expect.refusal(answer, PayloadTooLarge, "once it is clean")


async def test_what_was_uploaded_stays_out_of_shared_caches(app: App) -> None:
    account = await app.account()
    await app.start_worker()
    sent = expect.success(await send(app, account, photograph()))["inputImageUrl"]
    made = (await app.ended(account, await app.submit(account)))["imageUrl"]

    for url, rule in ((sent, "private"), (made, "public")):
        whole, head = await app.client.get(url), await app.client.head(url)
        again = await app.client.get(url, headers={"If-None-Match": whole.headers["etag"]})
        part = await app.client.get(url, headers={"Range": "bytes=0-9"})
        answers = [whole, head, again, part]
        assert [answer.status_code for answer in answers] == [200, 200, 304, 206]
        assert {answer.headers["cache-control"].split(",")[0] for answer in answers} == {rule}


async def test_one_account_cannot_take_every_place(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "_AT_ONCE_PER_ACCOUNT", 1)
    async with App.started(settings) as app:
        account, other = await app.account(), await app.account()
        answers: list[httpx2.Response] = []

        async def slowly() -> AsyncIterator[bytes]:
            answers.extend([await send(app, account, photograph()), await send(app, other, photograph())])
            yield photograph()

        await app.client.post(PATH, content=slowly(), headers=account.headers)

        expect.refusal(answers[0], ServiceBusy)
        expect.success(answers[1])


async def test_three_of_an_account_are_under_way_at_once_and_no_fourth(settings: Settings) -> None:
    """The number as it is shipped: a slow connection holds its place for a minute, and there are eight for all."""
    async with App.started(settings) as app:
        account = await app.account()
        answers: list[httpx2.Response] = []

        async def slowly(others: int) -> AsyncIterator[bytes]:
            if others:
                content = slowly(others - 1)
                answers.append(await app.client.post(PATH, content=content, headers=account.headers))
            yield photograph()

        answers.append(await app.client.post(PATH, content=slowly(3), headers=account.headers))

        assert [answer.status_code for answer in answers] == [503, 200, 200, 200]


async def test_only_so_many_upload_at_once(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, uploads_at_once=1)) as app:
        account = await app.account()

        async def slowly() -> AsyncIterator[bytes]:
            nonlocal second
            second = await send(app, account, photograph())
            yield photograph()

        second: httpx2.Response | None = None
        first = await app.client.post(PATH, content=slowly(), headers=account.headers)

        assert second is not None
        expect.refusal(second, ServiceBusy, "uploaded")
        expect.success(first)
        expect.success(await send(app, account, photograph()))
