"""The visible mark: its rules, on every size, ground and kind of picture; and how it gets into a file."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
from PIL import ExifTags, Image

from cavendish.imaging import converter, label, sniff

pytestmark = pytest.mark.anyio

# Our own sizes, strips of 16:1 both ways, and what is smallest here.
SIZES = [
    (1376, 768), (1024, 1024), (4096, 4096), (5504, 3072), (384, 3072), (3072, 192), (192, 3072), (1024, 64), (64, 1024),
    (64, 64), (321, 319), (4096, 256),
]  # fmt: skip
TINY = [(40, 40), (32, 200), (24, 24), (16, 16), (9, 30), (3, 3), (1, 1)]
GROUNDS = [(255, 255, 255), (0, 0, 0), (128, 128, 128), (255, 240, 0), (0, 60, 255), (210, 30, 40), (18, 18, 18)]


def luminance(colour: tuple[int, ...]) -> float:
    """Relative luminance of WCAG 2.2."""
    linear = [
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour[:3]
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def changed(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
    """The box of what was drawn: left, top, right, bottom."""
    from PIL import ImageChops

    box = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
    assert box is not None
    return box


def inked(image: Image.Image) -> tuple[int, int, int, int]:
    """The box of what is as good as white."""
    box = image.convert("L").point(lambda value: 255 if value > 200 else 0).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_letters_are_as_high_as_the_rules_say_and_all_of_it_is_inside_a_margin(size: tuple[int, int]) -> None:
    ground = Image.new("RGB", size, (120, 60, 20))
    marked = label.drawn(ground)

    left, top, right, bottom = inked(marked)
    assert bottom - top >= max(16, math.ceil(0.05 * min(size)))
    assert bottom - top <= max(16, math.ceil(0.05 * min(size))) + 1
    plate = changed(ground, marked)
    assert plate[0] < left and plate[1] < top and plate[2] > right and plate[3] > bottom
    margins = plate[0], plate[1], size[0] - plate[2], size[1] - plate[3]
    assert min(margins) >= 4
    assert margins[2] == margins[3] and margins[2] <= max(4, round(0.025 * min(size)))
    assert (plate[2] - plate[0]) * (plate[3] - plate[1]) <= 0.35 * min(size) ** 2
    assert marked.size == size and ground.getpixel((size[0] - 8, size[1] - 8)) == (120, 60, 20)


@pytest.mark.parametrize("size", TINY, ids=str)
def test_a_picture_too_small_for_the_rules_has_what_fits(size: tuple[int, int]) -> None:
    marked = label.drawn(Image.new("RGB", size, "white"))

    assert marked.size == size
    if min(size) >= 9:
        left, top, right, bottom = inked(marked.crop(_inner(size)))
        assert bottom - top >= min(16, min(size) // 2) - 2


def _inner(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The plate alone, less its round corners."""
    found = label.placed(*size)
    left, top = found.left + found.letters_left, found.top + found.letters_top
    return left, top, left + math.ceil(1.245 * found.letters_height), top + found.letters_height


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16"])
@pytest.mark.parametrize("ground", GROUNDS, ids=str)
def test_the_letters_stand_out_from_their_plate_whatever_lies_below(ground: tuple[int, int, int], mode: str) -> None:
    picture = Image.new("RGB", (400, 300), ground)
    picture = picture.convert("L").convert("I;16") if mode == "I;16" else picture.convert(mode)
    marked = label.drawn(picture).convert("RGB")

    found = label.placed(400, 300)
    counter = found.left + found.letters_left + round(0.46 * found.letters_height)
    in_a = marked.getpixel((counter, found.top + found.letters_top + round(0.5 * found.letters_height)))
    beside = marked.getpixel((found.left + 4, found.top + found.height // 2))
    stem = marked.getpixel(
        (found.left + found.letters_left + round(1.14 * found.letters_height), found.top + found.height // 2)
    )
    assert contrast(stem, in_a) >= 4.5 and contrast(stem, beside) >= 4.5  # type: ignore[arg-type]


def test_nothing_outside_the_mark_is_changed() -> None:
    before = Image.effect_noise((300, 200), 90).convert("RGB")
    after = label.drawn(before)

    found = label.placed(300, 200)
    assert changed(before, after)[:2] >= (found.left, found.top)
    after.paste(before.crop(box := (found.left, found.top, found.left + found.width, found.top + found.height)), box)
    assert after.tobytes() == before.tobytes()


def test_it_is_seen_on_what_is_transparent() -> None:
    marked = label.drawn(Image.new("RGBA", (400, 300), (0, 0, 0, 0)))

    found = label.placed(400, 300)
    plate = marked.getpixel((found.left + 4, found.top + found.height // 2))
    stem = marked.getpixel(
        (found.left + found.letters_left + round(1.14 * found.letters_height), found.top + found.height // 2)
    )
    assert marked.mode == "RGBA" and marked.getpixel((5, 5)) == (0, 0, 0, 0)
    assert stem == (255, 255, 255, 255) and plate[3] >= 200  # type: ignore[index]


def test_the_letters_are_an_a_and_an_i() -> None:
    """Read by rows: two legs below, an apex above, a bar across; and one upright beside it."""
    marked = label.drawn(Image.new("RGB", (1600, 1600), "black")).convert("L")
    found = label.placed(1600, 1600)

    def strokes(height: float) -> int:
        row = found.top + found.letters_top + round(height * (found.letters_height - 1))
        line = [marked.getpixel((x, row)) > 128 for x in range(found.left, found.left + found.width)]  # type: ignore[operator]
        return sum(line[x] and not line[x - 1] for x in range(1, len(line)))

    assert [strokes(height) for height in (0.05, 0.5, 0.68, 0.95)] == [2, 3, 2, 3]


# --- in a file


def encoded(kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 200), (200, 40, 60)).save(file, kind, **options)
    return file.getvalue()


async def converted(data: bytes, media_type: sniff.MediaType, **arguments: Any) -> Image.Image:
    tool = converter.Converter(processes=1)
    try:
        out, header = await tool.convert(data, media_type, **arguments)
    finally:
        await tool.close()
    image = Image.open(io.BytesIO(out))
    image.load()
    assert (header.media_type, header.width, header.height) == (media_type, *image.size)
    return image


def is_marked(image: Image.Image) -> bool:
    """By its plate and by the white in it: the pictures of these tests have neither."""
    found = label.placed(*image.size)
    plate = image.convert("L").crop((found.left, found.top, found.left + found.width, found.top + found.height))
    low, high = plate.getextrema()
    return bool(high >= 235 and low <= 60)  # type: ignore[operator]


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp"])
async def test_every_type_of_file_bears_it_and_none_does_unasked(media_type: sniff.MediaType) -> None:
    assert is_marked(await converted(encoded("PNG"), media_type, label="ai"))
    assert not is_marked(await converted(encoded("PNG"), media_type))


async def test_it_is_drawn_in_the_size_that_is_delivered() -> None:
    image = await converted(encoded("PNG"), "image/png", size=(1024, 64), label="ai")

    assert image.size == (1024, 64) and is_marked(image)


async def test_a_picture_that_is_stored_on_its_side_is_marked_as_it_is_seen() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image = await converted(encoded("JPEG", exif=exif), "image/jpeg", label="ai")

    assert image.size == (200, 400) and is_marked(image)
    assert image.getexif().get(ExifTags.Base.Orientation) is None
