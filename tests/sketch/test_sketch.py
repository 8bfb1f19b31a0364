"""The preview engine draws what the words say, the same every time, at the size that was asked for."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from PIL import Image

import cavendish_sketch
from cavendish.engines import base
from cavendish.engines.base import EngineRequest, EngineResult
from cavendish.imaging import sniff
from cavendish.models import PIXELS_1K, RATIOS, InputImage, Mode, Quality, pixels
from cavendish.settings.engine import Options
from cavendish_sketch import stage
from cavendish_sketch.abstract import compose
from cavendish_sketch.canvas import marks, png
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.edit import words
from cavendish_sketch.language import designs, prompts, wordlists
from cavendish_sketch.language.tables import colour_words, compositions

pytestmark = pytest.mark.anyio

CITY = "A futuristic cityscape at sunset with flying cars and neon lights"
GARDEN = "A serene Japanese garden with cherry blossoms and a koi pond"
Draw = Callable[..., asyncio.Future[EngineResult]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[cavendish_sketch.SketchEngine]:
    engine = cavendish_sketch.build(Options("sketch", {}))
    yield engine
    await engine.close()


def request(prompt: str = CITY, **changes: object) -> EngineRequest:
    fields: dict[str, object] = {
        "prompt": prompt,
        "mode": Mode.GENERATE,
        "aspect_ratio": "16:9",
        "image_quality": Quality.ONE_K,
        "input_images": (),
        "seed": 7,
        "google_search": False,
        "progress": lambda percent: None,
        "timeout_seconds": 60.0,
    }
    return EngineRequest(**(fields | changes))  # type: ignore[arg-type]


def edit_request(prompt: str, *pictures: InputImage, **changes: object) -> EngineRequest:
    return request(prompt, mode=Mode.EDIT, input_images=pictures, **changes)


def photo(width: int = 900, height: int = 600, hue: int = 0, mode: str = "RGB") -> InputImage:
    """A landscape-like test picture with forms, gradients and texture."""
    base_ = Image.linear_gradient("L").resize((width, height))
    sun = Image.radial_gradient("L").resize((width, height))
    texture = Image.effect_noise((width, height), 60)
    image = Image.merge(
        "HSV", (sun.point(lambda value: (value // 3 + hue) % 256), base_, Image.blend(base_, texture, 0.3))
    )
    image = image.convert("RGB")
    image.paste((30, 40, 60), (width // 3, height // 3, width // 2, height))
    image = image.convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG" if mode == "RGBA" else "JPEG", quality=95)
    return InputImage(file.getvalue(), "image/png" if mode == "RGBA" else "image/jpeg", width, height)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    image.load()
    return image


def thumbnail(data: bytes) -> np.ndarray:
    return np.asarray(opened(data).convert("RGB").resize((48, 27), Image.Resampling.BOX), np.float32)


def small(prompt: str) -> Image.Image:
    """What a prompt gives, drawn in this process at a quarter of the 1K size."""
    sheet, _ = stage.staged(prompts.read(prompt), Dice(prompt.encode()), 344, 192, lambda part: None)
    return Image.fromarray(np.concatenate(list(sheet.strips(1, Dice(b"1")))))


def printed(canvas: Canvas, quality: int = 1) -> Image.Image:
    sheet = Sheet.of(canvas.grid.columns, canvas.grid.rows)
    sheet.expose(canvas)
    return Image.fromarray(np.concatenate(list(sheet.strips(quality, Dice(b"1")))))


def distance(first: bytes, second: bytes) -> float:
    """Mean difference of two pictures' thumbnails, in 8-bit levels."""
    return float(np.abs(thumbnail(first) - thumbnail(second)).mean())


@pytest.mark.parametrize("ratio", RATIOS)
async def test_every_ratio_has_exactly_its_size(engine: cavendish_sketch.SketchEngine, ratio: str) -> None:
    result = await engine.generate(request("teal silk", aspect_ratio=ratio))

    header = sniff.sniff(result.data)
    assert header is not None
    assert (header.media_type, header.width, header.height) == ("image/png", *PIXELS_1K[ratio])
    assert sniff.whole(result.data)
    assert opened(result.data).mode == "RGB"


@pytest.mark.parametrize(("ratio", "quality"), [("16:9", "2K"), ("1:8", "2K"), ("21:9", "4K")])
async def test_larger_qualities_have_exactly_their_size(
    engine: cavendish_sketch.SketchEngine, ratio: str, quality: str
) -> None:
    result = await engine.generate(request(aspect_ratio=ratio, image_quality=Quality(quality)))

    assert opened(result.data).size == pixels(ratio, Quality(quality))


@pytest.mark.parametrize("prompt", [CITY, GARDEN, "galaxy"])
async def test_the_same_request_gives_the_same_bytes_in_another_process(
    engine: cavendish_sketch.SketchEngine, prompt: str
) -> None:
    other = cavendish_sketch.SketchEngine(processes=1, megapixels_max=36)

    first, second = await asyncio.gather(engine.generate(request(prompt)), other.generate(request(prompt)))
    await other.close()

    assert first.data == second.data


async def test_a_drawn_seed_is_reported_and_repeats_the_picture(engine: cavendish_sketch.SketchEngine) -> None:
    first = await engine.generate(request("teal silk", seed=None))
    second = await engine.generate(request("teal silk", seed=None))
    again = await engine.generate(request("teal silk", seed=first.seed))

    assert first.seed is not None
    assert first.seed != second.seed
    assert again.data == first.data


@pytest.mark.parametrize("prompt", [CITY, "snowy mountains by a lake"])
async def test_one_composition_at_every_quality(engine: cavendish_sketch.SketchEngine, prompt: str) -> None:
    small, large, other_seed = await asyncio.gather(
        engine.generate(request(prompt)),
        engine.generate(request(prompt, image_quality=Quality.TWO_K)),
        engine.generate(request(prompt, seed=8)),
    )

    assert distance(small.data, large.data) < 2
    assert distance(small.data, other_seed.data) > 8


def test_different_prompts_give_different_pictures() -> None:
    prompts = (CITY, GARDEN, "The latest Tesla Cybertruck in a desert landscape", "purple silk", "a dark forest in fog")
    pictures = [small(prompt).resize((48, 27)) for prompt in prompts]

    for first, second in itertools.combinations(pictures, 2):
        assert np.abs(np.asarray(first, float) - np.asarray(second, float)).mean() > 15


HUES = {"red": 0, "yellow": 50, "green": 130, "blue": 225, "purple": 270}
NAMED = [
    ("red silk", "red"),
    ("yellow silk", "yellow"),
    ("green fabric", "green"),
    ("abstract swirls in blue", "blue"),
    ("purple gradient", "purple"),
]


@pytest.mark.parametrize(("prompt", "name"), NAMED)
def test_a_named_colour_dominates(prompt: str, name: str) -> None:
    picture = small(prompt)

    hue, saturation, value = (np.asarray(channel) for channel in picture.convert("HSV").split())
    coloured = (saturation > 60) & (value > 50)
    turn = (hue[coloured].astype(float) * 360 / 256 - HUES[name] + 180) % 360 - 180
    assert coloured.mean() > 0.25
    assert (np.abs(turn) < 35).mean() > 0.6


def test_night_is_dark_and_a_neon_sunset_is_no_night() -> None:
    assert designs.read("a city at night").night
    assert designs.read("neon city").night
    assert not designs.read("neon city at sunset").night


def test_what_no_word_decides_is_decided_by_chance_and_not_by_the_letters() -> None:
    nonsense, other = designs.read("asdf qwer"), designs.read("zxcv")
    chosen = {designs.decided(nonsense, Dice(bytes([seed]))).family for seed in range(20)}

    assert nonsense == other
    assert designs.decided(nonsense, Dice(b"1")) == designs.decided(other, Dice(b"1"))
    assert len(chosen) > 2
    assert designs.decided(designs.read("flowing silk in teal"), Dice(b"1")) == designs.read("flowing silk in teal")


def test_several_colours_are_each_seen_by_themselves() -> None:
    """Silk from blue to red would be purple, and an accent of its own would be another colour."""
    design = designs.read("abstract night in red and blue")
    chosen = {designs.decided(design, Dice(bytes([seed]))).family for seed in range(20)}

    assert chosen == set(compositions.FAMILIES_OF_COLOURS)
    assert design.accents[:2] == ("d7263d", "1f6feb")
    assert not set(design.accents[2:]) - set(design.ramp)


def test_every_word_of_the_tables_is_reachable() -> None:
    """A capital, an accent or a space in a table would never match a folded token."""
    tables = [*colour_words.COLOURS.values(), *(scheme.words for scheme in compositions.SCHEMES.values())]
    tables += [text for _, text in compositions.FAMILIES.values()] + list(compositions.TRAITS.values())
    tables += [operator.words for operator in words.OPERATORS.values()] + list(words.LAYOUTS.values())

    for word in " ".join(tables).split():
        assert wordlists.fold(word) == word
    for phrase, replacement in (compositions.PHRASES | words.PHRASES).items():
        assert wordlists.fold(phrase) == phrase
        assert wordlists.fold(replacement) == replacement


def test_every_stem_of_the_tables_is_short_enough_to_be_looked_for() -> None:
    tables = [*colour_words.COLOURS.values(), *(scheme.words for scheme in compositions.SCHEMES.values())]
    stems = [word for word in " ".join(tables).split() if word.endswith("*")]

    assert stems
    assert all(3 <= len(stem) - 1 <= wordlists.STEM_CHARACTERS_MAX for stem in stems)


def test_every_colour_of_the_tables_is_a_colour() -> None:
    texts = [*colour_words.COLOURS]
    for scheme in compositions.SCHEMES.values():
        assert len(scheme.ramp.split()) == designs.RAMP_STOPS
        texts += [*scheme.ramp.split(), *scheme.accents.split(), scheme.light]

    assert all(len(text) == 6 and int(text, 16) >= 0 for text in texts)


@pytest.mark.parametrize(
    "prompt", ["🎨" * 10_000, "ﷺ" * 20_000, "a" * 20_000, "red " * 5_000, "\u0301" * 20_000, "青" * 20_000, "\0", "?"]
)
def test_any_prompt_is_read_quickly(prompt: str) -> None:
    start = time.process_time()

    design = designs.decided(designs.read(prompt), Dice(b"1"))

    assert design.family in compose.FAMILIES
    assert len(design.ramp) == designs.RAMP_STOPS
    assert time.process_time() - start < 0.7


@pytest.mark.parametrize(("size", "night"), [((384, 64), False), ((64, 384), True)])
@pytest.mark.parametrize("family", compose.FAMILIES)
def test_every_family_draws_with_every_trait_at_any_shape(family: str, size: tuple[int, int], night: bool) -> None:
    design = designs.read("teal and orange")
    design = type(design)(family, design.ramp, design.accents, design.light, night, frozenset(compositions.TRAITS))
    reported: list[float] = []

    canvas = compose.paint(design, Dice(family.encode()), *size, reported.append)

    assert canvas.light.dtype == np.float32
    assert np.isfinite(canvas.light).all()
    assert reported == sorted(reported)
    assert 0 <= min(reported) <= max(reported) <= 1


def test_hard_edges_are_as_sharp_at_4k_as_at_1k() -> None:
    """A disc: nearly all pixels are one of two colours, at every scale."""
    grid = Grid.of(160, 120)
    canvas = Canvas.of(grid)
    canvas.light[:] = 0.05
    away = np.sqrt((grid.x - grid.width / 2) ** 2 + (grid.y - grid.height / 2) ** 2)
    canvas.lay(((0.3 - away) * grid.unit).astype(np.float32), np.full((3, 1, 1), 0.5, np.float32))
    soft = []
    for scale in (1, 4):
        sharp = Canvas(canvas.grid, canvas.light.copy(), canvas.edge, canvas.bare)
        picture = np.asarray(printed(sharp, scale))[..., 0].astype(int)
        middle = picture[len(picture) // 2]
        soft.append(int(((middle > 80) & (middle < 165)).sum()))

    assert soft[1] <= 4


def test_the_png_writer_agrees_with_a_reader() -> None:
    rows = np.random.default_rng(1).integers(0, 256, (37, 23, 3), dtype=np.uint8)

    data = png.write(23, 37, (rows[start : start + 8] for start in range(0, 37, 8)), texts={"Seed": "1"}, xmp="<x/>")

    assert (np.asarray(opened(data)) == rows).all()


async def test_the_file_says_what_it_is_and_not_what_was_asked(engine: cavendish_sketch.SketchEngine) -> None:
    result = await engine.generate(request("canarywordinprompt", seed=4242))

    info = opened(result.data).info
    assert info["Software"] == "Cavendish sketch"
    assert "not made by an AI model" in info["Description"]
    assert info["Seed"] == "4242"
    assert marks.SOURCE_TYPE in info["XML:com.adobe.xmp"]
    assert b"canarywordinprompt" not in result.data
    assert result.model == "sketch-2"


async def test_every_result_warns_that_it_is_a_preview(engine: cavendish_sketch.SketchEngine) -> None:
    drawn = await engine.generate(request(google_search=True))
    edited = await engine.generate(edit_request("sepia", photo()))

    assert drawn.warnings == (cavendish_sketch.PREVIEW,)
    assert edited.warnings == (cavendish_sketch.PREVIEW, "Of the instruction, the sketch engine followed: sepia.")


@pytest.mark.parametrize("quality", [Quality.ONE_K, Quality.TWO_K])
async def test_progress_rises_through_real_steps(engine: cavendish_sketch.SketchEngine, quality: Quality) -> None:
    seen: list[int] = []

    await engine.generate(request(image_quality=quality, progress=seen.append))

    assert seen == sorted(set(seen))
    assert len(seen) >= 8
    assert 0 <= seen[0] <= 10
    assert 90 <= seen[-1] <= 99


async def test_progress_of_an_edit_rises(engine: cavendish_sketch.SketchEngine) -> None:
    seen: list[int] = []

    await engine.generate(edit_request("warm oil painting collage", photo(), photo(), progress=seen.append))

    assert seen == sorted(set(seen))
    assert len(seen) >= 5
    assert seen[-1] <= 99


@pytest.mark.parametrize("instruction", ["Remove the man and make it a watercolour", "What is this?"])
async def test_an_edit_that_cannot_be_done_is_rejected_with_the_reason(
    engine: cavendish_sketch.SketchEngine, instruction: str
) -> None:
    with pytest.raises(base.EngineRejected, match="sketch engine cannot do"):
        await engine.generate(edit_request(instruction, photo()))


@pytest.mark.parametrize(
    ("instruction", "pictures", "ratio", "quality"),
    [
        ("vivid", (photo(),), "16:9", "1K"),
        ("extend", (photo(300, 900),), "21:9", "1K"),
        ("crop", (photo(300, 900),), "4:1", "1K"),
        ("sepia", (photo(64, 64, mode="RGBA"),), "1:1", "2K"),
        ("night", (photo(),), "21:9", "4K"),
        ("collage", tuple(photo(300 + 40 * n, 500 - 20 * n, 18 * n) for n in range(14)), "3:4", "1K"),
        ("oil collage", (photo(), photo(hue=90)), "1:4", "1K"),
    ],
)
async def test_edits_have_exactly_their_size(
    engine: cavendish_sketch.SketchEngine, instruction: str, pictures: tuple[InputImage, ...], ratio: str, quality: str
) -> None:
    result = await engine.generate(
        edit_request(instruction, *pictures, aspect_ratio=ratio, image_quality=Quality(quality))
    )

    assert opened(result.data).size == pixels(ratio, Quality(quality))


async def test_an_edit_keeps_the_picture_recognisable(engine: cavendish_sketch.SketchEngine) -> None:
    source = photo(1376, 768)

    result = await engine.generate(edit_request("warmer", source))

    assert 2 < distance(result.data, source.data) < 40


async def test_a_request_past_its_time_ends_and_was_not_sent(engine: cavendish_sketch.SketchEngine) -> None:
    with pytest.raises(base.EngineTimeout) as caught:
        await engine.generate(request(image_quality=Quality.FOUR_K, timeout_seconds=0.05))

    assert caught.value.sent is False
    assert (await engine.generate(request("silk"))).data


async def test_a_killed_drawing_process_is_a_fault_and_the_next_request_works() -> None:
    engine = cavendish_sketch.SketchEngine(processes=1, megapixels_max=36)
    await engine.generate(request("silk"))
    call = asyncio.create_task(engine.generate(request(image_quality=Quality.FOUR_K)))
    await asyncio.sleep(0.2)

    for child in engine._pool._busy:
        child.kill()

    with pytest.raises(base.EngineFault):
        await call
    assert (await engine.generate(request("silk"))).data
    await engine.close()


def test_the_engine_keeps_its_contract() -> None:
    engine = cavendish_sketch.build(Options("sketch", {}))

    assert isinstance(engine, base.Engine)
    assert (engine.name, engine.reports_progress, engine.concurrency) == ("sketch", True, None)


def test_loading_the_engine_loads_no_numpy() -> None:
    code = "import sys, cavendish_sketch; print({'PIL', 'numpy'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
