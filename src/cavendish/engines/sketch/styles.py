"""Changes of light, focus and finish on a whole picture, and the table of all operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from cavendish.engines.sketch import painterly
from cavendish.engines.sketch.field import Dice

Operator = Callable[[Image.Image, Dice], Image.Image]
Curve = Sequence[tuple[float, float]]  # points from (0, 0-1) to (1, 0-1)

WARM: tuple[Curve, Curve, Curve] = (
    ((0, 0.02), (0.5, 0.56), (1, 1)),
    ((0, 0.01), (0.5, 0.51), (1, 0.98)),
    ((0, 0), (0.5, 0.42), (1, 0.86)),
)
COOL: tuple[Curve, Curve, Curve] = (
    ((0, 0), (0.5, 0.43), (1, 0.90)),
    ((0, 0.01), (0.5, 0.50), (1, 0.98)),
    ((0, 0.03), (0.5, 0.57), (1, 1)),
)
FADED: tuple[Curve, Curve, Curve] = (
    ((0, 0.09), (0.25, 0.27), (0.75, 0.82), (1, 0.97)),
    ((0, 0.07), (0.25, 0.25), (0.75, 0.76), (1, 0.93)),
    ((0, 0.14), (0.25, 0.30), (0.75, 0.66), (1, 0.80)),
)
NIGHT: tuple[Curve, Curve, Curve] = (
    ((0, 0), (0.5, 0.13), (0.85, 0.40), (1, 0.86)),
    ((0, 0.01), (0.5, 0.20), (0.85, 0.50), (1, 0.88)),
    ((0, 0.045), (0.5, 0.37), (0.85, 0.66), (1, 0.92)),
)
S_CURVE: Curve = ((0, 0), (0.25, 0.18), (0.5, 0.5), (0.75, 0.83), (1, 1))
HARD_S_CURVE: Curve = ((0, 0), (0.22, 0.06), (0.5, 0.46), (0.75, 0.90), (1, 1))


def _curved(image: Image.Image, *curves: Curve) -> Image.Image:
    """One curve for all channels, or one for each."""
    place = np.linspace(0, 1, 256)
    points = [np.array(curve) for curve in curves]
    tables = [np.interp(place, point[:, 0], point[:, 1]) * 255 + 0.5 for point in points]
    return image.point([int(value) for table in (tables * 3)[:3] for value in table])


def _bright(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, ((0, 0.02), (0.25, 0.36), (0.5, 0.64), (0.75, 0.86), (1, 1)))


def _dark(image: Image.Image, dice: Dice) -> Image.Image:
    return _vignetted(_curved(image, ((0, 0), (0.25, 0.14), (0.5, 0.33), (0.75, 0.58), (1, 0.92))), 0.25)


def _contrast(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageEnhance.Color(_curved(image, S_CURVE)).enhance(1.06)


def _vivid(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageEnhance.Color(_curved(image, ((0, 0), (0.25, 0.22), (0.75, 0.79), (1, 1)))).enhance(1.5)


def _muted(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(ImageEnhance.Color(image).enhance(0.5), ((0, 0.07), (0.5, 0.52), (1, 0.94)))


def _warm(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, *WARM)


def _cool(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(image, *COOL)


def _golden(image: Image.Image, dice: Dice) -> Image.Image:
    """A warm grade, and light that floods in from one upper corner."""
    graded = _curved(_curved(image, *WARM), ((0, 0), (0.3, 0.24), (0.7, 0.70), (1, 0.98)))
    flood = _radial(image.size, (dice.pick((0.12, 0.88)), 0.05), 0.95)
    tint = ImageOps.colorize(flood, black="black", mid="#8a3408", white="#ffb45c")
    return ImageChops.screen(graded, tint)


def _night(image: Image.Image, dice: Dice) -> Image.Image:
    return _vignetted(_curved(ImageEnhance.Color(image).enhance(0.72), *NIGHT), 0.45)


def _dreamy(image: Image.Image, dice: Dice) -> Image.Image:
    """A sharp picture under a bright blurred one, as two slides laid on each other."""
    haze = _blurred(image, 0.014)
    return Image.blend(image, _curved(ImageChops.screen(image, haze), ((0, 0), (0.5, 0.38), (1, 0.98))), 0.72)


def _blur(image: Image.Image, dice: Dice) -> Image.Image:
    return _blurred(image, 0.012)


def _sharpen(image: Image.Image, dice: Dice) -> Image.Image:
    fine = image.filter(ImageFilter.UnsharpMask(radius=max(1.0, _unit(image) * 0.0011), percent=110, threshold=2))
    wide = _blurred(fine, 0.02)
    # Local contrast as well: fine sharpening alone does not read as clear at a distance.
    return Image.blend(wide, fine, 1.16)


def _monochrome(image: Image.Image, dice: Dice) -> Image.Image:
    return _curved(ImageOps.grayscale(image).convert("RGB"), ((0, 0), (0.25, 0.21), (0.75, 0.80), (1, 1)))


def _film_noir(image: Image.Image, dice: Dice) -> Image.Image:
    return _grain(_vignetted(_curved(ImageOps.grayscale(image).convert("RGB"), HARD_S_CURVE), 0.55), dice)


def _sepia(image: Image.Image, dice: Dice) -> Image.Image:
    toned = ImageOps.colorize(ImageOps.grayscale(image), black="#160c06", mid="#8f6c48", white="#fff3da")
    return _vignetted(toned, 0.30)


def _vintage(image: Image.Image, dice: Dice) -> Image.Image:
    return _grain(_vignetted(_curved(ImageEnhance.Color(image).enhance(0.82), *FADED), 0.32), dice)


def _negative(image: Image.Image, dice: Dice) -> Image.Image:
    return ImageOps.invert(image)


def _vignette(image: Image.Image, dice: Dice) -> Image.Image:
    return _vignetted(image, 0.60)


def _grain(image: Image.Image, dice: Dice) -> Image.Image:
    return painterly.textured(image, painterly.film_grain(dice), 0.055)


def _frame(image: Image.Image, dice: Dice) -> Image.Image:
    """Smaller, on white card with a thin shadow line; the lower margin a little wider, as framers cut it."""
    margin = round(min(image.size) * 0.06)
    card = Image.new("RGB", image.size, (250, 249, 246))
    inside = image.width - 2 * margin, image.height - round(2.3 * margin)
    card.paste((214, 211, 205), (margin - 2, margin - 2, margin + inside[0] + 2, margin + inside[1] + 2))
    card.paste(ImageOps.fit(image, inside, Image.Resampling.BICUBIC), (margin, margin))
    return card


def _unit(image: Image.Image) -> float:
    return math.sqrt(image.width * image.height)


def _blurred(image: Image.Image, share: float) -> Image.Image:
    """Gaussian blur by a share of the picture's size, computed small where it is wide."""
    radius = share * _unit(image)
    shrink = max(1, int(radius / 3))
    small = image.reduce(shrink) if shrink > 1 else image
    small = small.filter(ImageFilter.GaussianBlur(radius / shrink))
    return small.resize(image.size, Image.Resampling.BICUBIC) if shrink > 1 else small


def _vignetted(image: Image.Image, strength: float) -> Image.Image:
    fall = _radial(image.size, (0.5, 0.5), 1.0).point(lambda value: 255 * (1 - strength) + value * strength)
    return ImageChops.multiply(image, Image.merge("RGB", (fall,) * 3))


def _radial(size: tuple[int, int], centre: tuple[float, float], reach: float) -> Image.Image:
    """White at a point, smoothly black at `reach` half-diagonals from it."""
    y, x = np.mgrid[0:96, 0:96] / 95
    away = np.hypot(x - centre[0], y - centre[1]) * math.sqrt(2) / reach
    fall = np.cos(np.clip(away * 0.8, 0, 1) * math.pi) * 0.5 + 0.5
    small = Image.fromarray((fall * 255).astype(np.uint8))
    return small.resize(size, Image.Resampling.BICUBIC)


OPERATORS: dict[str, Operator] = {
    "bright": _bright,
    "dark": _dark,
    "contrast": _contrast,
    "vivid": _vivid,
    "muted": _muted,
    "warm": _warm,
    "cool": _cool,
    "golden": _golden,
    "night": _night,
    "dreamy": _dreamy,
    "blur": _blur,
    "sharpen": _sharpen,
    "watercolour": painterly.watercolour,
    "oil": painterly.oil,
    "pencil": painterly.pencil,
    "crayon": painterly.crayon,
    "ink": painterly.ink,
    "cartoon": painterly.cartoon,
    "pixel": painterly.pixel,
    "poster": painterly.poster,
    "halftone": painterly.halftone,
    "neon": painterly.neon,
    "monochrome": _monochrome,
    "filmnoir": _film_noir,
    "sepia": _sepia,
    "vintage": _vintage,
    "negative": _negative,
    "vignette": _vignette,
    "grain": _grain,
    "frame": _frame,
}
