"""A body that is too large because of pictures in it hears what to send instead, wherever in it they stand."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest

from cavendish import settings as configuration
from cavendish.errors import ImageUrlsRequired, PayloadTooLarge
from cavendish.web.http import beginning
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

BYTES_MAX = configuration.load({"data": "/nowhere"}, environment={}).body_bytes_max
PICTURE = "iVBORw0KGgo" * 100_000  # 1.1 MB
URL = "https://images.example.com/a.png"
EDIT = {"prompt": "a lake", "mode": "edit"}

PICTURES: dict[str, Any] = {
    "the documented way": {**EDIT, "inputImages": [PICTURE]},
    "two": {**EDIT, "inputImages": [PICTURE, PICTURE]},
    "as data URLs": {**EDIT, "inputImages": [f"data:image/png;base64,{PICTURE}"]},
    "one string": {**EDIT, "inputImages": PICTURE},
    "objects": {**EDIT, "inputImages": [{"mimeType": "image/png", "data": PICTURE}]},
    "first, mode behind": {"inputImages": [PICTURE], **EDIT},
    "beside no URLs": {**EDIT, "inputImageUrls": [], "inputImages": [PICTURE]},
    "beside null": {**EDIT, "inputImageUrls": None, "inputImages": [PICTURE]},
    "behind a long prompt": {"prompt": "😀" * 20_000, "mode": "edit", "inputImages": [PICTURE]},
    "behind other members": {
        "a": {"inputImageUrls": ["b"], "c": [1, "}"]},
        "d": '"]}',
        **EDIT,
        "inputImages": [PICTURE],
    },
}
OTHERS: dict[str, Any] = {
    "a long prompt": {"prompt": "a" * 1_000_000, "mode": "edit"},
    "a long prompt before the pictures": {"prompt": "a" * 1_000_000, "mode": "edit", "inputImages": [PICTURE]},
    "in mode generate": {"prompt": "a lake", "mode": "generate", "inputImages": [PICTURE]},
    "beside URLs": {**EDIT, "inputImageUrls": [URL], "inputImages": [PICTURE]},
    "no pictures": {**EDIT, "inputImages": [], "pad": PICTURE},
    "not at the top": {**EDIT, "a": {"inputImages": [PICTURE]}},
    "in a text": {"prompt": '"inputImages": ["' + PICTURE, "mode": "edit"},
    "a list": [{**EDIT, "inputImages": [PICTURE]}],
    "many members": {**{f"k{n}": n for n in range(2000)}, **EDIT, "inputImages": [PICTURE]},
}


async def send(app: App, account: Account, body: Any, *, chunked: bool, path: str = PATH) -> httpx2.Response:
    data = body if isinstance(body, bytes) else orjson.dumps(body)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 65_536):
            yield data[at : at + 65_536]

    content = pieces() if chunked else data
    return await app.client.post(f"{path}/generate", content=content, headers=account.headers)


@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "by length"])
@pytest.mark.parametrize("body", PICTURES.values(), ids=PICTURES)
async def test_pictures_as_data_are_image_urls_required(shared: App, body: Any, chunked: bool) -> None:
    for path in (PATH, "/api/nano-banana-pro"):
        answer = await send(shared, await shared.account(), body, chunked=chunked, path=path)

        expect.refusal(answer, ImageUrlsRequired, "API calls require inputImageUrls for edit mode", "public URLs")
        assert "ratelimit" in answer.headers


@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "by length"])
@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
async def test_anything_else_is_too_large(shared: App, body: Any, chunked: bool) -> None:
    answer = await send(shared, await shared.account(), body, chunked=chunked)

    expect.refusal(answer, PayloadTooLarge, "inputImageUrls")


async def test_a_small_one_and_a_large_one_hear_the_same(shared: App) -> None:
    account = await shared.account()

    small, large = [
        expect.any_refusal(await send(shared, account, {**EDIT, "inputImages": [picture]}, chunked=False))
        for picture in ("iVBO", PICTURE)
    ]

    assert large == small


async def test_check_status_reads_no_further_than_it_must(shared: App) -> None:
    answer = await shared.post(f"{PATH}/check-status", {"inputImages": [PICTURE]}, await shared.account())

    expect.refusal(answer, PayloadTooLarge)


# --- the other faces


FACES = {
    "/v1/images/generations": "/v1/images/edits",
    "/v1/images/edits": "image",
    "/v1/chat/completions": "image_url",
    "/v1beta/models/gemini-2.5-flash-image:generateContent": "inlineData",
    "/sdapi/v1/txt2img": "init_images",
    "/sdapi/v1/options": "",
    "/api/v1/generations": "inputImageUrls",
    "/mcp": "URLs",
    "/api/nano-banana-2/check-status": "",
}


@pytest.mark.parametrize(("path", "words"), FACES.items())
async def test_each_face_hears_it_in_words_of_its_own(shared: App, path: str, words: str) -> None:
    """By the length that is announced: nothing of such a body is read."""
    account = await shared.account()
    headers = {**account.headers, "Content-Type": "application/json", "Content-Length": str(1024**3)}

    answer = await shared.client.post(path, content=b"{}", headers=headers)

    assert answer.status_code in (413, 400) and " is over " in answer.text, answer.text
    assert words in answer.text
    assert ("inputImageUrls" in answer.text) is (words == "inputImageUrls")


# --- the beginning of a body, as far as it can be read


@pytest.mark.parametrize(
    ("head", "members"),
    [
        (b'{"mode":"edit","inputImages":["iVBO', {"mode": "edit", "inputImages": True}),
        (b' \n{ "mode" : "edit" , "inputImages" :\n [ "iVBO', {"mode": "edit", "inputImages": True}),
        (b'{"inputImages":"iVBO', {"inputImages": "iVBO"}),
        (b'{"a":[],"b":{},"c":null,"d":7,"e":true,"f":"","g":[[', {"a": None, "b": None, "c": None, "d": None, "e": None, "f": "", "g": True}),
        (rb'{"a":"x\"y","b\"c":"d', {"a": "x", r"b\"c": "d"}),
        (b'{"a":{"b":"c"},"d":[{"e":"f"}],"g":"h"', {"a": True, "d": True, "g": "h"}),
        (b'{"a":"b","a":"c"', {"a": "c"}),
        (b'{"a"', {}), (b'{"a":', {"a": None}), (b'{"a":[', {"a": None}), (b'{"a', {}), (b"{", {}), (b"", {}),
        (b'["a","b"', {}), (b'}}{"a":"b"', {}), (b"\xff\xfe{", {}),
    ],
)  # fmt: skip
def test_members_are_seen_as_far_as_they_were_read(head: bytes, members: dict[str, Any]) -> None:
    assert beginning.members(head) == members


@pytest.mark.parametrize("piece", [b"[", b"{", b'"', b'""', b"\\", b'"\\"', b'"a":', b"a,", b" ", b"{}", b"[]", b'\\"'])
def test_no_beginning_takes_long_to_look_at(piece: bytes) -> None:
    for start in (b"", b"{", b'{"a":', b'{"a":"', b'{"a":['):
        head = (start + piece * (BYTES_MAX // len(piece)))[:BYTES_MAX]
        began = time.process_time()
        beginning.members(head)
        assert time.process_time() - began < 0.05, "some thousand pieces are looked at, not each of a body"
