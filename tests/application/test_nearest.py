"""A refused ratio or quality names the allowed one that was meant, as other APIs and their clients write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cavendish import settings as configuration
from cavendish.application.generations import nearest, validate
from cavendish.application.generations.validate import Asked
from cavendish.errors import InvalidInput
from cavendish.models import MODELS, RATIOS, Quality

SETTINGS = configuration.load({"data": Path("/nowhere")}, environment={})
QUALITIES = tuple(Quality)


def refused(**fields: object) -> str:
    asked = Asked(model=MODELS["nano-banana-2"], prompt="a lake", mode=fields.pop("mode", "generate"), **fields)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as caught:
        validate.checked(asked, SETTINGS)
    return caught.value.message


def test_the_ratio_that_came_from_a_real_client() -> None:
    assert refused(aspect_ratio="2:1") == (
        "aspect ratio '2:1' is not valid: use one of 16:9, 9:16, 4:3, 3:4, 1:1, 2:3, 3:2, 4:5, 5:4, 21:9, 1:4, 4:1,"
        " 1:8, 8:1; 16:9 is nearest"
    )


def test_the_quality_that_came_from_a_real_client() -> None:
    assert refused(image_quality="HD") == "image quality 'HD' is not valid: use 1K, 2K or 4K; 1K is nearest"


def test_a_mode_that_is_nearly_one() -> None:
    assert refused(mode="Generate") == "mode 'Generate' is not valid: use generate or edit; generate is nearest"
    assert refused(mode="text-to-image") == "mode 'text-to-image' is not valid: use generate or edit"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("2:1", "16:9"), ("1:2", "9:16"), ("2.35:1", "21:9"), ("1.91:1", "16:9"), ("3:1", "21:9"), ("100:1", "8:1"),
        ("16x9", "16:9"), ("16/9", "16:9"), ("16 : 9", "16:9"), ("16:9 ", "16:9"), ("16:10", "3:2"), ("7:5", "4:3"),
        ("1024x1024", "1:1"), ("1920×1080", "16:9"), ("1024*1536", "2:3"), ("portrait_3_4", "3:4"),
        ("landscape_16_9", "16:9"), ("auto", None), ("", None), ("square", None), ("1:", None), ("0:0", None),
        ("123456:1", None), ("x" * 100_000, None), ("1" * 100_000, None), ("9:" * 50_000, "1:1"), ("0:1", None), ("1:0", None),
    ],
)  # fmt: skip
def test_the_nearest_ratio_is_the_nearest_shape(asked: str, meant: str | None) -> None:
    assert nearest.ratio(asked, RATIOS) == meant


def test_as_wide_is_as_far_as_high() -> None:
    """By proportion; by difference, 3:1 would lead to 1:1 and 1:3 to 1:8."""
    assert nearest.ratio("3:1", ["1:1", "8:1"]) == "8:1"
    assert nearest.ratio("1:3", ["1:1", "1:8"]) == "1:8"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("HD", "1K"), ("hd", "1K"), ("Full HD", "2K"), ("FHD", "2K"), ("QHD", "2K"), ("UHD", "4K"), ("SD", "1K"),
        ("1k", "1K"), ("2 K", "2K"), ("4k ", "4K"), ("8K", "4K"), ("0.5K", "1K"), ("3K", "4K"),
        ("720p", "1K"), ("1080p", "2K"), ("1440p", "2K"), ("2160p", "4K"), ("1024", "1K"), ("1024x1792", "2K"),
        ("standard", None), ("", None), ("x" * 100_000, None), ("0K", None), ("000", None),
    ],
)  # fmt: skip
def test_the_nearest_quality_is_the_nearest_size(asked: str, meant: str | None) -> None:
    assert nearest.quality(asked, QUALITIES) == meant


def test_only_what_is_allowed_is_named() -> None:
    assert nearest.ratio("2:1", ["1:1", "1:4"]) == "1:1"
    assert nearest.quality("8K", ["1K", "2K"]) == "2K"
    assert nearest.quality("HD", ["4K", "2K"]) == "2K"
