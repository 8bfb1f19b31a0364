"""Anybody may have a picture looked at: in OpenAI's shape, by its own SDK, without a key, and with an end to it."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from PIL import Image

from cavendish.models import RateLimit
from cavendish.stores.rate_limits import LocalLimiter
from cavendish.web.http.context import Web
from harness.inprocess import App

pytestmark = pytest.mark.anyio

PATH = "/v1/content_provenance_checks"


@pytest.fixture
def options() -> dict[str, object]:
    return {"marks": "c2pa,xmp", "register": "on", "routes": "nano-banana-2=instant;nano-banana-pro=instant"}


@pytest.fixture
async def picture(app: App) -> AsyncIterator[bytes]:
    await app.start_worker()
    account = await app.account()
    answer = await app.ended(account, await app.submit(account))
    yield (await app.client.get(answer["imageUrl"])).content


def _web(app: App) -> Web:
    found: Web = app.client._transport.app._app.state.web  # type: ignore[attr-defined]
    return found


async def _checked(app: App, data: bytes, query: str = "") -> dict[str, Any]:
    answer = await app.client.post(f"{PATH}{query}", files={"file": ("picture.png", data, "image/png")})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_openais_own_client_reads_what_was_found(app: App, picture: bytes) -> None:
    client = openai.AsyncOpenAI(api_key="none", base_url="http://cavendish.test/v1", http_client=app.client)  # type: ignore[arg-type]

    found = await client.content_provenance_checks.create(file=("picture.png", picture, "image/png"))

    c2pa = found.results[0]
    assert found.object == "content_provenance_check"
    assert (c2pa.type, c2pa.outcome) == ("c2pa", "detected")
    assert c2pa.validation_state == "valid"  # type: ignore[union-attr]
    assert c2pa.generated_at  # type: ignore[union-attr]


async def test_the_register_tells_the_very_file(app: App, picture: bytes) -> None:
    found = (await _checked(app, picture))["results"]

    registry = next(result for result in found if result["type"] == "registry")
    assert (registry["outcome"], registry["match"], registry["engine"]) == ("detected", "file", "instant")


async def test_a_photograph_is_nothing_found_and_that_proves_nothing(app: App) -> None:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "JPEG")

    found = await _checked(app, file.getvalue())

    assert {result["outcome"] for result in found["results"]} == {"not_detected"}
    assert found["results"][0]["validation_state"] == "not_present"
    assert "proves nothing" in found["disclaimer"]


async def test_a_changed_picture_is_invalid(app: App, picture: bytes) -> None:
    found = await _checked(app, picture + b"another byte")

    assert found["results"][0]["validation_state"] == "invalid"


async def test_a_body_that_is_the_picture_is_taken_too(app: App, picture: bytes) -> None:
    answer = await app.client.post(PATH, content=picture, headers={"Content-Type": "image/png"})

    assert answer.json()["results"][0]["outcome"] == "detected"


async def test_types_leave_the_others_out(app: App, picture: bytes) -> None:
    assert [result["type"] for result in (await _checked(app, picture, "?types=c2pa"))["results"]] == ["c2pa"]

    refused = await app.client.post(f"{PATH}?types=synthid", content=picture)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_value")
    assert "registry" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 400), (b"no picture", 400), (b"\x89PNG\r\n\x1a\n" + bytes(99), 400), (bytes(20_200_000), 413)],
)
async def test_what_is_no_picture_is_refused_in_openais_words(app: App, data: bytes, status: int) -> None:
    answer = await app.client.post(PATH, files={"file": ("x.png", data, "image/png")})

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_form_without_a_file_says_so(app: App) -> None:
    answer = await app.client.post(PATH, files={"picture": ("x.png", b"x", "image/png")})

    assert (answer.status_code, "file is missing" in answer.json()["error"]["message"]) == (400, True)


async def test_an_address_has_its_share(app: App) -> None:
    _web(app).verifications = LocalLimiter(RateLimit(2, 60))
    answers = [await app.client.post(PATH, content=b"no picture") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_no_place_is_kept_after_a_refusal(app: App) -> None:
    for _ in range(5):
        await app.client.post(PATH, content=b"no picture")

    assert _web(app).verifying.total() == 0


async def test_the_picture_is_kept_nowhere(app: App, picture: bytes, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    await _checked(app, picture)

    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before


async def test_copies_are_served_by_width(app: App, picture: bytes) -> None:
    app.services.settings = dataclasses.replace(app.settings, copies=True)
    account = await app.account()
    url = (await app.ended(account, await app.submit(account)))["imageUrl"]

    small, whole = await app.client.get(f"{url}?width=320"), await app.client.get(url)
    refused = await app.client.get(f"{url}?width=321")

    assert (small.headers["content-type"], Image.open(io.BytesIO(small.content)).width) == ("image/webp", 320)
    assert whole.headers["content-type"] == "image/png"
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "INVALID_INPUT")
    assert small.headers["etag"] != whole.headers["etag"]
