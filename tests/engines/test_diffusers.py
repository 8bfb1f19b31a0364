"""The engine `diffusers` with tiny random models, loaded as the real ones are. `make test-diffusers` has PyTorch."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import subprocess
import sys
import time
import types
import warnings
from pathlib import Path
from typing import Any

import pytest

from cavendish import engines
from cavendish.engines import base
from cavendish.engines.base import Capabilities
from cavendish.engines.diffusers import INSTALL, picture
from cavendish.errors import ConfigurationError
from cavendish.models import PIXELS_1K, Mode, Quality, pixels

sys.path.insert(0, str(Path(__file__).parent))
from engine_helpers import input_image, request  # noqa: E402
from PIL import Image  # noqa: E402

pytestmark = pytest.mark.anyio

HERE = importlib.util.find_spec("torch") is not None
REASON = "PYTORCH IS NOT INSTALLED: the engine diffusers is NOT tested here; run make test-diffusers"
needs_torch = pytest.mark.skipif(not HERE, reason=REASON)
if not HERE:
    warnings.warn(pytest.PytestWarning(REASON), stacklevel=1)  # a skip alone is one letter in the summary


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def klein(tmp_path_factory: Any) -> Path:
    import diffusers_helpers

    return diffusers_helpers.save_klein(tmp_path_factory.mktemp("klein"))


@pytest.fixture(scope="session")
def stable(tmp_path_factory: Any) -> Path:
    import diffusers_helpers

    return diffusers_helpers.save_stable(tmp_path_factory.mktemp("stable"))


def load(folder: Path, **settings: str) -> Any:
    import diffusers_helpers

    values = {"MODEL": str(folder), "STEPS": "3", "PIXELS_MAX": "4096", **settings}
    if "klein" in str(folder):
        values.setdefault("ARGUMENTS", diffusers_helpers.KLEIN_ARGUMENTS)
    return engines.load("diffusers", {f"CAVENDISH_DIFFUSERS_{name}": value for name, value in values.items()})


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


# Without PyTorch


def test_a_worker_with_this_engine_imports_no_torch_before_the_first_picture() -> None:
    code = (
        "import sys; import cavendish.processes.worker; from cavendish import engines;"
        "engines.load('diffusers', {}); print(sorted({'torch', 'diffusers', 'transformers'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.skipif(HERE, reason="PyTorch is installed")
async def test_without_the_extra_the_operator_reads_how_to_install_it(capsys: pytest.CaptureFixture[str]) -> None:
    engine = engines.load("diffusers", {})

    with pytest.raises(base.EngineUnavailable, match="not installed here"):
        await engine.generate(request())

    assert INSTALL in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ARGUMENTS", "[1]"), ("ARGUMENTS", "{"), ("DEVICE", "tpu"), ("STEPS", "0"), ("PIXELS_MAX", "1")],
)
def test_a_setting_that_cannot_be_read_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"CAVENDISH_DIFFUSERS_{variable}"):
        engines.load("diffusers", {f"CAVENDISH_DIFFUSERS_{variable}": value})


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("ratio", PIXELS_1K)
def test_the_native_size_keeps_the_shape_in_the_pixels_there_are(ratio: str, quality: Quality) -> None:
    wanted = pixels(ratio, quality)

    width, height = picture.native_size(wanted, pixels_max=1_100_000, multiple=16)

    assert width % 16 == height % 16 == 0
    assert 0.9 * min(1_100_000, wanted[0] * wanted[1]) <= width * height <= 1_100_000
    assert width / height == pytest.approx(wanted[0] / wanted[1], rel=0.02)


def test_few_pixels_still_have_the_shape() -> None:
    assert picture.native_size((1376, 768), pixels_max=4096, multiple=16) == (80, 48)
    assert picture.native_size((3072, 384), pixels_max=4096, multiple=64) == (64, 64), "the least there is"


def test_a_result_of_another_shape_is_cut_and_not_stretched() -> None:
    drawn = Image.new("RGB", (64, 64), "white")
    drawn.paste("black", (0, 0, 16, 64))

    data, told = picture.finished(drawn, request(aspect_ratio="1:4"), "m")

    assert (opened(data).size, "cropped" in told[0]) == (pixels("1:4", Quality.ONE_K), True)
    assert opened(data).convert("L").getextrema()[0] > 200, "the black quarter lies outside the asked shape"


@pytest.mark.parametrize(
    ("mode", "source"),
    [(Mode.GENERATE, "/trainedAlgorithmicMedia"), (Mode.EDIT, "/compositeWithTrainedAlgorithmicMedia")],
)
def test_the_picture_says_that_a_model_made_it(mode: Mode, source: str) -> None:
    data, _ = picture.finished(Image.new("RGB", (64, 64)), request("SECRET", mode=mode), "flux")

    text = opened(data).info
    assert source in text["XML:com.adobe.xmp"]
    assert text["Description"] == "AI generated: made by the model flux."
    assert b"SECRET" not in data


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("black-forest-labs/FLUX.2-klein-4B",) * 2,
        ("/srv/private/klein", "klein"),
        ("~/klein/", "klein"),
        ("tests", "tests"),
    ],
)
def test_where_a_model_lies_is_not_told(model: str, told: str) -> None:
    assert picture.public_name(model) == told


@pytest.mark.parametrize(("size", "opened_as"), [((60, 40), (96, 64)), ((64, 64), (64, 64)), ((900, 2), (900, 2))])
def test_an_icon_is_enlarged_and_a_thread_is_not(size: tuple[int, int], opened_as: tuple[int, int]) -> None:
    assert picture.opened(input_image(size=size)).size == opened_as


class Slow:
    """In the place of a loaded pipeline: one long step in its thread, which nothing can stop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running = 0
        self.running_max = 0

    def draw(self, *_: object) -> Any:
        self.running += 1
        self.running_max = max(self.running, self.running_max)
        time.sleep(self.seconds)
        self.running -= 1
        return types.SimpleNamespace(data=b"", seed=1, warnings=())


def slow(seconds: float) -> tuple[Any, Slow]:
    engine: Any = engines.load("diffusers", {})
    pipeline = Slow(seconds)

    async def ready() -> Slow:
        return pipeline

    engine._ready = ready
    return engine, pipeline


async def test_what_it_can_is_known_once_its_model_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    engine: Any = engines.load("diffusers", {})
    unknown, one_input = Capabilities(stops_unbilled=True), Capabilities(input_images_max=1)
    loads: list[Any] = [base.EngineUnavailable("not now"), types.SimpleNamespace(capabilities=one_input)]

    def load_next() -> Any:
        found = loads.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(engine, "_load", load_next)
    assert engine.capabilities == unknown
    with pytest.raises(base.EngineUnavailable):
        await engine._ready()
    assert engine.capabilities == unknown
    await engine._ready()
    assert engine.capabilities == one_input


async def test_a_picture_given_up_twice_over_does_not_let_the_next_one_begin_beside_it() -> None:
    """The worker's deadline and the engine's own end within milliseconds of each other."""
    engine, pipeline = slow(0.6)

    async def given_up() -> None:
        async with asyncio.timeout(0.2):
            await engine.generate(request(timeout_seconds=0.205))

    first = asyncio.create_task(given_up())
    await asyncio.sleep(0.05)
    second = asyncio.create_task(engine.generate(request()))
    for seconds in (0.2, 0.01, 0.01):
        await asyncio.sleep(seconds)
        first.cancel()
    await asyncio.wait({first})
    await second

    assert pipeline.running_max == 1


async def test_a_picture_that_is_given_up_keeps_nobody_waiting_but_the_next_one() -> None:
    engine, pipeline = slow(0.8)
    began = time.monotonic()

    with pytest.raises(base.EngineTimeout):
        await engine.generate(request(timeout_seconds=0.1))
    took = time.monotonic() - began
    with pytest.raises(base.EngineTimeout):
        await engine.generate(request(timeout_seconds=0.1))
    await engine.generate(request())

    assert took < 0.6
    assert pipeline.running_max == 1


async def test_closing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavendish.engines.diffusers.STOP_SECONDS", 0.1)
    engine, pipeline = slow(1.0)
    with pytest.raises(base.EngineTimeout):
        await engine.generate(request(timeout_seconds=0.1))

    began = time.monotonic()
    await engine.close()

    assert time.monotonic() - began < 0.7
    assert pipeline.running == 1


# With it


@needs_torch
@pytest.mark.parametrize("ratio", PIXELS_1K)
async def test_every_ratio_is_drawn_in_the_models_size_and_enlarged_to_the_table(klein: Path, ratio: str) -> None:
    engine = load(klein)

    result = await engine.generate(request(aspect_ratio=ratio))

    assert opened(result.data).size == pixels(ratio, Quality.ONE_K)
    assert "resized to" in result.warnings[0]
    assert result.model == klein.name
    assert str(klein.parent).encode() not in result.data
    await engine.close()


@needs_torch
async def test_a_size_that_the_model_draws_is_not_resized(klein: Path) -> None:
    engine = load(klein, PIXELS_MAX="1100000", STEPS="1")

    result = await engine.generate(request())

    assert (opened(result.data).size, result.warnings) == ((1376, 768), ())


@needs_torch
async def test_an_edit_takes_fourteen_pictures(klein: Path) -> None:
    engine = load(klein)
    images = tuple(input_image(kind, noise=True) for kind in ["image/png", "image/jpeg"] * 7)

    result = await engine.generate(request("as a watercolor", input_images=images, seed=3))
    plain = await engine.generate(request("as a watercolor", seed=3))

    assert opened(result.data).size == (1376, 768)
    assert result.data != plain.data, "the inputs change the picture"


@needs_torch
@pytest.mark.parametrize("family", ["klein", "stable"])
async def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    family: str, request: pytest.FixtureRequest
) -> None:
    from engine_helpers import request as ask

    engine = load(request.getfixturevalue(family))
    first, again, other = [await engine.generate(ask(seed=seed)) for seed in (7, 7, 8)]

    assert (first.seed, other.seed) == (7, 8)
    assert first.data == again.data != other.data


@needs_torch
async def test_without_a_seed_one_is_chosen_and_told(klein: Path) -> None:
    engine = load(klein)

    result = await engine.generate(request())

    assert result.seed is not None
    assert (await engine.generate(request(seed=result.seed))).data == result.data


@needs_torch
async def test_progress_rises_with_the_steps(stable: Path) -> None:
    marks: list[int] = []
    engine = load(stable, STEPS="5")

    await engine.generate(request(progress=marks.append))
    await asyncio.sleep(0)

    assert marks == [19, 38, 57, 76, 95]


@needs_torch
async def test_a_model_without_inputs_refuses_an_edit(stable: Path) -> None:
    engine = load(stable)
    with pytest.raises(base.EngineRejected, match="takes no input images"):
        await engine.generate(request(input_images=(input_image(),)))
    assert engine.capabilities.modes == (Mode.GENERATE,), "and from now on it says so"
    assert engine.capabilities.stops_unbilled


@needs_torch
async def test_a_model_of_one_input_takes_one_in_the_asked_shape_and_refuses_two(stable: Path) -> None:
    engine = load(stable, PIPELINE="StableDiffusionImg2ImgPipeline")
    image = input_image(size=(64, 64), noise=True)

    result = await engine.generate(request(input_images=(image,)))

    assert result.warnings == ("Drawn at 80x48 and cropped and resized to 1376x768.",)
    assert engine.capabilities.input_images_max == 1
    assert engine.capabilities.stops_unbilled
    with pytest.raises(base.EngineRejected, match="takes one input image, not 2"):
        await engine.generate(request(input_images=(image, image)))


@needs_torch
async def test_what_the_pipeline_refuses_is_rejected_and_its_words_stay_here(
    stable: Path, klein: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    thin = input_image(size=(900, 100))
    with pytest.raises(base.EngineRejected, match="other input images"):
        await load(klein).generate(request("SECRET", input_images=(thin,)))
    with pytest.raises(base.EngineRejected, match="input images, in mode edit"):
        await load(stable, PIPELINE="StableDiffusionImg2ImgPipeline").generate(request("SECRET"))

    written = capsys.readouterr().out
    assert written.count("pipeline refused") == 2
    assert "SECRET" not in written


@needs_torch
async def test_a_prompt_that_is_too_long_is_not_printed(stable: Path) -> None:
    """In a process of its own: the library writes to the error output that it found at its import."""
    code = (
        "import asyncio, sys; sys.path[:0] = ['.', '..']\n"
        "from engine_helpers import request; from cavendish import engines\n"
        f"engine = engines.load('diffusers', {{'CAVENDISH_DIFFUSERS_MODEL': {str(stable)!r},"
        " 'CAVENDISH_DIFFUSERS_STEPS': '1', 'CAVENDISH_DIFFUSERS_PIXELS_MAX': '4096'})\n"
        "print(len(asyncio.run(engine.generate(request('SECRET ' * 90))).data))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parent
    )

    assert int(done.stdout.splitlines()[-1]) > 0, done.stderr
    assert "SECRET" not in done.stdout + done.stderr


@needs_torch
async def test_two_calls_are_drawn_one_after_the_other(stable: Path) -> None:
    marks: list[str] = []
    engine = load(stable)

    await asyncio.gather(*(engine.generate(request(progress=lambda _, name=name: marks.append(name))) for name in "ab"))

    assert "".join(marks) in ("aaabbb", "bbbaaa")


@needs_torch
async def test_closing_frees_the_model(stable: Path) -> None:
    import weakref

    engine = load(stable)
    await engine.generate(request())
    part = weakref.ref((await engine._ready())._pipe.unet)
    assert part() is not None

    await engine.close()

    assert part() is None


@needs_torch
async def test_a_picture_that_the_models_checker_flags_is_blocked(
    stable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load(stable)
    await engine.generate(request())
    flagged = types.SimpleNamespace(images=[Image.new("RGB", (64, 64))], nsfw_content_detected=[True])

    monkeypatch.setattr(type((await engine._ready())._pipe), "__call__", lambda *_, **__: flagged)
    with pytest.raises(base.EngineBlocked) as caught:
        await engine.generate(request())

    assert caught.value.stage == "output"


@needs_torch
async def test_a_call_that_is_given_up_ends_at_its_next_step_and_the_next_one_is_made(stable: Path) -> None:
    engine = load(stable, STEPS="400")
    marks: list[int] = []
    task = asyncio.create_task(engine.generate(request(progress=marks.append)))
    while not marks:
        await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    made = len(marks)
    await asyncio.sleep(0.2)

    assert len(marks) <= made + 1 < 400
    engine._values["STEPS"] = 2
    assert opened((await engine.generate(request())).data).size == (1376, 768)


@needs_torch
async def test_time_that_is_up_is_told_and_nothing_was_billed(stable: Path) -> None:
    engine = load(stable)
    await engine.generate(request())
    engine._values["STEPS"] = 900

    with pytest.raises(base.EngineTimeout) as caught:
        await engine.generate(request(timeout_seconds=0.3))

    assert not caught.value.sent


@needs_torch
async def test_a_model_that_is_not_there_is_the_operators_matter_until_it_is(
    stable: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = load(tmp_path / "later")
    with pytest.raises(base.EngineUnavailable, match="could not be loaded") as caught:
        await engine.generate(request())
    (tmp_path / "later").symlink_to(stable)

    assert str(tmp_path) not in str(caught.value)
    assert "model not loaded" in capsys.readouterr().out
    assert (await engine.generate(request())).data


@needs_torch
async def test_pickled_weights_are_not_loaded_though_they_are_whole(stable: Path, tmp_path: Path) -> None:
    import shutil

    import torch
    from safetensors.torch import load_file

    shutil.copytree(stable, tmp_path / "pickled")
    weights = next((tmp_path / "pickled" / "unet").glob("*.safetensors"))
    torch.save(load_file(weights), weights.with_suffix(".bin"))
    weights.unlink()

    with pytest.raises(base.EngineUnavailable):
        await load(tmp_path / "pickled").generate(request())


def _full(words: str) -> Any:
    import torch

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError(words) if "CUDA" in words else RuntimeError(words)

    return full


@needs_torch
@pytest.mark.parametrize(
    "words",
    [
        "CUDA out of memory. Tried to allocate",
        "MPS backend out of memory",
        "DefaultCPUAllocator: can't allocate memory",
    ],
)
@pytest.mark.parametrize(
    ("options", "pixels_max", "way"),
    [
        ({"image_quality": Quality.TWO_K}, "100000000", "use a lower imageQuality$"),
        ({"image_quality": Quality.TWO_K}, "4096", "its operator must lower PIXELS_MAX"),
        ({"input_images": (input_image(),)}, "4096", "use fewer input images$"),
    ],
)
async def test_a_picture_too_large_for_the_memory_is_told_with_the_way_out_that_there_is(
    klein: Path, monkeypatch: pytest.MonkeyPatch, words: str, options: Any, pixels_max: str, way: str
) -> None:
    engine = load(klein, PIXELS_MAX=pixels_max)
    pipe = (await engine._ready())._pipe

    monkeypatch.setattr(type(pipe), "__call__", _full(words))
    with pytest.raises(base.EngineRejected, match=way):
        await engine.generate(request(**options))


@needs_torch
async def test_any_other_error_of_the_pipeline_is_a_fault(stable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load(stable)
    pipe = (await engine._ready())._pipe

    monkeypatch.setattr(type(pipe), "__call__", _full("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        await engine.generate(request())
