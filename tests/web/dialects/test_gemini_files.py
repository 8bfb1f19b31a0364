"""Google's files: as n8n sends a picture before it edits it, as google-genai does, and who may."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from cavendish_test_engines.png import png
from google import genai
from google.genai import errors, types
from PIL import Image

from cavendish.imaging.decoder import INPUT_BYTES_MAX
from cavendish.stores import accounts
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

UPLOAD = "/upload/v1beta/files"
FINISH = {"X-Goog-Upload-Offset": "0", "X-Goog-Upload-Command": "upload, finalize"}
MODEL = "gemini-2.5-flash-image"


async def start(app: App, account: Account, **headers: str) -> httpx2.Response:
    begun = {"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start",
             "X-Goog-Upload-Header-Content-Length": "100", "X-Goog-Upload-Header-Content-Type": "image/png"}  # fmt: skip
    return await app.client.post(UPLOAD, headers={"x-goog-api-key": account.key, **begun, **headers})


async def url(app: App, account: Account) -> str:
    answer = await start(app, account)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["x-goog-upload-url"])


def refused(answer: httpx2.Response, code: int, word: str) -> str:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (code, code, word), answer.text
    return str(error["message"])


async def test_n8n_uploads_a_picture_without_its_key_and_edits_it(app: App) -> None:
    await app.start_worker()
    account = await app.account(credits=100)
    there = await url(app, account)

    sent = await app.client.post(there, content=png(60, 30), headers=FINISH)  # no credential: n8n sends none here
    file = sent.json()["file"]
    found = await app.client.get(f"/v1beta/{file['name']}", headers={"x-goog-api-key": account.key})
    edited = await app.client.post(
        f"/v1beta/models/{MODEL}:generateContent",
        headers={"x-goog-api-key": account.key},
        json={
            "contents": [{"role": "user", "parts": [
                {"fileData": {"fileUri": file["uri"], "mimeType": file["mimeType"]}}, {"text": "make it night"}]}],
            "generationConfig": {"responseModalities": ["IMAGE"]},
        },
        timeout=30,
    )  # fmt: skip

    assert (file["state"], file["mimeType"]) == ("ACTIVE", "image/png")
    assert account.key not in there and found.json() == file
    assert edited.json()["candidates"][0]["content"]["parts"][0]["inlineData"]["data"]
    row = await app.row(edited.json()["responseId"])
    assert row["mode"] == "edit" and row["input_image_urls"] == ["/generations/" + file["uri"].rpartition("/")[2]]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
async def test_googles_sdk_uploads_finds_and_edits(app: App, version: str, tmp_path: Any) -> None:
    await app.start_worker()
    account = await app.account(credits=100)
    inside = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.client._transport.app))  # type: ignore[attr-defined]
    options = types.HttpOptions(base_url="http://cavendish.test", httpx_async_client=inside, api_version=version)
    ask = genai.Client(api_key=account.key, vertexai=False, http_options=options).aio
    (tmp_path / "a.png").write_bytes(png(60, 30))
    (tmp_path / "b.png").write_bytes(b"no picture")

    file = await ask.files.upload(file=str(tmp_path / "a.png"))
    again = await ask.files.get(name=str(file.name))
    answer = await ask.models.generate_content(model=MODEL, contents=[file, "make it night"])
    with pytest.raises(errors.ClientError) as wrong:
        await ask.files.upload(file=str(tmp_path / "b.png"))

    assert again.uri == file.uri and again.state is types.FileState.ACTIVE
    assert (await app.row(str(answer.response_id)))["mode"] == "edit"
    assert (wrong.value.code, wrong.value.status) == (400, "INVALID_ARGUMENT")


async def test_an_address_is_good_for_a_while_and_for_as_long_as_its_key(app: App) -> None:
    account, other = await app.account(), await app.account()
    there, revoked = await url(app, account), await url(app, other)
    forged = there.replace(account.key_id, other.key_id)
    async with app.services.db.transaction() as transaction:
        later = await accounts.create_key(transaction, await accounts.ensure(transaction, other.name))
        await accounts.revoke_key(transaction, other.key_id)

    async def send(address: str) -> httpx2.Response:
        return await app.client.post(address, content=png(30, 30), headers=FINISH)

    stretched = there.replace(urlsplit(there).query.split(".")[1], "9" * 10)
    for bad in (forged, revoked, stretched, there.replace(account.key_id, later.id), f"{UPLOAD}?upload_id=x"):
        refused(await send(bad), 401, "UNAUTHENTICATED")
    assert (await send(there)).headers["x-goog-upload-status"] == "final"
    await app.shift_clock("61 minutes")
    late = await send(there)

    assert "start the upload anew" in refused(late, 401, "UNAUTHENTICATED")
    assert late.headers["x-goog-upload-status"] == "cancelled"


async def test_a_file_is_its_accounts_and_gone_after_its_time(app: App) -> None:
    account, other = await app.account(), await app.account()
    sent = await app.client.post(await url(app, account), content=png(30, 30), headers=FINISH)
    path = f"/v1beta/{sent.json()['file']['name']}"

    assert (await app.client.get(path, headers=account.headers)).status_code == 200
    for name in (path, "/v1beta/files/x", "/v1/files/" + "0" * 32):
        refused(await app.client.get(name, headers=other.headers), 404, "NOT_FOUND")
    await app.shift_clock("25 hours")
    refused(await app.client.get(path, headers=account.headers), 404, "NOT_FOUND")


async def send(app: App, account: Account, size: int = 30) -> dict[str, Any]:
    sent = await app.client.post(await url(app, account), content=png(size, 30), headers=FINISH)
    file: dict[str, Any] = sent.json()["file"]
    return file


async def test_files_are_listed_page_by_page_each_accounts_own(app: App) -> None:
    account, other = await app.account(), await app.account()
    mine = [(await send(app, account, 30 + number))["name"] for number in range(5)]
    theirs = (await send(app, other))["name"]

    async def page(who: Account, **query: Any) -> Any:
        answer = await app.client.get("/v1beta/files", params=query, headers={"x-goog-api-key": who.key})
        assert answer.status_code == 200, answer.text
        return answer.json()

    first = await page(account, pageSize=3)
    second = await page(account, pageSize=3, pageToken=first["nextPageToken"])

    assert sorted(one["name"] for one in first["files"] + second["files"]) == sorted(mine)
    assert len(first["files"]) == 3 and "nextPageToken" not in second
    assert [one["name"] for one in (await page(other))["files"]] == [theirs]
    for query in ({"pageSize": "0"}, {"pageSize": "x"}, {"pageToken": "'; --"}):
        answer = await app.client.get("/v1beta/files", params=query, headers=account.headers)
        refused(answer, 400, "INVALID_ARGUMENT")
    await app.shift_clock("25 hours")
    assert (await page(account))["files"] == []


async def test_a_file_is_deleted_by_its_owner_alone_and_its_picture_with_it(app: App) -> None:
    account, other = await app.account(), await app.account()
    file, kept = await send(app, account), await send(app, account)
    name = file["uri"].rpartition("/")[2]

    refused(await app.client.delete(f"/v1beta/{file['name']}", headers=other.headers), 404, "NOT_FOUND")
    refused(await app.client.delete(f"/v1beta/{file['name']}"), 401, "UNAUTHENTICATED")
    assert await app.services.storage.read(name) is not None
    gone = await app.client.delete(f"/v1beta/{file['name']}", headers={"x-goog-api-key": account.key})

    assert (gone.status_code, gone.json()) == (200, {})
    assert await app.services.storage.read(name) is None
    for method in ("GET", "DELETE"):
        answer = await app.client.request(method, f"/v1beta/{file['name']}", headers=account.headers)
        refused(answer, 404, "NOT_FOUND")
    assert (await app.client.get(f"/v1/{kept['name']}", headers=account.headers)).status_code == 200


async def test_googles_sdk_lists_and_deletes(app: App) -> None:
    account = await app.account()
    sent = [(await send(app, account, 30 + number))["name"] for number in range(3)]
    inside = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.client._transport.app))  # type: ignore[attr-defined]
    options = types.HttpOptions(base_url="http://cavendish.test", httpx_async_client=inside)
    ask = genai.Client(api_key=account.key, vertexai=False, http_options=options).aio

    await ask.files.delete(name=sent[0])
    left = [one.name async for one in await ask.files.list(config={"page_size": 1})]

    assert sorted(str(name) for name in left) == sorted(sent[1:])


async def test_what_is_too_large_or_comes_otherwise_is_refused_at_once(app: App) -> None:
    account = await app.account()
    there = await url(app, account)

    too_large = await start(app, account, **{"X-Goog-Upload-Header-Content-Length": str(INPUT_BYTES_MAX + 1)})
    otherwise = await start(app, account, **{"X-Goog-Upload-Protocol": "raw"})
    odd = await app.client.post(there, content=png(30, 30), headers={**FINISH, "X-Goog-Upload-Command": "begin"})
    long = await app.client.post(there, content=b"x" * (INPUT_BYTES_MAX + 1), headers=FINISH)

    assert "20 MB" in refused(too_large, 413, "INVALID_ARGUMENT")
    refused(otherwise, 400, "INVALID_ARGUMENT")
    assert "comma, or query" in refused(odd, 400, "INVALID_ARGUMENT")
    refused(long, 413, "INVALID_ARGUMENT")
    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.uploads") == 0


# --- in several pieces


async def piece(
    app: App, there: str, data: bytes, offset: int, command: str = "upload", **headers: str
) -> httpx2.Response:
    said = {"X-Goog-Upload-Offset": str(offset), "X-Goog-Upload-Command": command, **headers}
    return await app.client.post(there, content=data, headers=said)


def taken(app: App) -> int:
    """Places of large bodies that are in use."""
    return int(app.client._transport.app._app.state.web.uploading.total())  # type: ignore[attr-defined]


async def test_a_picture_in_pieces_is_put_together_and_its_place_given_back(app: App) -> None:
    account = await app.account()
    there, data = await url(app, account), png(60, 30)

    first = await piece(app, there, data[:20], 0)
    again = await piece(app, there, data[:20], 0)  # its answer was lost
    asked = await piece(app, there, b"", 0, "query")
    second = await piece(app, there, data[20:50], 20)
    assert taken(app) == 1
    whole = await piece(app, there, data[50:], 50, "upload, finalize")

    for answer, size in ((first, 20), (again, 20), (asked, 20), (second, 50)):
        assert answer.headers["x-goog-upload-status"] == "active" and answer.status_code == 200
        assert answer.headers["x-goog-upload-size-received"] == str(size)
    assert whole.headers["x-goog-upload-status"] == "final", whole.text
    assert whole.json()["file"]["mimeType"] == "image/png"
    assert taken(app) == 0


async def test_two_uploads_begun_in_one_second_are_not_mixed(app: App) -> None:
    account = await app.account()
    one, other = await url(app, account), await url(app, account)
    wide, tall = png(60, 30), png(30, 60)

    await piece(app, one, wide[:30], 0)
    await piece(app, other, tall[:30], 0)
    files = [
        (await piece(app, one, wide[30:], 30, "upload, finalize")).json()["file"],
        (await piece(app, other, tall[30:], 30, "upload, finalize")).json()["file"],
    ]

    sizes = []
    for file in files:
        stored = await app.services.storage.read(file["uri"].rpartition("/")[2])
        assert stored is not None
        sizes.append(Image.open(io.BytesIO(stored)).size)
    assert sizes == [(60, 30), (30, 60)]


async def test_a_piece_in_the_wrong_place_ends_the_upload(app: App) -> None:
    account = await app.account()
    there, data = await url(app, account), png(60, 30)

    unbegun = await piece(app, there, data[20:], 20, "upload, finalize")
    await piece(app, there, data[:20], 0)
    gap = await piece(app, there, data[30:], 30, "upload, finalize")
    rest = await piece(app, there, data[20:], 20, "upload, finalize")

    for answer in (unbegun, gap, rest):
        assert "start anew" in refused(answer, 400, "INVALID_ARGUMENT")
        assert answer.headers["x-goog-upload-status"] == "cancelled"
    for offset in ("-1", "x", "1.5", "9" * 30):
        odd = await piece(app, there, data, 0, **{"X-Goog-Upload-Offset": offset})
        refused(odd, 400, "INVALID_ARGUMENT")
    assert taken(app) == 0


async def test_pieces_are_no_more_than_a_picture_may_be_together(app: App) -> None:
    account = await app.account()
    there = await url(app, account)

    first = await piece(app, there, bytes(INPUT_BYTES_MAX - 10), 0)
    over = await piece(app, there, bytes(11), INPUT_BYTES_MAX - 10, "upload, finalize")

    assert first.status_code == 200
    assert "20 MB" in refused(over, 413, "INVALID_ARGUMENT")
    assert taken(app) == 0


async def test_unfinished_uploads_hold_the_places_of_their_account_and_no_more(app: App) -> None:
    account, other = await app.account(), await app.account()
    for _ in range(3):
        assert (await piece(app, await url(app, account), b"x", 0)).status_code == 200

    fourth = await piece(app, await url(app, account), b"x", 0)
    others = await piece(app, await url(app, other), png(30, 30), 0, "upload, finalize")

    refused(fourth, 503, "UNAVAILABLE")
    assert others.status_code == 200 and taken(app) == 3


async def test_a_thousand_crumbs_are_no_upload(app: App) -> None:
    there = await url(app, await app.account())

    answers = [await piece(app, there, b"x", number) for number in range(81)]

    assert [answer.status_code for answer in answers] == [200] * 80 + [400]
    assert taken(app) == 0


@pytest.mark.parametrize("options", [{"upload_body_seconds": "0.2"}])
async def test_what_hears_nothing_more_is_forgotten_and_its_place_free(app: App) -> None:
    there = await url(app, await app.account())
    await piece(app, there, b"x", 0)
    assert taken(app) == 1

    async with asyncio.timeout(10):
        while taken(app):
            await asyncio.sleep(0.02)

    refused(await piece(app, there, b"y", 1), 400, "INVALID_ARGUMENT")


async def test_googles_sdk_sends_what_is_larger_than_one_of_its_chunks(app: App, tmp_path: Any) -> None:
    account = await app.account()
    inside = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.client._transport.app))  # type: ignore[attr-defined]
    options = types.HttpOptions(base_url="http://cavendish.test", httpx_async_client=inside)
    ask = genai.Client(api_key=account.key, vertexai=False, http_options=options).aio
    picture = io.BytesIO()
    Image.effect_noise((3400, 2900), 90).convert("L").save(picture, "PNG", compress_level=0)
    (tmp_path / "large.png").write_bytes(picture.getvalue())

    file = await ask.files.upload(file=str(tmp_path / "large.png"))

    assert len(picture.getvalue()) > 8 * 1024**2
    assert file.state is types.FileState.ACTIVE and taken(app) == 0


# --- in one body of two parts


def related(data: bytes, boundary: str = "b-1") -> bytes:
    head = f"--{boundary}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
    told = '{"file": {"displayName": "a"}}'
    return f"{head}{told}\r\n--{boundary}\r\nContent-Type: image/png\r\n\r\n".encode() + data + (
        f"\r\n--{boundary}--\r\n".encode()
    )  # fmt: skip


async def test_a_picture_may_come_behind_what_is_said_of_it(app: App) -> None:
    """As Google's older packages for JavaScript send one."""
    account = await app.account()
    headers = {"x-goog-api-key": account.key, "X-Goog-Upload-Protocol": "multipart",
               "Content-Type": "multipart/related; boundary=b-1"}  # fmt: skip

    answer = await app.client.post(UPLOAD, content=related(png(60, 30)), headers=headers)
    unkeyed = await app.client.post(UPLOAD, content=related(png(60, 30)), headers={**headers, "x-goog-api-key": ""})

    assert answer.json()["file"]["mimeType"] == "image/png", answer.text
    refused(unkeyed, 401, "UNAUTHENTICATED")
    for kind, data in (
        ("multipart/related; boundary=other", related(png(60, 30))),
        ("multipart/related", related(png(60, 30))),
        ("multipart/form-data; boundary=b-1", related(png(60, 30))),
        ("multipart/related; boundary=b-1", b""),
        ("multipart/related; boundary=b-1", related(png(60, 30))[:-8]),
        ("multipart/related; boundary=b-1", related(b"no picture")),
    ):
        wrong = await app.client.post(UPLOAD, content=data, headers={**headers, "Content-Type": kind})
        refused(wrong, 400, "INVALID_ARGUMENT")
    long = await app.client.post(UPLOAD, content=related(bytes(INPUT_BYTES_MAX + 2**16)), headers=headers)
    refused(long, 413, "INVALID_ARGUMENT")
    assert taken(app) == 0
