"""`cavendish serve` with a key of Google's: the API text's calls end in the model's pictures, whatever Google does."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from emulators import gemini_api
from emulators.gemini_api import FLASH, KEY, GeminiApi
from emulators.server import Emulator, Reply
from harness.processes import Served, Starter

CITY = "A futuristic cityscape at sunset with flying cars and neon lights"
YELLOW = (250, 190, 20)


@pytest.fixture
def api() -> Iterator[GeminiApi]:
    with GeminiApi() as started:
        yield started


@pytest.fixture
def google(api: GeminiApi) -> dict[str, str]:
    return {
        "CAVENDISH_ROUTES": "",  # the default of a service that has Google's key
        "GEMINI_API_KEY": KEY,
        "CAVENDISH_GEMINI_BASE_URL": api.url,
        "CAVENDISH_INPUT_ALLOW_NETWORKS": "127.0.0.0/8",
    }


def colour(served: Served, answer: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, ...]]:
    """Size and colour of the hosted picture."""
    import urllib.request

    with urllib.request.urlopen(answer["imageUrl"], timeout=10) as got:
        picture = Image.open(io.BytesIO(got.read()))
        assert got.headers["Content-Type"] == f"image/{(picture.format or '').lower()}"
    return picture.size, picture.convert("RGB").getpixel((5, 5))  # type: ignore[return-value]


def test_the_three_calls_of_the_text_end_in_googles_pictures(
    serving: Starter, api: GeminiApi, google: dict[str, str]
) -> None:
    photo = gemini_api.picture(60, 40, "WEBP")
    served = serving(**google)
    with Emulator(lambda _: Reply(200, photo, {"Content-Type": "image/webp"})) as host:
        city = served.picture(CITY, aspectRatio="16:9", imageQuality="2K")
        truck = served.picture(
            "The latest Tesla Cybertruck in a desert landscape",
            aspectRatio="16:9",
            imageQuality="2K",
            googleSearch=True,
        )
        edit = served.picture(
            "Transform this photo into a watercolor painting style",
            mode="edit", aspectRatio="16:9", imageQuality="1K", inputImageUrls=[f"{host.url}/demo.webp"],
        )  # fmt: skip

    sizes = [colour(served, answer) for answer in (city, truck, edit)]
    assert [size for size, _ in sizes] == [(2752, 1536), (2752, 1536), (1376, 768)]
    assert all(max(abs(a - b) for a, b in zip(found, YELLOW, strict=True)) < 8 for _, found in sizes)
    assert {(answer["engine"], answer["model"], answer["mimeType"]) for answer in (city, truck, edit)} == {
        ("gemini", FLASH, "image/jpeg")
    }
    assert truck["grounding"]["renderedContent"] == gemini_api.RENDERED
    assert truck["grounding"]["queries"] == ["cybertruck 2026 design", "desert light"]
    assert truck["grounding"]["sources"][0]["title"] == "trucks.example"
    assert "grounding" not in city
    sent = api.calls[2][2]["contents"][0]["parts"][0]["inlineData"]
    assert Image.open(io.BytesIO(base64.b64decode(sent["data"]))).size == (60, 40)
    assert KEY not in served.log.read_text()
    assert "Cybertruck" not in served.log.read_text()


def test_a_route_survives_a_google_that_is_killed(serving: Starter, api: GeminiApi, google: dict[str, str]) -> None:
    served = serving(**{**google, "CAVENDISH_ROUTES": "nano-banana-2=gemini,sketch"})
    before = served.picture(CITY)
    api.stop()

    began = time.monotonic()
    after = [served.picture(f"{CITY} {number}") for number in range(3)]

    assert (before["engine"], before.get("warnings")) == ("gemini", None)
    assert {answer["engine"] for answer in after} == {"sketch"}
    assert all("gemini could not make this picture" in answer["warnings"][0] for answer in after)
    assert [answer["creditsCharged"] for answer in after] == [4, 4, 4]
    assert time.monotonic() - began < 60


# Row, calls of Google, error code, words of the error. Each is refunded.
FAILURES = [
    ("key invalid", 1, "GENERATION_FAILED", "not available"),
    ("bad argument", 1, "GENERATION_FAILED", "rejected the request: Unhandled generated data mime type: image/x."),
    ("daily quota", 1, "GENERATION_FAILED", "not available"),
    ("limited", 3, "GENERATION_FAILED", "busy"),
    ("overloaded", 3, "GENERATION_FAILED", "busy"),
    ("reset", 1, "GENERATION_FAILED", "did not answer in time"),
    ("no json", 2, "GENERATION_FAILED", "no JSON"),
    ("half picture", 2, "GENERATION_FAILED", "not whole"),
    ("text only", 2, "GENERATION_FAILED", "answered without an image: I can describe"),
    ("max tokens", 1, "GENERATION_FAILED", "returned no image"),
    ("finish NO_IMAGE", 2, "GENERATION_FAILED", "returned no image"),
    ("finish IMAGE_SAFETY", 1, "CONTENT_BLOCKED", "declined by the safety filter (IMAGE_SAFETY)"),
    ("prompt PROHIBITED_CONTENT", 1, "CONTENT_BLOCKED", "declined by the safety filter (PROHIBITED_CONTENT)"),
]


def test_each_outcome_ends_in_its_state_with_its_words_its_credits_and_its_number_of_calls(
    serving: Starter, api: GeminiApi, google: dict[str, str]
) -> None:
    served = serving(**google)
    for row, calls, code, words in FAILURES:
        api.calls.clear()
        answer = served.picture(f"a picture [[{row}]]")

        assert (answer["status"], answer["errorCode"], answer["creditsCharged"]) == ("failed", code, 0), row
        assert words in answer["error"], row
        assert len(api.calls) == calls, row
        assert answer["creditsRemaining"] == 1000, row
        # A success in between: the circuit is another test's matter.
        assert served.picture("a picture [[smaller]]")["creditsCharged"] == 4
        assert serving.command("credits", "grant", "default", "4").returncode == 0
