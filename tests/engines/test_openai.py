"""The engine `openai` against an emulator that refuses what OpenAI refuses, and against servers of one's own."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from engine_helpers import input_image, request

from cavendish import engines
from cavendish.application.work import retry_policy
from cavendish.engines import base
from cavendish.engines._http import download
from cavendish.errors import ConfigurationError, GenerationFailed
from cavendish.imaging import sniff
from cavendish.models import PIXELS_1K, Quality, pixels
from emulators.gemini_api import picture
from emulators.openai_api import KEY, MODEL, OpenAIApi
from emulators.server import Emulator, Reply, Request

pytestmark = pytest.mark.anyio

EXTREME = {"1:4", "4:1", "1:8", "8:1"}  # OpenAI's models go from 1:3 to 3:1


@pytest.fixture
def api() -> Iterator[OpenAIApi]:
    with OpenAIApi() as started:
        yield started


@pytest.fixture
async def engine(api: OpenAIApi) -> AsyncIterator[base.Engine]:
    loaded = load(api)
    yield loaded
    await loaded.close()


def load(api: OpenAIApi, name: str = "openai", **settings: str) -> base.Engine:
    prefix = f"CAVENDISH_{name.upper().replace('-', '_')}_"
    environment = {f"{prefix}API_KEY": api.key, f"{prefix}BASE_URL": f"{api.url}/v1"}
    own = {key if key.startswith("CAVENDISH") else f"{prefix}{key}": value for key, value in settings.items()}
    return engines.load(name, {**environment, **own})


def size_of(data: bytes) -> tuple[int, int]:
    header = sniff.sniff(data)
    assert header is not None
    return header.width, header.height


@pytest.mark.parametrize("quality", [Quality.ONE_K, Quality.TWO_K])
@pytest.mark.parametrize("ratio", sorted(PIXELS_1K))
async def test_sizes_that_the_model_draws_are_asked_for_exactly(
    engine: base.Engine, ratio: str, quality: Quality
) -> None:
    if ratio in EXTREME:
        with pytest.raises(base.EngineRejected, match="Invalid size"):
            await engine.generate(request(aspect_ratio=ratio, image_quality=quality))
        return
    result = await engine.generate(request(aspect_ratio=ratio, image_quality=quality))

    assert size_of(result.data) == pixels(ratio, quality)


@pytest.mark.parametrize("ratio", sorted(set(PIXELS_1K) - EXTREME))
async def test_a_4k_picture_is_asked_for_as_large_as_the_model_draws(engine: base.Engine, ratio: str) -> None:
    width, height = size_of((await engine.generate(request(aspect_ratio=ratio, image_quality=Quality.FOUR_K))).data)
    wanted = pixels(ratio, Quality.FOUR_K)

    assert width / height == pytest.approx(wanted[0] / wanted[1], rel=0.02)
    assert width * height > 0.8 * min(wanted[0] * wanted[1], 3840 * 2160) or max(width, height) > 3700


async def test_the_request_holds_nothing_that_the_models_refuse(api: OpenAIApi, engine: base.Engine) -> None:
    result = await engine.generate(request(seed=7, google_search=True))

    [call] = api.calls
    assert call.fields == {"model": MODEL, "prompt": "a cabin at dusk", "n": 1, "size": "1376x768"}
    assert (result.model, result.seed) == (MODEL, None)
    assert result.warnings == ("seed was not used: this engine has none.",)


async def test_fourteen_inputs_are_files_of_their_true_types_in_their_order(
    api: OpenAIApi, engine: base.Engine
) -> None:
    kinds = (["image/png", "image/jpeg", "image/webp"] * 5)[:14]
    images = tuple(input_image(kind) for kind in kinds)

    await engine.generate(request("together", input_images=images))

    [call] = api.calls
    assert call.path == "/v1/images/edits"
    assert call.fields == {"model": MODEL, "prompt": "together", "n": "1", "size": "1376x768"}
    assert call.images == [("image[]", image.media_type, image.data) for image in images]


async def test_a_server_of_ones_own_needs_no_key_and_may_know_more() -> None:
    with OpenAIApi(key="", models=("flux",), local=True) as api:
        engine = engines.load(
            "openai-flux",
            {
                "CAVENDISH_OPENAI_FLUX_BASE_URL": f"{api.url}/v1",
                "CAVENDISH_OPENAI_FLUX_MODEL": "flux",
                "CAVENDISH_OPENAI_FLUX_SEED": "true",
                "CAVENDISH_OPENAI_FLUX_RESPONSE_FORMAT": "b64_json",
                "CAVENDISH_OPENAI_FLUX_IMAGE_FIELD": "image",
                "CAVENDISH_OPENAI_FLUX_SIZE_MAX": "16384x16384",
                "OPENAI_API_KEY": KEY,
            },
        )
        result = await engine.generate(request(seed=7, aspect_ratio="8:1", image_quality=Quality.FOUR_K))
        await engine.generate(request(input_images=(input_image(),)))
        await engine.close()

        assert (size_of(result.data), result.seed, result.warnings) == ((12288, 1536), 7, ())
        assert (api.calls[0].fields["seed"], api.calls[0].fields["response_format"]) == (7, "b64_json")
        assert api.calls[1].images[0][0] == "image"
        assert all("authorization" not in one.headers for one in api.requests), "the key of another server"


async def test_two_servers_by_name_have_each_their_own_key(api: OpenAIApi) -> None:
    with OpenAIApi(key="sk-second") as second:
        first_engine, second_engine = load(api), load(second, "openai-second")
        await first_engine.generate(request())
        await second_engine.generate(request())

        assert {one.headers["authorization"] for one in api.requests} == {f"Bearer {KEY}"}
        assert {one.headers["authorization"] for one in second.requests} == {"Bearer sk-second"}
        await first_engine.close()
        await second_engine.close()


@pytest.mark.parametrize(
    ("ratio", "quality", "size"),
    [
        ("16:9", "1K", "1536x1024"), ("1:1", "4K", "1024x1024"), ("9:16", "2K", "1024x1536"),
        ("8:1", "1K", "1536x1024"), ("5:4", "1K", "1536x1024"), ("4:5", "1K", "1024x1536"),
    ],
)  # fmt: skip
async def test_where_sizes_are_listed_the_nearest_in_shape_is_asked_for(
    api: OpenAIApi, ratio: str, quality: str, size: str
) -> None:
    api.sizes = {"1024x1024", "1536x1024", "1024x1536"}
    engine = load(api, SIZES="1024x1024, 1536x1024,1024x1536")

    await engine.generate(request(aspect_ratio=ratio, image_quality=Quality(quality)))

    assert api.calls[0].fields["size"] == size
    await engine.close()


@pytest.mark.parametrize(
    ("settings", "extremes", "of_pro"),
    [
        ({}, False, False),
        ({"SIZES": "1024x1024"}, True, True),
        ({"MODEL": "flux"}, True, True),
        ({"PRO_MODEL": "flux"}, False, True),
    ],
)
async def test_the_extreme_ratios_are_declared_where_the_server_draws_them(
    api: OpenAIApi, settings: dict[str, str], extremes: bool, of_pro: bool
) -> None:
    engine = load(api, **settings)

    for model, drawn in (("nano-banana-2", extremes), ("nano-banana-pro", of_pro)):
        missing = set(PIXELS_1K) - set(engine.capabilities.of(model).aspect_ratios)
        assert missing == (set() if drawn else EXTREME)
    await engine.close()


@pytest.mark.parametrize(
    ("settings", "qualities"),
    [
        ({}, ["1K", "2K", "4K"]),
        ({"SIZES": "1024x1024,64x64"}, ["1K", "2K", "4K"]),
        ({"SIZES": "512x512,768x768"}, ["1K", "2K"]),
        ({"SIZE_MAX": "400x300"}, ["1K"]),
    ],
)
async def test_a_quality_that_no_size_of_the_server_could_be_paid_for_is_not_declared(
    api: OpenAIApi, settings: dict[str, str], qualities: list[str]
) -> None:
    engine = load(api, **settings)

    for model in ("nano-banana-2", "nano-banana-pro"):
        assert list(engine.capabilities.of(model).image_qualities) == qualities
    await engine.close()


async def test_a_listed_size_that_is_enough_goes_before_one_of_a_nearer_shape(api: OpenAIApi) -> None:
    engine = load(api, SIZES="512x288,1024x1024")

    assert size_of((await engine.generate(request(image_quality=Quality.FOUR_K))).data) == (1024, 1024)
    assert size_of((await engine.generate(request(image_quality=Quality.ONE_K))).data) == (512, 288)
    await engine.close()


async def test_the_pro_model_may_be_another(api: OpenAIApi) -> None:
    api.models = (MODEL, "gpt-pro")
    engine = load(api, PRO_MODEL="gpt-pro")

    assert (await engine.generate(request(model="nano-banana-pro"))).model == "gpt-pro"
    assert (await engine.generate(request())).model == MODEL
    await engine.close()


# A URL in the answer


async def test_a_picture_at_the_servers_own_address_is_fetched_and_not_ordered_a_second_time(api: OpenAIApi) -> None:
    engine = load(api)
    assert (await engine.generate(request())).again
    api.answers_url = api.url

    result = await engine.generate(request())

    assert (size_of(result.data), result.again) == ((1376, 768), False)
    await engine.close()


async def test_a_picture_elsewhere_is_fetched_only_where_a_callers_url_would_be(
    api: OpenAIApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_WAIT_SECONDS", 0.01)
    with OpenAIApi() as elsewhere:
        api.answers_url = elsewhere.url
        closed, opened = load(api), load(api, CAVENDISH_INPUT_ALLOW_NETWORKS="127.0.0.0/8")

        with pytest.raises(base.EngineTimeout) as caught:
            await closed.generate(request())
        assert caught.value.sent, "it is paid for"
        assert not elsewhere.requests
        assert size_of((await opened.generate(request())).data) == (1376, 768)

        assert "authorization" not in elsewhere.requests[0].headers
        await closed.close()
        await opened.close()


class Pictures(Emulator):
    """Another host with pictures; `stumbles` come first."""

    def __init__(self, *stumbles: Reply) -> None:
        super().__init__(self._answer)
        self.stumbles = list(stumbles)

    def _answer(self, _: Request) -> Reply:
        if self.stumbles:
            return self.stumbles.pop(0)
        return Reply(200, picture(1376, 768, "PNG"), {"Content-Type": "image/png"})


@pytest.mark.parametrize(
    "stumble",
    [Reply(503), Reply(404), Reply(429), Reply(408), Reply(fault="reset"), Reply(200, picture(1376, 768)[:900])],
    ids=["503", "404", "429", "408", "reset", "half"],
)
async def test_another_host_that_stumbles_is_asked_again_for_what_is_paid(
    api: OpenAIApi, monkeypatch: pytest.MonkeyPatch, stumble: Reply
) -> None:
    monkeypatch.setattr(download, "_WAIT_SECONDS", 0.01)
    with Pictures(stumble, stumble) as elsewhere:
        api.answers_url = elsewhere.url
        engine = load(api, CAVENDISH_INPUT_ALLOW_NETWORKS="127.0.0.0/8")

        assert size_of((await engine.generate(request())).data) == (1376, 768)
        await engine.close()

    assert (len(api.calls), len(elsewhere.requests)) == (1, 3)


@pytest.mark.parametrize(
    ("trouble", "asked"),
    [
        (Reply(503), download.TRIES_MAX), (Reply(403), 1), (Reply(200, b"<html>"), download.TRIES_MAX),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), download.TRIES_MAX), (Reply(fault="hang"), 1),
    ],
    ids=["503 for good", "403", "no picture", "a page", "hangs"],
)  # fmt: skip
async def test_a_paid_picture_that_cannot_be_had_is_not_ordered_again(
    api: OpenAIApi, monkeypatch: pytest.MonkeyPatch, trouble: Reply, asked: int
) -> None:
    monkeypatch.setattr(download, "_WAIT_SECONDS", 0.01)
    with Pictures(*[trouble] * 9) as elsewhere:
        api.answers_url = elsewhere.url
        engine = load(api, CAVENDISH_INPUT_ALLOW_NETWORKS="127.0.0.0/8")

        with pytest.raises(base.EngineTimeout) as caught:
            await engine.generate(request(timeout_seconds=1.5))
        await engine.close()

    assert caught.value.sent
    assert isinstance(retry_policy.translated(caught.value), GenerationFailed), "no further try"
    assert (len(api.calls), len(elsewhere.requests)) == (1, asked)


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:99999/a.png", "https://a b/"])
async def test_an_address_that_is_none_ends_like_a_picture_that_cannot_be_had(api: OpenAIApi, url: str) -> None:
    api.answers_url = url
    engine = load(api)

    with pytest.raises(base.EngineTimeout):
        await engine.generate(request())
    await engine.close()


async def test_an_address_on_the_servers_own_host_that_no_request_can_carry_is_no_crash(
    api: OpenAIApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_WAIT_SECONDS", 0.01)
    api.answers_url = f"{api.url}/\x00"
    engine = load(api)

    with pytest.raises(base.EngineTimeout):
        await engine.generate(request())
    await engine.close()


async def test_a_redirect_is_not_followed() -> None:
    with Emulator(lambda _: Reply(307, headers={"Location": "http://169.254.169.254/"})) as host:
        engine = engines.load(
            "openai", {"CAVENDISH_OPENAI_BASE_URL": f"{host.url}/v1", "CAVENDISH_OPENAI_API_KEY": KEY}
        )

        with pytest.raises(base.EngineFault):
            await engine.generate(request())
        assert len(host.requests) == 1
        await engine.close()


# Every failure

ROWS: dict[str, tuple[type[base.EngineError], dict[str, Any]]] = {
    "key": (base.EngineUnavailable, {}),
    "forbidden": (base.EngineUnavailable, {}),
    "model gone": (base.EngineUnavailable, {}),
    "quota": (base.EngineUnavailable, {}),
    "hard limit": (base.EngineUnavailable, {}),
    "limit": (base.EngineBusy, {"retry_after_seconds": 3.0}),
    "policy": (base.EngineBlocked, {"stage": "prompt", "reason": "SAFETY"}),
    "moderated": (base.EngineBlocked, {"stage": "output", "reason": "SAFETY"}),
    "parameter": (base.EngineRejected, {}),
    "unprocessable": (base.EngineRejected, {}),
    "too large": (base.EngineRejected, {}),
    "timeout": (base.EngineBusy, {}),
    "broken": (base.EngineBusy, {}),
    "gateway": (base.EngineBusy, {}),
    "overloaded": (base.EngineBusy, {"retry_after_seconds": 2.0}),
    "late": (base.EngineBusy, {}),
    "no data": (base.EngineNoImage, {}),
    "no picture": (base.EngineNoImage, {}),
    "no list": (base.EngineNoImage, {}),
    "no json": (base.EngineFault, {}),
    "no base64": (base.EngineFault, {}),
    "other bytes": (base.EngineFault, {}),
    "half": (base.EngineFault, {}),
    "reset": (base.EngineTimeout, {"sent": True}),
    "close": (base.EngineTimeout, {"sent": True}),
    "hang": (base.EngineTimeout, {"sent": True}),
}


@pytest.mark.parametrize("edit", [False, True], ids=["generate", "edit"])
@pytest.mark.parametrize("row", ROWS)
async def test_each_failure_is_its_kind_after_one_call(
    api: OpenAIApi, engine: base.Engine, row: str, edit: bool
) -> None:
    kind, attributes = ROWS[row]
    images = (input_image(),) if edit else ()

    with pytest.raises(base.EngineError) as caught:
        await engine.generate(request(f"x [[{row}]]", input_images=images, timeout_seconds=1 if row == "hang" else 20))

    assert type(caught.value) is kind, caught.value
    assert {name: getattr(caught.value, name) for name in attributes} == attributes
    assert len(api.calls) == 1
    assert "sk-" not in str(caught.value)


async def test_the_users_message_is_the_first_sentence(engine: base.Engine) -> None:
    with pytest.raises(base.EngineRejected) as caught:
        await engine.generate(request("x [[parameter]]"))
    with pytest.raises(base.EngineRejected, match="rejected the request: width must be positive"):
        await engine.generate(request("x [[unprocessable]]"))

    assert str(caught.value).endswith("rejected the request: Invalid size with ….")


async def test_a_server_that_is_not_there_is_busy(api: OpenAIApi, engine: base.Engine) -> None:
    api.stop()

    with pytest.raises(base.EngineBusy):
        await engine.generate(request())


# Settings


def test_openai_itself_needs_a_key_and_takes_its_usual_variable() -> None:
    with pytest.raises(ConfigurationError, match="CAVENDISH_OPENAI_API_KEY or OPENAI_API_KEY"):
        engines.load("openai", {})
    with pytest.raises(ConfigurationError, match="CAVENDISH_OPENAI_SECOND_API_KEY"):
        engines.load("openai-second", {"OPENAI_API_KEY": KEY})

    assert engines.load("openai", {"OPENAI_API_KEY": KEY}).name == "openai"


@pytest.mark.parametrize("variable", ["SIZES", "SIZE_MAX"])
@pytest.mark.parametrize("text", ["big", "1024", "1x1", "1024x", "1024x1024;2x2"])
def test_a_size_that_is_none_is_refused_with_its_variable(variable: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"CAVENDISH_OPENAI_{variable}"):
        engines.load("openai", {"OPENAI_API_KEY": KEY, f"CAVENDISH_OPENAI_{variable}": text})


# OpenAI's own client takes the emulator for OpenAI


@pytest.fixture
def sdk(api: OpenAIApi) -> Iterator[Any]:
    import openai

    with openai.OpenAI(api_key=KEY, base_url=f"{api.url}/v1", max_retries=0, timeout=10) as client:
        yield client


def test_the_official_sdk_draws_and_edits_with_the_emulator(api: OpenAIApi, sdk: Any) -> None:
    import base64

    drawn = sdk.images.generate(model=MODEL, prompt="a cabin", size="1536x1024")
    files = [io.BytesIO(input_image(kind).data) for kind in ("image/png", "image/jpeg")]
    for number, file in enumerate(files):
        file.name = f"{number}.{('png', 'jpg')[number]}"
    edited = sdk.images.edit(model=MODEL, image=files, prompt="the hat on the cat", size="1024x1536")

    assert size_of(base64.b64decode(drawn.data[0].b64_json)) == (1536, 1024)
    assert size_of(base64.b64decode(edited.data[0].b64_json)) == (1024, 1536)
    assert [name for name, _, _ in api.calls[1].images] == ["image[]", "image[]"]


def test_the_official_sdk_sees_urls_and_errors_of_the_emulator(api: OpenAIApi, sdk: Any) -> None:
    import openai

    with pytest.raises(openai.BadRequestError, match="response_format"):
        sdk.images.generate(model=MODEL, prompt="x", size="1024x1024", response_format="url")
    with pytest.raises(openai.RateLimitError):
        sdk.images.generate(model=MODEL, prompt="x [[limit]]", size="1024x1024")
    api.answers_url = api.url

    assert sdk.images.generate(model=MODEL, prompt="x", size="1024x1024").data[0].url.endswith("/files/1024x1024")
