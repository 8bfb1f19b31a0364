"""Stored pictures over HTTP: the exact bytes, their true type, cached for ever, and nothing but pictures."""

from __future__ import annotations

import hashlib

import httpx2
import pytest
from cavendish_test_engines.png import png

from cavendish.application.work import sweep
from cavendish.errors import Expired, MethodNotAllowed, NotFound, ServiceBusy
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

NOBODYS = f"/generations/{'0' * 32}-1.png"


@pytest.fixture
async def account(shared: App) -> Account:
    return await shared.account()


@pytest.fixture
async def url(shared: App, account: Account) -> str:
    ended = await shared.ended(account, await shared.submit(account))
    return str(ended["imageUrl"])


async def test_a_picture_is_the_exact_stored_bytes_with_its_true_type(shared: App, url: str) -> None:
    answer = await shared.client.get(url)

    assert answer.status_code == 200
    assert answer.content == png(1376, 768)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(answer.content))
    row = await shared.services.db.fetchrow(
        "SELECT image_sha256, image_bytes FROM cavendish.generations WHERE image_name = $1", url.rsplit("/", 1)[1]
    )
    assert row is not None
    assert (row["image_sha256"], row["image_bytes"]) == (hashlib.sha256(answer.content).digest(), len(answer.content))


async def test_a_picture_needs_no_key_and_is_safe_in_any_page(shared: App, url: str) -> None:
    headers = (await shared.client.get(url)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_picture_may_be_cached_for_ever(shared: App, url: str) -> None:
    headers = (await shared.client.get(url)).headers

    assert headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_head_tells_the_same_without_the_bytes(shared: App, url: str) -> None:
    whole, head = await shared.client.get(url), await shared.client.head(url)

    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control", "accept-ranges"):
        assert head.headers[name] == whole.headers[name]


async def test_what_a_client_has_is_not_sent_again(shared: App, url: str) -> None:
    etag = (await shared.client.get(url)).headers["etag"]

    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await shared.client.get(url, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    for sent in ('"other"', etag.strip('"'), ""):
        assert (await shared.client.get(url, headers={"If-None-Match": sent})).status_code == 200


async def test_an_etag_does_not_make_a_missing_picture_exist(shared: App) -> None:
    expect.refusal(await shared.client.get(NOBODYS, headers={"If-None-Match": "*"}), NotFound)


@pytest.mark.parametrize(
    ("sent", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=-5", -5, None),
        ("bytes=100-", 100, None),
        ("bytes=0-999999999", 0, None),
    ],
)
async def test_a_range_is_that_part(shared: App, url: str, sent: str, start: int, stop: int | None) -> None:
    whole = (await shared.client.get(url)).content

    answer = await shared.client.get(url, headers={"Range": sent})

    assert (answer.status_code, answer.content) == (206, whole[start:stop])
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("sent", ["bytes=999999999-", "bytes=-0"])
async def test_a_range_behind_the_end_is_416_and_says_how_long_it_is(shared: App, url: str, sent: str) -> None:
    size = len((await shared.client.get(url)).content)

    answer = await shared.client.get(url, headers={"Range": sent})

    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "sent",
    [
        "bytes",
        "bytes=",
        "bytes=a-b",
        "lines=1-2",
        "bytes=5-2",
        "bytes=--",
        "0-5",
        "bytes=²-",
        f"bytes={'9' * 5000}-",
        "",
    ],
)
async def test_a_range_that_cannot_be_read_is_ignored(shared: App, url: str, sent: str) -> None:
    """RFC 9110 14.2: an unknown unit or an invalid range means the whole picture."""
    answer = await shared.client.get(url, headers={"Range": sent.encode("latin-1")})

    assert (answer.status_code, answer.content) == (200, png(1376, 768))


async def test_ten_thousand_ranges_cost_no_more_than_the_picture(shared: App, url: str) -> None:
    """Starlette CVE-2025-62727: many ranges once took quadratic time."""
    whole = (await shared.client.get(url)).content

    answer = await shared.client.get(url, headers={"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(10_000))})

    assert (answer.status_code, answer.content) == (200, whole)


@pytest.mark.parametrize(
    "name",
    [
        "x.png",
        f"{'0' * 32}-1",
        f"{'0' * 32}-1.gif",
        f"{'0' * 32}-1.PNG",
        f"{'A' * 32}-1.png",
        f"{'0' * 31}-1.png",
        f"{'0' * 32}-1.png.html",
        f"{'0' * 32}--1.png",
        f"{'0' * 32}-1.png%00.html",
        f"{'0' * 32}-1.png%0a",
        "%2e%2e",
        "..%2f..%2fcavendish.toml",
        "%2e%2e%2fstorage-id",
        "storage-id",
        ".",
        "%00",
        "~root",
        "C:%5Cwindows",
        "a" * 5000,
    ],
)
async def test_what_is_no_pictures_name_is_404(shared: App, name: str) -> None:
    expect.refusal(await shared.client.get(f"/generations/{name}"), NotFound)


async def test_the_folder_cannot_be_listed(shared: App, url: str) -> None:
    name = url.rsplit("/", 1)[1]

    for path in ("/generations", "/generations/", f"/generations/{name[:2]}", f"/generations/{name[:2]}/{name}"):
        expect.refusal(await shared.client.get(path), NotFound)


async def test_a_name_stands_for_one_file_only(shared: App, url: str) -> None:
    """Another extension, fence or digit is another name."""
    for other in (url.replace(".png", ".jpg"), url.replace("-1.png", "-2.png"), url.replace("-1.png", "-01.png")):
        expect.refusal(await shared.client.get(other), NotFound)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
async def test_a_picture_cannot_be_changed_over_http(shared: App, url: str, method: str) -> None:
    expect.refusal(await shared.client.request(method, url, content=b"x"), MethodNotAllowed)
    assert (await shared.client.get(url)).content == png(1376, 768)


# --- retention


@pytest.mark.parametrize("options", [{"keep_images": "30d"}])
async def test_a_picture_past_its_time_is_410_and_its_generation_says_expired(app: App) -> None:
    account = await app.account(credits=10)
    await app.start_worker()
    generation_id = await app.submit(account)
    url = (await app.ended(account, generation_id))["imageUrl"]

    await app.shift_clock("29 days")
    await sweep.sweep_files(app.services)
    assert (await app.client.get(url)).status_code == 200
    await app.shift_clock("31 days")
    await sweep.sweep_files(app.services)

    gone: httpx2.Response = await app.client.get(url)
    expect.refusal(gone, Expired)
    expect.refusal(await app.client.get(url, headers={"If-None-Match": "*"}), Expired)
    shown = (await app.check(account, generation_id)).json()
    assert (shown["success"], shown["status"], shown["errorCode"]) == (False, "failed", "EXPIRED")
    assert (shown["creditsCharged"], shown["progress"]) == (4, 0)
    assert "imageUrl" not in shown and "image_url" not in shown
    native = (await app.client.get(f"/api/v1/generations/{generation_id}", headers=account.headers)).json()
    assert (native["status"], native["errorCode"], native["creditsCharged"]) == ("failed", "EXPIRED", 4)
    assert "imageUrl" not in native
    assert await app.balance(account) == (6, 0)


async def test_a_picture_whose_file_is_lost_is_404(shared: App, url: str) -> None:
    path = shared.services.storage.local_path(url.rsplit("/", 1)[1])
    assert path is not None
    path.unlink()

    expect.refusal(await shared.client.get(url), NotFound)


async def test_a_storage_that_cannot_be_read_is_503(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from cavendish.storage.base import StorageError

    async def broken(name: str) -> bytes | None:
        raise StorageError("the disk is away")

    monkeypatch.setattr(app.services.storage, "read", broken)

    answer = await app.client.get(NOBODYS)

    expect.refusal(answer, ServiceBusy)
    assert "disk" not in answer.text
