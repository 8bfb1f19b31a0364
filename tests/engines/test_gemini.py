"""The engine `gemini` against an emulator that refuses what Google refuses: every way it goes well, every way it fails."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from engine_helpers import input_image, request

from cavendish import engines
from cavendish.engines import base, gemini
from cavendish.errors import ConfigurationError
from cavendish.imaging import sniff
from cavendish.models import PIXELS_1K, Quality, Source, pixels
from emulators import gemini_api
from emulators.gemini_api import FLASH, KEY, OLD, PRO, SMALL, GeminiApi
from emulators.server import Emulator, Reply

pytestmark = pytest.mark.anyio


@pytest.fixture
def api() -> Iterator[GeminiApi]:
    with GeminiApi() as started:
        yield started


@pytest.fixture
async def engine(api: GeminiApi) -> AsyncIterator[base.Engine]:
    loaded = load(api)
    yield loaded
    await loaded.close()


def load(api: GeminiApi, name: str = "gemini", **settings: str) -> base.Engine:
    prefix = f"CAVENDISH_{name.upper().replace('-', '_')}_"
    return engines.load(name, {f"{prefix}API_KEY": KEY, f"{prefix}BASE_URL": api.url, **settings})


def size_of(data: bytes) -> tuple[int, int]:
    header = sniff.sniff(data)
    assert header is not None
    return header.width, header.height


# What is sent


@pytest.mark.parametrize("quality", list(Quality))
@pytest.mark.parametrize("ratio", PIXELS_1K)
async def test_every_ratio_and_size_is_asked_for_and_delivered(
    engine: base.Engine, ratio: str, quality: Quality
) -> None:
    result = await engine.generate(request(aspect_ratio=ratio, image_quality=quality))

    assert size_of(result.data) == pixels(ratio, quality)
    assert (result.model, result.seed, result.warnings) == (FLASH, None, ())


async def test_the_request_is_one_fresh_turn_on_v1beta_and_holds_nothing_that_google_refuses(
    api: GeminiApi, engine: base.Engine
) -> None:
    result = await engine.generate(request(seed=7))

    [(version, model, body)] = api.calls
    assert (version, model) == ("v1beta", FLASH)
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": "a cabin at dusk"}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "1K"},
        },
    }
    assert any("seed was not used" in warning for warning in result.warnings)


async def test_fourteen_inputs_go_inline_with_their_true_types_before_the_prompt(
    api: GeminiApi, engine: base.Engine
) -> None:
    kinds = ["image/png", "image/jpeg", "image/webp"] * 4 + ["image/png"] * 2
    images = tuple(input_image(kind) for kind in kinds)

    await engine.generate(request("put them together", input_images=images))

    parts = api.calls[0][2]["contents"][0]["parts"]
    assert [part["inlineData"]["mimeType"] for part in parts[:-1]] == kinds
    assert [base64.b64decode(part["inlineData"]["data"]) for part in parts[:-1]] == [image.data for image in images]
    assert parts[-1] == {"text": "put them together"}


async def test_inputs_that_are_too_large_together_are_encoded_again_and_others_are_left_alone(
    api: GeminiApi, engine: base.Engine
) -> None:
    large, small = input_image(size=(1500, 1500), noise=True), input_image("image/jpeg")
    assert len(large.data) > 4_000_000

    await engine.generate(request(input_images=(large,) * 4 + (small,)))
    await engine.generate(request(input_images=(large,)))

    sent = [base64.b64decode(part["inlineData"]["data"]) for part in api.calls[0][2]["contents"][0]["parts"][:-1]]
    assert sum(map(len, sent)) <= gemini.IMAGES_BYTES_MAX
    assert sent[-1] == small.data
    assert {size_of(data) for data in sent[:-1]} == {(1500, 1500)}
    again = api.calls[1][2]["contents"][0]["parts"][0]["inlineData"]
    assert (again["mimeType"], len(base64.b64decode(again["data"]))) == ("image/png", len(large.data))


async def test_the_pro_model_serves_the_pro_path_and_refuses_its_four_ratios_without_a_call(
    api: GeminiApi, engine: base.Engine
) -> None:
    result = await engine.generate(request(model="nano-banana-pro"))
    with pytest.raises(base.EngineRejected, match="draws no 8:1; use another model"):
        await engine.generate(request(model="nano-banana-pro", aspect_ratio="8:1"))

    assert result.model == PRO
    assert [model for _, model, _ in api.calls] == [PRO]


async def test_search_is_one_tool_and_its_findings_come_back_unmodified(api: GeminiApi, engine: base.Engine) -> None:
    result = await engine.generate(request(google_search=True))

    body = api.calls[0][2]
    assert body["tools"] == [{"googleSearch": {}}]
    assert body["generationConfig"]["responseModalities"] == ["TEXT", "IMAGE"]
    assert result.grounding is not None
    assert result.grounding.rendered_content == gemini_api.RENDERED
    assert result.grounding.queries == ("cybertruck 2026 design", "desert light")
    assert result.grounding.sources == (
        Source("trucks.example", "https://vertexaisearch.example/redirect/1"),
        Source("", "https://pictures.example/page"),
    )
    assert result.warnings == ()


async def test_a_search_that_the_model_did_not_make_is_said(api: GeminiApi, engine: base.Engine) -> None:
    api.outcomes.append("wrong type")

    result = await engine.generate(request(google_search=True))

    assert result.grounding is None
    assert result.warnings == ("googleSearch was allowed, but the model did not search for this picture.",)


async def test_pictures_are_searched_only_when_the_operator_says_so(api: GeminiApi) -> None:
    engine = load(api, CAVENDISH_GEMINI_IMAGE_SEARCH="true")

    await engine.generate(request(google_search=True))

    assert api.calls[0][2]["tools"] == [{"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}}}]
    await engine.close()


async def test_vertex_in_express_mode_is_another_path_with_the_same_body(api: GeminiApi) -> None:
    engine = load(api, CAVENDISH_GEMINI_VERTEX="true")

    result = await engine.generate(request())

    assert api.requests[0].path == f"/v1beta1/publishers/google/models/{FLASH}:generateContent"
    assert size_of(result.data) == (1376, 768)
    await engine.close()


async def test_as_many_calls_as_the_setting_allows_run_at_once() -> None:
    with Emulator(lambda _: Reply(fault="hang")) as host:
        environment = {"GEMINI_API_KEY": KEY, "CAVENDISH_GEMINI_BASE_URL": host.url}
        engine = engines.load("gemini", {**environment, "CAVENDISH_GEMINI_CONCURRENCY": "80"})
        calls = [asyncio.create_task(engine.generate(request())) for _ in range(80)]
        async with asyncio.timeout(8):
            while len(host.requests) < 80:
                await asyncio.sleep(0.02)

        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await engine.close()


async def test_what_is_refused_without_a_call_says_so(api: GeminiApi, engine: base.Engine) -> None:
    with pytest.raises(base.EngineRejected) as ratio:
        await engine.generate(request(model="nano-banana-pro", aspect_ratio="8:1"))
    with pytest.raises(base.EngineUnavailable) as model:
        await engine.generate(request(model="unheard-of"))

    assert (ratio.value.asked, model.value.asked) == (False, False)
    assert not api.requests


# Models that Google no longer has


async def test_a_model_that_is_gone_is_passed_over_and_not_asked_again(api: GeminiApi, engine: base.Engine) -> None:
    api.models = (OLD,)

    results = [await engine.generate(request()) for _ in range(2)]

    assert [result.model for result in results] == [OLD, OLD]
    assert [request.path.rpartition("/")[2].partition(":")[0] for request in api.requests] == [FLASH, OLD, OLD]


async def test_without_any_model_the_operator_must_act(api: GeminiApi, engine: base.Engine) -> None:
    api.models = ()

    with pytest.raises(base.EngineUnavailable, match="none of the engine's models"):
        await engine.generate(request())
    assert len(api.requests) == 2


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("a,b", {"nano-banana-2": ("a", "b"), "nano-banana-pro": (PRO,)}),
        ("nano-banana-2=a;nano-banana-pro=b,c", {"nano-banana-2": ("a",), "nano-banana-pro": ("b", "c")}),
        ("nano-banana-pro=b", {"nano-banana-2": (FLASH, OLD), "nano-banana-pro": ("b",)}),
    ],
)
def test_models_are_a_setting(text: str, models: dict[str, tuple[str, ...]]) -> None:
    assert gemini.parse_models(text) == models


@pytest.mark.parametrize("text", ["nano-banana-2=", "a/../b", "nano-banana-2=a b", "=a"])
def test_a_model_that_could_not_be_one_is_refused_with_its_variable(api: GeminiApi, text: str) -> None:
    with pytest.raises(ConfigurationError, match="CAVENDISH_GEMINI_MODELS"):
        load(api, CAVENDISH_GEMINI_MODELS=text)


def test_without_a_key_the_message_names_both_variables() -> None:
    with pytest.raises(ConfigurationError, match="CAVENDISH_GEMINI_API_KEY or GEMINI_API_KEY"):
        engines.load("gemini", {})


def test_a_second_project_does_not_take_the_first_ones_key(api: GeminiApi) -> None:
    with pytest.raises(ConfigurationError, match="CAVENDISH_GEMINI_EU_API_KEY"):
        engines.load("gemini-eu", {"GEMINI_API_KEY": KEY, "CAVENDISH_GEMINI_API_KEY": KEY})

    assert load(api, "gemini-eu").name == "gemini-eu"


# What comes back

UNAVAILABLE, REJECTED, BUSY, TIMEOUT, BLOCKED, NO_IMAGE, FAULT = (
    base.EngineUnavailable, base.EngineRejected, base.EngineBusy, base.EngineTimeout, base.EngineBlocked,
    base.EngineNoImage, base.EngineFault,
)  # fmt: skip
ROWS: dict[str, tuple[type[base.EngineError], dict[str, Any]]] = {
    "key invalid": (UNAVAILABLE, {}),
    "bad argument": (REJECTED, {}),
    "precondition": (UNAVAILABLE, {}),
    "unauthenticated": (UNAVAILABLE, {}),
    "forbidden": (UNAVAILABLE, {}),
    "too large": (REJECTED, {}),
    "no free tier": (UNAVAILABLE, {}),
    "free quota": (UNAVAILABLE, {}),
    "daily quota": (UNAVAILABLE, {}),
    "prepay": (UNAVAILABLE, {}),
    "no quota": (UNAVAILABLE, {}),
    "spent": (UNAVAILABLE, {}),
    "stock words": (BUSY, {"retry_after_seconds": None}),
    "minute quota": (BUSY, {"retry_after_seconds": 0.3}),
    "image quota": (BUSY, {"retry_after_seconds": None}),
    "limited": (BUSY, {"retry_after_seconds": 0.3}),
    "in a list": (BUSY, {"retry_after_seconds": 0.3}),
    "internal": (BUSY, {"retry_after_seconds": 0.3}),
    "bad gateway": (BUSY, {"retry_after_seconds": 0.0}),
    "overloaded": (BUSY, {"retry_after_seconds": 0.3}),
    "deadline": (BUSY, {"retry_after_seconds": 0.3}),
    "no json": (FAULT, {}),
    "cut json": (FAULT, {}),
    "json list": (FAULT, {}),
    "no base64": (FAULT, {}),
    "no picture": (FAULT, {}),
    "half picture": (FAULT, {}),
    "signature missing": (FAULT, {}),
    "no candidates": (NO_IMAGE, {"again": True}),
    "no content": (NO_IMAGE, {"again": True}),
    "text only": (NO_IMAGE, {"again": True}),
    "thoughts only": (NO_IMAGE, {"again": True}),
    "max tokens": (NO_IMAGE, {"again": False}),
    "reset": (TIMEOUT, {"sent": True}),
    "close": (TIMEOUT, {"sent": True}),
    "cut": (TIMEOUT, {"sent": True}),
}
BLOCKING = gemini.failures.BLOCKED_FINISHES
for _name in gemini_api.OUTCOMES:
    _kind, _, _reason = _name.partition(" ")
    if _kind == "finish":
        ROWS[_name] = (BLOCKED, {"stage": "output", "reason": _reason}) if _reason in BLOCKING else (NO_IMAGE, {})
    elif _kind == "prompt":
        ROWS[_name] = (BLOCKED, {"stage": "prompt", "reason": _reason})


@pytest.mark.parametrize("row", ROWS)
async def test_each_failure_is_its_kind_after_one_call(api: GeminiApi, engine: base.Engine, row: str) -> None:
    kind, attributes = ROWS[row]
    api.outcomes.append(row)

    with pytest.raises(base.EngineError) as caught:
        await engine.generate(request())

    assert type(caught.value) is kind, caught.value
    assert {name: getattr(caught.value, name) for name in attributes} == attributes
    assert len(api.calls) == 1
    assert KEY not in str(caught.value)
    assert api.url not in str(caught.value)


def test_every_blocking_reason_is_in_the_table_of_facts() -> None:
    finishes = {name.partition(" ")[2] for name in gemini_api.OUTCOMES if name.startswith("finish ")}

    assert BLOCKING < finishes
    assert len(BLOCKING) == 11


@pytest.mark.parametrize("row", ["hang", "drip"])
async def test_silence_ends_in_time_and_is_not_asked_again(api: GeminiApi, engine: base.Engine, row: str) -> None:
    api.outcomes.append(row)

    with pytest.raises(base.EngineTimeout) as caught:
        await engine.generate(request(timeout_seconds=0.5))

    assert caught.value.sent
    assert len(api.calls) == 1


async def test_a_server_that_is_not_there_is_busy_for_nothing_was_sent(api: GeminiApi, engine: base.Engine) -> None:
    api.stop()

    with pytest.raises(base.EngineBusy):
        await engine.generate(request())


async def test_the_users_message_is_the_first_sentence_and_no_more(api: GeminiApi, engine: base.Engine) -> None:
    api.outcomes.extend(["bad argument", "text only"])

    with pytest.raises(base.EngineRejected) as rejected:
        await engine.generate(request())
    with pytest.raises(base.EngineNoImage) as said:
        await engine.generate(request())

    assert str(rejected.value).endswith("rejected the request: Unhandled generated data mime type: image/x.")
    assert str(said.value).endswith("without an image: I can describe a cabin, but which one do you mean?")


@pytest.mark.parametrize("row", ["wrong type", "url-safe", "thoughts"])
async def test_the_last_picture_that_is_no_thought_is_taken_by_its_bytes(
    api: GeminiApi, engine: base.Engine, row: str
) -> None:
    api.outcomes.append(row)

    assert (await engine.generate(request())).data == SMALL


async def test_the_model_that_really_answered_is_told(api: GeminiApi, engine: base.Engine) -> None:
    api.outcomes.append("other model")

    assert (await engine.generate(request())).model == "gemini-nano-banana-2.2"


async def test_an_answer_beyond_all_measure_is_cut(api: GeminiApi, engine: base.Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini_api, "SMALL", b"")
    monkeypatch.setitem(
        gemini_api.OUTCOMES, "huge", lambda: gemini_api.Reply(200, b" " * 1024, {"Content-Length": str(2**40)})
    )
    api.outcomes.append("huge")

    with pytest.raises(base.EngineError):
        await engine.generate(request(timeout_seconds=2))


# Google's own client takes the emulator for Google


@pytest.fixture
def sdk(api: GeminiApi) -> Iterator[Any]:
    from google import genai
    from google.genai import types

    options = types.HttpOptions(
        base_url=api.url, api_version="v1beta", timeout=10_000, retry_options=types.HttpRetryOptions(attempts=1)
    )
    client = genai.Client(api_key=KEY, vertexai=False, http_options=options)
    yield client
    client.close()


def _config(**options: Any) -> Any:
    from google.genai import types

    image = types.ImageConfig(aspect_ratio=options.pop("ratio", "16:9"), image_size=options.pop("size", "2K"))
    return types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=image, **options)


def test_the_official_sdk_draws_with_the_emulator(sdk: Any) -> None:
    answer = sdk.models.generate_content(model=FLASH, contents="a cabin at dusk", config=_config())

    [part] = answer.parts
    assert size_of(part.inline_data.data) == (2752, 1536)
    assert answer.model_version == FLASH


def test_the_official_sdk_edits_several_pictures_with_the_emulator(sdk: Any) -> None:
    from google.genai import types

    parts = [types.Part.from_bytes(data=input_image(kind).data, mime_type=kind) for kind in ("image/png", "image/jpeg")]

    answer = sdk.models.generate_content(
        model=FLASH, contents=[*parts, "the hat on the cat"], config=_config(ratio="3:4")
    )

    assert size_of(answer.parts[0].inline_data.data) == (1792, 2400)


def test_the_official_sdk_sees_blocks_and_errors_of_the_emulator(sdk: Any, api: GeminiApi) -> None:
    from google.genai import errors

    api.outcomes.extend(["prompt PROHIBITED_CONTENT", "limited"])

    blocked = sdk.models.generate_content(model=FLASH, contents="x", config=_config())
    assert blocked.prompt_feedback.block_reason == "PROHIBITED_CONTENT"
    with pytest.raises(errors.ClientError) as caught:
        sdk.models.generate_content(model=FLASH, contents="x", config=_config())
    assert caught.value.code == 429


@pytest.mark.parametrize(
    "options", [{"seed": 1}, {"temperature": 1.0}, {"size": "512"}, {"size": "2k"}, {"ratio": "2:1"}], ids=str
)
def test_the_emulator_refuses_what_google_refuses(sdk: Any, options: dict[str, Any]) -> None:
    from google.genai import errors

    with pytest.raises(errors.ClientError) as caught:
        sdk.models.generate_content(model=FLASH, contents="x", config=_config(**options))

    assert caught.value.code == 400


def test_the_emulator_refuses_a_type_that_the_bytes_are_not(sdk: Any) -> None:
    from google.genai import errors, types

    part = types.Part.from_bytes(data=input_image("image/jpeg").data, mime_type="image/png")

    with pytest.raises(errors.ClientError, match="mime type"):
        sdk.models.generate_content(model=FLASH, contents=[part, "x"], config=_config())


async def test_what_it_can_follows_from_googles_models_and_not_from_what_they_are_called_here() -> None:
    can = gemini.capabilities({"nano-banana-2": (PRO,), "nano-banana-pro": ("gemini-nano-banana-2.1", PRO)})

    assert "8:1" not in can.of("nano-banana-2").aspect_ratios
    assert "8:1" in can.of("nano-banana-pro").aspect_ratios
