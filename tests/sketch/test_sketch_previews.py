"""Who asks for unfinished pictures sees the sheet itself as it fills, small, and gets the same picture in the end."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cavendish.engines.base import PREVIEW_BYTES_MAX, PREVIEW_SIDE_MAX
from cavendish.models import PREVIEWS_MAX, RATIOS
from cavendish_sketch import paint, previews
from cavendish_sketch.canvas import marks
from cavendish_sketch.previews import Previews

PROMPTS = (
    "A serene Japanese garden with cherry blossoms and a koi pond",
    "a city at night with neon signs",
    "a dog in a living room",
    "fish above a coral reef, underwater",
)
SIZE = (64, 36)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def drawn(
    prompt: str, count: int, *, ratio: str = "16:9", picture: bytes = b""
) -> tuple[list[bytes], bytes, list[int]]:
    """What was shown, the picture and the percents that were told."""
    shown: list[bytes] = []
    percents: list[int] = []

    def progress(percent: int, data: bytes = b"") -> None:
        percents.append(percent)
        shown.extend([data] if data else [])

    arguments: dict[str, Any] = {"prompt": prompt, "seed": 3, "ratio": ratio, "quality": "1K", "previews": count}
    if picture:
        _, (made,) = paint.alter(arguments, [picture], progress)
    else:
        _, (made,) = paint.draw(arguments, [], progress)
    return shown, bytes(made), percents


def apart(one: bytes, other: bytes) -> float:
    """How far two pictures are from each other, in levels of 255."""
    first, second = (np.asarray(opened(data).convert("RGB").resize(SIZE)).astype(float) for data in (one, other))
    return float(np.abs(first - second).mean())


@pytest.fixture(scope="module")
def photograph() -> bytes:
    return drawn("a lighthouse above the sea", 0)[1]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_is_nearer_to_the_picture_than_the_one_before(prompt: str) -> None:
    shown, made, percents = drawn(prompt, PREVIEWS_MAX)

    distances = [apart(data, made) for data in shown]
    assert len(shown) >= 2
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 1.25 * distances[-1], "the film's finish, which all lack, is no step"
    assert percents == sorted(percents)


@pytest.mark.parametrize("ratio", ["1:1", "9:16", "8:1"])
def test_it_has_the_pictures_shape_and_is_small(ratio: str) -> None:
    shown, made, _ = drawn(PROMPTS[0], 1, ratio=ratio)

    (image,), final = [opened(data) for data in shown], opened(made)
    assert (image.format, max(image.size)) == ("JPEG", PREVIEW_SIDE_MAX)
    assert image.width / image.height == pytest.approx(final.width / final.height, rel=0.02)
    assert ratio in RATIOS


def test_it_says_of_itself_what_the_picture_says() -> None:
    (data,), _, _ = drawn(PROMPTS[0], 1)

    assert marks.SOURCE_TYPE.encode() in data


@pytest.mark.parametrize("count", range(PREVIEWS_MAX + 1))
def test_so_many_as_were_asked_for_and_the_same_picture(count: int) -> None:
    shown, made, _ = drawn(PROMPTS[0], count)

    assert len(shown) == count
    assert made == drawn(PROMPTS[0], 0)[1]


def test_an_edit_shows_what_is_still_to_be_changed(photograph: bytes) -> None:
    instruction = 'oil painting, at night, with the caption "Hello"'

    shown, made, _ = drawn(instruction, PREVIEWS_MAX, picture=photograph)
    (last,), _, _ = drawn(instruction, 1, picture=photograph)

    assert len(shown) == 3
    assert apart(shown[0], photograph) < 1
    assert min(apart(data, made) for data in shown) > previews.SEEN_LEVELS
    assert last == shown[1], "one alone is from the middle of the work"


def test_the_last_step_of_an_edit_is_the_picture_and_no_preview(photograph: bytes) -> None:
    shown, made, _ = drawn("as a watercolor", PREVIEWS_MAX, picture=photograph)

    assert len(shown) == 1
    assert apart(shown[0], made) > 5


def test_what_nobody_would_see_is_not_shown() -> None:
    shown: list[bytes] = []
    taken = Previews(PREVIEWS_MAX, shown.append)
    image = Image.new("RGB", (200, 100), (20, 90, 200))

    taken.look(0.5, lambda: Image.new("RGB", (200, 100)))
    taken.look(0.6, lambda: image)
    taken.look(0.9, lambda: image)

    assert len(shown) == 1, "neither an empty page nor the same once more"


def test_a_page_full_of_noise_stays_below_the_limit() -> None:
    shown: list[bytes] = []
    noise = np.random.default_rng(1).random((3, 1024, 1024), np.float32)

    Previews(1, shown.append).look(1, lambda: previews.of_draft(noise))
    noisy = np.random.default_rng(1).integers(0, 256, (PREVIEW_SIDE_MAX, PREVIEW_SIDE_MAX, 3), np.uint8)
    Previews(1, shown.append).look(1, lambda: Image.fromarray(noisy))

    assert [len(data) <= PREVIEW_BYTES_MAX for data in shown] == [True, True], [len(data) for data in shown]


def test_nobody_looks_where_none_is_wanted() -> None:
    def never() -> Image.Image:
        raise AssertionError("a picture that nobody asked for was made")

    Previews(0, lambda data: None).look(1, never)
