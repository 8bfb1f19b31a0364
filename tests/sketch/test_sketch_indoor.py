"""Indoor scenes, the letters in pictures, and the toys: what each promises, for every shape of page."""

from __future__ import annotations

import colorsys
import functools
import hashlib
import importlib
import time

import numpy as np
import pytest
from pages import HALF, QUARTER, WHOLE, page, size
from PIL import Image

from cavendish import models
from cavendish_sketch.canvas import art, figures, lettering, png, raster, svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.props import people, things
from cavendish_sketch.scenes import indoor, logo

SCENES = ("abstract", "interior", "logo", "portrait", "studio", "table")
PICTURED = ("interior", "logo", "portrait", "studio", "table")  # those that show subjects
SECONDS_4K = 9.0  # three times the budget: the test machines are shared

needs_art = pytest.mark.skipif(not art.available(), reason="the drawings were not fetched")


def dice(seed: str = "1") -> Dice:
    return Dice(hashlib.sha256(seed.encode()).digest())


def brief(scene: str, *subjects: Subject, **more) -> Brief:
    return Brief(scene=scene, design=designs.read(more.pop("prompt", scene)), subjects=subjects, **more)


def drawn(asked: Brief, *, seed: str = "1", ratio: str = "16:9", part: int = HALF) -> Sheet:
    sheet = page(ratio, part)
    importlib.import_module(f"cavendish_sketch.scenes.{asked.scene}").draw(sheet, asked, dice(seed), lambda part: None)
    return sheet


def pixels(sheet: Sheet, quality: int = 1) -> np.ndarray:
    return np.concatenate(list(sheet.strips(quality, dice("grain"))))


@functools.lru_cache(maxsize=64)
def picture(asked: Brief) -> np.ndarray:
    """Finished, and shared by the tests."""
    finished = pixels(drawn(asked))
    finished.flags.writeable = False
    return finished


def fox(**more) -> Subject:
    return Subject("fox", "animal", drawing="1f98a", **more)


def sneaker(**more) -> Subject:
    return Subject("sneaker", "object", drawing="1f45f", **more)


def bottle(**more) -> Subject:
    return Subject("perfume", "object", prop="bottle", **more)


def hue_share(picture: np.ndarray, colour: str, reach: float = 0.05) -> float:
    """The share of strongly coloured pixels near a hue."""
    wanted = colorsys.rgb_to_hsv(*(part / 255 for part in svg.channels(colour)))[0]
    small = np.asarray(Image.fromarray(picture).resize((160, 90)).convert("HSV")).reshape(-1, 3) / 255
    vivid = small[(small[:, 1] > 0.45) & (small[:, 2] > 0.25)]
    away = np.abs((vivid[:, 0] - wanted + 0.5) % 1 - 0.5)
    return float((away < reach).sum() / len(small))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "5"])
def test_the_same_seed_draws_the_same_picture_and_another_seed_another(scene, seed):
    asked = brief(scene, bottle(), text="Bean")

    first, again, other = (drawn(asked, seed=each, part=QUARTER).draft for each in (seed, seed, f"not {seed}"))

    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.002


@pytest.mark.parametrize("ratio", models.RATIOS)
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_fills_a_page_of_every_ratio(scene, ratio):
    part = WHOLE if ratio == "16:9" else QUARTER
    sheet = drawn(brief(scene, bottle(), Subject("robot", "object", prop="robot")), ratio=ratio, part=part)

    finished = pixels(sheet)

    assert finished.shape == (*size(ratio, part)[::-1], 3)
    assert finished.std() > 6, "the page is almost empty"
    assert len(np.unique(finished.reshape(-1, 3)[::97], axis=0)) > 4


@pytest.mark.parametrize("hour", PALETTES)
@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_is_drawn_at_every_time(scene, hour):
    sheet = drawn(brief(scene, bottle(), time=hour), part=QUARTER)

    assert np.isfinite(sheet.draft).all()
    assert sheet.draft.dtype == np.float32
    assert sheet.draft.std() > 0.024


@pytest.mark.parametrize("scene", PICTURED)
@pytest.mark.parametrize("seed", [str(number) for number in range(2)])
def test_any_number_of_subjects_from_none_to_twelve_is_drawn(scene, seed):
    for count in (0, 1, 2, 3, 5, 8, 12):
        subjects = (bottle(count=count),) if count else ()

        assert drawn(brief(scene, *subjects), seed=f"{seed}-{count}", part=QUARTER).draft.std() > 0.016


def test_more_than_twelve_figures_are_never_placed():
    assert len(indoor.cast((bottle(count=9), sneaker(count=9)))) <= indoor.CAST_MAX


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1", "8:1", "1:8"])
@pytest.mark.parametrize("scene", SCENES)
def test_without_any_art_the_scene_is_still_drawn(scene, ratio, monkeypatch):
    monkeypatch.setattr(art, "drawing", lambda code: None)
    figures.art_drawing.cache_clear()
    try:
        finished = pixels(drawn(brief(scene, fox(count=3), sneaker(), text="Bean"), ratio=ratio, part=QUARTER))
    finally:
        figures.art_drawing.cache_clear()

    assert finished.std() > 6


@pytest.mark.parametrize("scene", ["interior", "portrait", "studio", "table"])
@pytest.mark.parametrize("colour", ["1f6fd0", "1fa04a"])
def test_a_subject_has_the_colour_that_was_asked_for(scene, colour):
    with_it = picture(brief(scene, bottle(colour=colour), colours=("e8e2d8",)))
    without = picture(brief(scene, bottle(colour="d0342c"), colours=("e8e2d8",)))

    assert hue_share(with_it, colour) > hue_share(without, colour) + 0.001


@needs_art
@pytest.mark.parametrize("scene", ["portrait", "studio"])
def test_a_drawing_is_dyed_in_the_colour_that_was_asked_for(scene):
    blue = picture(brief(scene, fox(colour="2f6fd8"), colours=("e8e2d8",)))

    assert hue_share(blue, "2f6fd8") > 0.02
    assert hue_share(blue, "ff7a1a", 0.02) < 0.02


def test_the_studio_takes_its_backdrop_from_the_brief():
    finished = picture(brief("studio", bottle(colour="c0392b"), colours=("4f8fe0",)))

    corner = finished[:60, :80].reshape(-1, 3).mean(0) / 255
    assert abs(colorsys.rgb_to_hsv(*corner)[0] - colorsys.rgb_to_hsv(0x4F / 255, 0x8F / 255, 0xE0 / 255)[0]) < 0.05


@needs_art
def test_an_animal_close_up_shows_its_face_on_a_body_of_its_own_colour():
    sheet = drawn(brief("portrait", fox(), colours=("3f6f8a",)))
    bare = drawn(brief("portrait", colours=("3f6f8a",)))

    rows, columns = sheet.grid.rows, sheet.grid.columns
    chest = np.abs(sheet.draft - bare.draft)[:, int(rows * 0.93) :, int(columns * 0.4) : int(columns * 0.6)]
    assert (chest.max(0) > 0.1).mean() > 0.5


@needs_art
def test_a_dog_in_full_figure_becomes_a_dogs_face_in_a_portrait():
    whole, face = (
        picture(brief("portrait", Subject("dog", "animal", drawing=code), traits=frozenset({"forest"})))
        for code in ("1f415", "1f436")
    )

    assert np.array_equal(whole, face)


PEOPLE = ("fisherman", "woman", "child", "old man", "astronaut", "whoever")


@pytest.mark.parametrize("scene", PICTURED)
def test_a_person_is_a_toy_and_never_a_drawing_of_a_face(scene, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(art, "drawing", lambda code: asked.append(code))
    figures.art_drawing.cache_clear()

    pixels(drawn(brief(scene, *(Subject(word, "person", prop="person") for word in PEOPLE))))

    assert asked == []


@pytest.mark.parametrize("word", PEOPLE)
def test_a_toy_person_has_no_eyes_and_no_mouth(word):
    """Where a face would be there is one smooth tone from ear to ear; a helmet and a beard leave the middle alone."""
    look = people.look_of(word)
    toy = people.person(None, word)
    cheek = raster.render(toy.body, (74, 98, 52, 32) if not look.small else (80, 164, 40, 25), 52, 32, defs=toy.defs)

    assert cheek[..., 3].min() == 255
    assert np.abs(np.diff(cheek[..., :3].astype(int), axis=1)).max() < 12


def test_a_word_dresses_its_person_and_another_word_differently():
    assert people.person(None, "fisherman") == people.person(None, "fisherman")
    assert people.person(None, "fisherman") != people.person(None, "queen")
    assert people.look_of("old fisherman").hat == "rain"
    assert people.look_of("fisherman").coat == "e9b63a"
    assert people.person("123456", "fisherman").body.count("123456") > 0


@pytest.mark.parametrize(
    "toy", [*(people.person(None, word) for word in people.LOOKS), people.robot(), things.bottle()]
)
def test_a_toy_lies_within_its_box(toy):
    left, top, width, height = toy.box
    around = (left - 20, top - 20, width + 40, height + 40)
    alpha = raster.render(toy.body, around, round(width + 40), round(height + 40), defs=toy.defs)[..., 3]

    inside = alpha[19:-19, 19:-19]
    assert (alpha > 8).sum() - (inside > 8).sum() < 12
    assert (inside > 8).mean() > 0.3


def test_text_is_set_where_it_was_promised():
    sheet = Sheet.of(1376, 768)
    sheet.backdrop(np.full((3, 768, 1376), 0.8, np.float32))
    before = sheet.draft.copy()

    written = lettering.write(sheet, "Bean & Gone", 900, 400, 600, 80, type_=lettering.Type("sans", "bold", "202020"))

    changed = np.argwhere(np.abs(sheet.draft - before).max(0) > 0.05) / sheet.scale
    assert written.box is not None
    left, top, width, height = written.box
    assert changed[:, 1].min() >= left - 3
    assert changed[:, 1].max() <= left + width + 3
    assert changed[:, 0].min() >= top - height * 0.2
    assert changed[:, 0].max() <= top + height * 1.35
    assert width <= 600.5
    assert abs((left + width / 2) - 900) < 1


def test_long_text_becomes_several_lines_and_stays_in_its_box():
    sheet = Sheet.of(1024, 1024)
    sheet.backdrop(np.ones((3, 1024, 1024), np.float32))

    written = lettering.write(sheet, "The quiet harbour in the early morning light", 500, 500, 500, 400)

    assert written.box is not None
    assert written.box[2] <= 501
    assert written.box[3] <= 401
    assert written.box[3] > written.size * 1.5


@pytest.mark.parametrize("scene", ["landscape", "studio"])
def test_a_sign_stays_on_the_page_of_every_ratio_and_is_legible(scene):
    for ratio in models.RATIOS:
        for tone in (0.1, 0.9):
            width, height = models.pixels(ratio, models.Quality.ONE_K)
            sheet = Sheet.of(width, height)
            sheet.backdrop(np.full((3, height, width), tone, np.float32))

            written = lettering.sign(sheet, "The Quiet Harbour", PALETTES["day"])

            assert written.box is not None
            left, top, wide, high = written.box
            assert 0 <= left
            assert left + wide <= sheet.width
            assert 0 <= top
            assert top + high <= sheet.height
            view = sheet.draft[:, int(top * sheet.scale) : int((top + high) * sheet.scale) + 1].mean(0)
            assert view.max() - view.min() > 0.4


def test_letters_that_no_typeface_has_are_reported_and_not_drawn():
    sheet = Sheet.of(1024, 1024)
    sheet.backdrop(np.ones((3, 1024, 1024), np.float32))
    black = lettering.Type(colour="000000")

    partly = lettering.write(sheet, "Café ☕", 500, 300, 600, 100, type_=black)
    plain = Sheet.of(1024, 1024)
    plain.backdrop(np.ones((3, 1024, 1024), np.float32))
    lettering.write(plain, "Café", 500, 300, 600, 100, type_=black)

    assert partly.missing == "☕"
    assert np.array_equal(sheet.draft, plain.draft)
    untouched = sheet.draft.copy()
    wholly = lettering.write(sheet, "日本語ラーメン", 500, 700, 600, 100, type_=black)
    assert wholly.box is None
    assert wholly.missing == "日本語ラーメン"
    assert np.array_equal(sheet.draft, untouched)
    assert lettering.sign(sheet, "日本語", PALETTES["day"]).box is None


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Bean & Gone", True),
        ("Größe straße", True),
        ("Привет", True),
        ("Ελλάδα", True),
        ("日本", False),
        ("☕", False),
        ("", True),
    ],
)
def test_covers_tells_what_the_typefaces_have(text, covered):
    assert lettering.covers(text) is covered
    assert bool(lettering.missing(text)) is not covered


def test_a_word_without_latin_letters_is_set_in_the_face_that_has_them():
    assert lettering._face_for("Привет", "sans") == "serif"
    assert lettering._face_for("Hello", "sans") == "sans"


def test_an_endless_text_is_cut():
    sheet = Sheet.of(1024, 1024)
    sheet.backdrop(np.ones((3, 1024, 1024), np.float32))

    assert lettering.write(sheet, "word " * 4000, 500, 500, 900, 900).box is not None
    assert len(lettering._tidy("word " * 4000)) <= lettering.CHARACTERS_MAX


def test_diagonal_letters_are_brought_together():
    assert lettering._kern("sans", "bold", "A", "V") > 0.02
    assert lettering._kern("sans", "bold", "H", "H") == 0


def test_a_logo_sets_its_quoted_text_and_nothing_without_one():
    first, second, bare = (
        drawn(brief("logo", bottle(), text=text), ratio="1:1").draft for text in ("Bean & Gone", "Kite & Moss", None)
    )

    rows = np.nonzero((np.abs(first - second).max(0) > 0.2).any(1))[0] / 0.512
    assert len(rows) > 30, "other words, other letters"
    assert rows.min() > 690, "only the word differs, not the mark"
    assert rows.max() < 905
    assert np.ptp(bare[:, 440:].reshape(3, -1), axis=1).max() < 0.01, "nothing below the mark"


def test_a_logo_has_few_colours():
    finished = pixels(drawn(brief("logo", bottle(), text="Bean & Gone"), part=WHOLE))

    red, green, blue = (finished // 16).astype(int).reshape(-1, 3).T
    tones, counts = np.unique(red * 256 + green * 16 + blue, return_counts=True)
    assert (np.sort(counts)[::-1][:6].sum() / counts.sum()) > 0.95, len(tones)


def test_a_logo_without_a_subject_is_a_monogram():
    sheets = [drawn(brief("logo", text=text), ratio="1:1", seed="4").draft for text in ("Bean Gone", "Kite Moss")]

    differs = np.abs(sheets[0] - sheets[1]).max(0) > 0.2
    assert differs[: differs.shape[0] // 2].sum() > 75, "the letters of the mark follow the words"


@needs_art
@pytest.mark.parametrize("code", ["1f3a9", "1f577", "1f3b1"])
def test_a_mostly_black_drawing_is_whole_in_a_logo(code):
    drawing = figures.art_drawing(code)
    ink = raster.render(drawing.body, drawing.box, 200, 200)[..., 3] > 128
    mark = logo.Mark(drawing, (0, 0, 100, 100), "ffffff", "ffffff", logo._cut(drawing)).patch(2).pixels[..., 3] > 128

    assert mark[ink].mean() > 0.76


def test_layers_have_the_size_of_their_box_at_every_scale():
    sheet = Sheet.of(1376, 768)
    sheet.backdrop(np.full((3, 768, 1376), 0.8, np.float32))
    (actor,) = indoor.cast((bottle(),))
    indoor.reflect(sheet, actor, 900, 600, 400, figures.Light())
    indoor.in_front(sheet, [([svg.circle(300, 300, 40, "ffffff")], 4.0)])
    lettering.write(sheet, "Bean", 900, 400, 600, 80)
    sheet.lay(logo.Mark(actor.drawing, (100, 100, 200, 300), "ffffff", "000000", logo._cut(actor.drawing)))

    layers = [layer for layer in sheet._layers if hasattr(layer, "box")]
    assert len(layers) == 4
    for layer in layers:
        for scale in (0.768, 1.536, 3.072):
            rows, columns = layer.patch(scale).pixels.shape[:2]
            assert abs(rows - layer.box[3] * scale) <= 1
            assert abs(columns - layer.box[2] * scale) <= 1


@needs_art
def test_steam_rises_only_from_what_is_hot():
    def paler(code: str) -> float:
        sheet = drawn(brief("table", Subject("thing", "food", drawing=code), time="night"))
        return sum(type(layer).__name__ == "Soft" for layer in sheet._layers)

    assert paler("1f35c") > paler("1f34e")


@needs_art
@pytest.mark.parametrize("scene", PICTURED)
def test_the_larger_sizes_show_the_same_picture(scene):
    sheet = drawn(brief(scene, sneaker(count=2), fox(), text="Bean"), part=WHOLE)

    small, large = pixels(sheet, 1), pixels(sheet, 2)

    reduced = np.asarray(Image.fromarray(large).resize((172, 96), Image.Resampling.BOX)).astype(int)
    assert np.abs(np.asarray(Image.fromarray(small).resize((172, 96), Image.Resampling.BOX)) - reduced).mean() < 2.5


@pytest.mark.parametrize("scene", SCENES)
def test_progress_only_rises_and_ends_at_one(scene):
    heard: list[float] = []
    sheet = page()
    importlib.import_module(f"cavendish_sketch.scenes.{scene}").draw(
        sheet, brief(scene, bottle()), dice(), heard.append
    )

    assert heard == sorted(heard)
    assert heard[-1] == 1
    assert len(heard) >= 2


@needs_art
@pytest.mark.parametrize("scene", SCENES)
def test_a_picture_at_4k_is_done_in_a_few_seconds_of_processor_time(scene):
    start = time.process_time()
    sheet = drawn(brief(scene, fox(), sneaker(count=2), text="Bean"), part=WHOLE)
    data = png.write(5504, 3072, sheet.strips(4, dice()), texts={}, xmp="")

    assert time.process_time() - start < SECONDS_4K
    assert len(data) > 100_000
