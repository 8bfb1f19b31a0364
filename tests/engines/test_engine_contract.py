"""What every engine of the wheel promises the worker. A new engine needs an entry in BACKENDS, or this suite is red."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cavendish import engines
from cavendish.engines import base
from cavendish.imaging import sniff
from cavendish.models import MODELS, PREVIEWS_MAX, RATIOS, SEED_MAX, InputImage, Mode, Quality, RateLimit, pixels

sys.path.insert(0, str(Path(__file__).parent))
from engine_helpers import input_image, request  # noqa: E402

from emulators import gemini_api, nano_banana, openai_api  # noqa: E402
from emulators.gemini_api import GeminiApi  # noqa: E402
from emulators.nano_banana import NanoBananaApi  # noqa: E402
from emulators.openai_api import OpenAIApi  # noqa: E402

pytestmark = pytest.mark.anyio

Environment = dict[str, str]


@contextlib.contextmanager
def gemini() -> Iterator[Environment]:
    with GeminiApi() as api:
        yield {"CAVENDISH_GEMINI_API_KEY": gemini_api.KEY, "CAVENDISH_GEMINI_BASE_URL": api.url}


@contextlib.contextmanager
def openai() -> Iterator[Environment]:
    with OpenAIApi() as api:
        yield {"CAVENDISH_OPENAI_API_KEY": openai_api.KEY, "CAVENDISH_OPENAI_BASE_URL": f"{api.url}/v1"}


@contextlib.contextmanager
def upstream() -> Iterator[Environment]:
    with NanoBananaApi() as api:
        yield {
            "CAVENDISH_UPSTREAM_API_KEY": nano_banana.KEY,
            "CAVENDISH_UPSTREAM_BASE_URL": api.url,
            "CAVENDISH_UPSTREAM_POLL_SECONDS": "0.02",
        }


@contextlib.contextmanager
def diffusers() -> Iterator[Environment]:
    pytest.importorskip("torch", reason="PYTORCH IS NOT INSTALLED: run make test-diffusers for the engine diffusers")
    import tempfile

    import diffusers_helpers

    with tempfile.TemporaryDirectory() as folder:
        yield {
            "CAVENDISH_DIFFUSERS_MODEL": str(diffusers_helpers.save_klein(Path(folder))),
            "CAVENDISH_DIFFUSERS_ARGUMENTS": diffusers_helpers.KLEIN_ARGUMENTS,
            "CAVENDISH_DIFFUSERS_PIXELS_MAX": "4096",
            "CAVENDISH_DIFFUSERS_STEPS": "2",
        }


@contextlib.contextmanager
def sketch() -> Iterator[Environment]:
    yield {}


BACKENDS: dict[str, Callable[[], contextlib.AbstractContextManager[Environment]]] = {
    "diffusers": diffusers,
    "gemini": gemini,
    "openai": openai,
    "sketch": sketch,
    "upstream": upstream,
}


def test_every_engine_of_the_wheel_is_held_to_the_contract() -> None:
    own = {module.name for module in pkgutil.iter_modules(engines.__path__)} & set(engines.names())
    own |= {
        entry.name for entry in importlib.metadata.distribution("cavendish").entry_points.select(group=engines.GROUP)
    }

    assert own == set(BACKENDS)


@pytest.fixture(params=sorted(BACKENDS))
def environment(request: pytest.FixtureRequest) -> Iterator[tuple[str, Environment]]:
    with BACKENDS[request.param]() as found:
        yield request.param, found


@pytest.fixture
async def engine(environment: tuple[str, Environment]) -> base.Engine:
    return engines.load(*environment)


async def published(image: InputImage) -> str:
    return "http://127.0.0.1:9/a.png"


async def test_it_says_what_it_is(environment: tuple[str, Environment], engine: base.Engine) -> None:
    assert isinstance(engine, base.Engine)
    assert engine.name == environment[0]
    assert engine.concurrency is None or engine.concurrency >= 1
    assert engine.rate is None or isinstance(engine.rate, RateLimit)
    assert type(engine.reports_progress) is bool
    assert base.capabilities(engine) == engine.capabilities
    await engine.close()


async def test_only_who_is_paid_by_nobody_stops_unbilled(
    environment: tuple[str, Environment], engine: base.Engine
) -> None:
    """What an API has begun it bills, and whether an upstream has accepted an order is not seen from outside."""
    can = base.capabilities(engine)

    assert can.stops_unbilled is (environment[0] in ("diffusers", "sketch"))
    assert can.of("nano-banana-pro").stops_unbilled is can.stops_unbilled
    assert can.stops_if_asked is (environment[0] == "upstream"), "another Cavendish says whether it has stopped"
    await engine.close()


async def test_another_name_of_its_kind_is_another_engine(environment: tuple[str, Environment]) -> None:
    kind, variables = environment
    renamed = {name.replace(f"_{kind.upper()}_", f"_{kind.upper()}_TWO_"): value for name, value in variables.items()}
    if kind == "sketch":
        return  # it has no settings, and one is enough
    engine = engines.load(f"{kind}-two", renamed)

    assert engine.name == f"{kind}-two"
    assert sniff.whole((await engine.generate(request())).data)
    await engine.close()


async def test_it_draws_a_whole_picture_of_the_asked_size_and_tells_what_drew_it(engine: base.Engine) -> None:
    for ratio, quality in (("16:9", Quality.ONE_K), ("3:4", Quality.ONE_K), ("16:9", Quality.TWO_K)):
        result = await engine.generate(request(aspect_ratio=ratio, image_quality=quality))
        header = sniff.sniff(result.data)

        assert header is not None and sniff.whole(result.data)
        assert (header.width, header.height) == pixels(ratio, quality)
        assert result.model
        assert result.seed is None or 0 <= result.seed <= SEED_MAX
        assert all(warning.endswith(".") for warning in result.warnings)
    await engine.close()


async def test_a_seed_is_used_or_it_is_said_that_it_was_not(engine: base.Engine) -> None:
    result = await engine.generate(request(seed=SEED_MAX))

    told = any("seed was not used" in warning for warning in result.warnings)
    assert told is not base.capabilities(engine).of("nano-banana-2").seed
    assert result.seed == SEED_MAX or told or engine.name == "upstream", "an upstream is told, and may not know seeds"
    await engine.close()


@pytest.mark.parametrize("model", MODELS)
async def test_what_it_declares_it_takes(engine: base.Engine, model: str) -> None:
    can = base.capabilities(engine).of(model)
    most = can.input_images_max or MODELS[model].input_images_max
    images = tuple(input_image(size=(64 + number, 64)) for number in range(most))
    needs = [{"aspect_ratio": ratio} for ratio in can.aspect_ratios]
    needs += [{"image_quality": quality} for quality in can.image_qualities if quality is not Quality.FOUR_K]
    if Mode.EDIT in can.modes:
        needs.append({"input_images": images, "publish": published})

    for need in needs:
        asked = request("as a watercolor", model=model, timeout_seconds=60.0, **need)
        assert base.capabilities(engine).serves(_need(asked))
        result = await engine.generate(asked)

        assert sniff.whole(result.data), need
    await engine.close()


@pytest.mark.parametrize("model", MODELS)
async def test_what_it_declares_not_to_do_it_refuses_before_anything_is_billed(engine: base.Engine, model: str) -> None:
    can, catalogue = base.capabilities(engine).of(model), MODELS[model]
    needs: list[dict[str, Any]] = [{"aspect_ratio": ratio} for ratio in RATIOS if ratio not in can.aspect_ratios]
    needs += [{"image_quality": quality} for quality in Quality if quality not in can.image_qualities]
    if can.input_images_max is not None:
        needs.append({"input_images": (input_image(),) * (can.input_images_max + 1), "publish": published})
    if Mode.EDIT not in can.modes:
        needs.append({"input_images": (input_image(),), "publish": published})

    for need in needs:
        asked = request("as a watercolor", model=model, **need)
        assert not base.capabilities(engine).serves(_need(asked))
        with pytest.raises((base.EngineRejected, base.EngineUnavailable)):
            await engine.generate(asked)
    assert set(can.modes) <= set(catalogue.modes)
    await engine.close()


def _need(asked: base.EngineRequest) -> base.Need:
    return base.Need(asked.model, asked.mode, asked.aspect_ratio, asked.image_quality, len(asked.input_images))


async def test_progress_never_leaves_its_scale_and_is_told_where_it_is_promised(engine: base.Engine) -> None:
    marks: list[int] = []

    await engine.generate(request(progress=marks.append))
    await asyncio.sleep(0)

    assert all(isinstance(mark, int) and 0 <= mark <= 99 for mark in marks)
    assert bool(marks) is engine.reports_progress
    await engine.close()


async def test_unfinished_pictures_are_shown_where_they_are_wanted_and_promised(engine: base.Engine) -> None:
    promised = base.capabilities(engine).of("nano-banana-2").previews
    picture = input_image(size=(96, 64))
    for wanted in (0, 1, PREVIEWS_MAX):
        for prompt, images in (("a cabin at dusk", ()), ("as a watercolor", (picture,))):
            shown: list[bytes] = []
            asked = request(prompt, input_images=images, publish=published, previews=wanted, preview=shown.append)

            result = await engine.generate(asked)
            await asyncio.sleep(0)

            assert bool(shown) is (promised and wanted > 0), prompt
            assert len(shown) <= wanted
            assert result.data not in shown
            for data in shown:
                header = sniff.whole(data)
                assert header is not None and len(data) <= base.PREVIEW_BYTES_MAX
                assert max(header.width, header.height) <= base.PREVIEW_SIDE_MAX
    await engine.close()


async def test_an_edit_takes_several_pictures(engine: base.Engine) -> None:
    images = (input_image(size=(96, 64)), input_image("image/jpeg", size=(64, 96)))

    result = await engine.generate(request("as a watercolor", input_images=images, publish=published))

    assert sniff.whole(result.data)
    await engine.close()


async def test_four_at_once_get_each_their_own_picture(engine: base.Engine) -> None:
    ratios = ("16:9", "3:4", "16:9", "3:4")

    results = await asyncio.gather(*(engine.generate(request(f"n {ratio}", aspect_ratio=ratio)) for ratio in ratios))

    for ratio, result in zip(ratios, results, strict=True):
        header = sniff.sniff(result.data)
        assert header is not None
        assert (header.width, header.height) == pixels(ratio, Quality.ONE_K)
    await engine.close()


async def test_it_ends_when_its_time_is_up_with_an_error_of_the_seam(engine: base.Engine) -> None:
    began = time.monotonic()
    with contextlib.suppress(base.EngineError):
        await engine.generate(request(image_quality=Quality.ONE_K, timeout_seconds=0.01))

    assert time.monotonic() - began < 8
    assert sniff.whole((await engine.generate(request())).data), "and the next one is made"
    await engine.close()


async def test_a_call_that_is_given_up_leaves_the_engine_usable(engine: base.Engine) -> None:
    task = asyncio.create_task(engine.generate(request()))
    await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, base.EngineError):
        await asyncio.wait_for(task, 20)

    assert sniff.whole((await engine.generate(request())).data)
    await engine.close()
