"""The engine `diffusers` with tiny random models, loaded as the real ones are. `make test-diffusers` has PyTorch."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cavendish import engines
from cavendish.engines import base
from cavendish.engines.diffusers import INSTALL
from cavendish.errors import ConfigurationError
from cavendish.models import PIXELS_1K, Quality, pixels

sys.path.insert(0, str(Path(__file__).parent))
from engine_lab import input_image, request  # noqa: E402
from PIL import Image  # noqa: E402

pytestmark = pytest.mark.anyio

HERE = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(
    not HERE, reason="PYTORCH IS NOT INSTALLED: the engine diffusers is NOT tested here; run make test-diffusers"
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def klein(tmp_path_factory: Any) -> Path:
    import diffusers_lab

    return diffusers_lab.save_klein(tmp_path_factory.mktemp("klein"))


@pytest.fixture(scope="session")
def stable(tmp_path_factory: Any) -> Path:
    import diffusers_lab

    return diffusers_lab.save_stable(tmp_path_factory.mktemp("stable"))


def load(folder: Path, **settings: str) -> Any:
    import diffusers_lab

    values = {"MODEL": str(folder), "STEPS": "3", "PIXELS_MAX": "4096", **settings}
    if "klein" in str(folder):
        values.setdefault("ARGUMENTS", diffusers_lab.KLEIN_ARGUMENTS)
    return engines.load("diffusers", {f"CAVENDISH_DIFFUSERS_{name}": value for name, value in values.items()})


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


# Without PyTorch


def test_a_worker_with_this_engine_imports_no_torch_before_the_first_picture() -> None:
    code = (
        "import sys; import cavendish.worker.main; from cavendish import engines;"
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


# With it


@needs_torch
@pytest.mark.parametrize("ratio", PIXELS_1K)
async def test_every_ratio_is_drawn_in_the_models_size_and_enlarged_to_the_table(klein: Path, ratio: str) -> None:
    engine = load(klein)

    result = await engine.generate(request(aspect_ratio=ratio))

    assert opened(result.data).size == pixels(ratio, Quality.ONE_K)
    assert "resized to" in result.warnings[0]
    assert result.model == str(klein)
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
    from engine_lab import request as ask

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
async def test_the_picture_says_what_it_is(stable: Path) -> None:
    text = opened((await load(stable).generate(request())).data).info

    assert text["DigitalSourceType"].endswith("trainedAlgorithmicMedia")
    assert str(stable) in text["Software"]


@needs_torch
async def test_a_model_without_inputs_refuses_an_edit(stable: Path) -> None:
    with pytest.raises(base.EngineRejected, match="takes no input images"):
        await load(stable).generate(request(input_images=(input_image(),)))


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
async def test_pickled_weights_are_not_loaded(stable: Path, tmp_path: Path) -> None:
    import shutil

    import torch

    shutil.copytree(stable, tmp_path / "pickled")
    weights = next((tmp_path / "pickled" / "unet").glob("*.safetensors"))
    torch.save({}, weights.with_suffix(".bin"))
    weights.unlink()

    with pytest.raises(base.EngineUnavailable):
        await load(tmp_path / "pickled").generate(request())


@needs_torch
@pytest.mark.parametrize("words", ["CUDA out of memory. Tried to allocate", "MPS backend out of memory"])
async def test_a_picture_too_large_for_the_memory_is_told_with_the_way_out(
    stable: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    import torch

    engine = load(stable)
    await engine.generate(request())
    loaded = (await engine._ready())._pipe

    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError(words) if "CUDA" in words else RuntimeError(words)

    monkeypatch.setattr(type(loaded), "__call__", full)
    with pytest.raises(base.EngineRejected, match="use a lower imageQuality"):
        await engine.generate(request())
