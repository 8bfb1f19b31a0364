"""Weather over a photograph: rain, snow, fog, petals, leaves and stars."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from cavendish_sketch.canvas.field import Dice, Grid, Plane, blurred, ease
from cavendish_sketch.edit import fit, media

# Things in the air are drawn at this size and enlarged: a little softness is what air gives them anyway.
LAYER_PIXELS = 4_300_000
FOG_PIXELS = 300_000
FOG_LIGHT = (222, 227, 231)
RAIN_LIGHT, SNOW_LIGHT = (214, 226, 238), (252, 253, 255)
STAR_TINTS = ((255, 255, 255), (214, 228, 255), (255, 240, 214))
PETAL_TINTS = ((255, 226, 234), (252, 200, 216), (246, 172, 196), (255, 240, 244))
LEAF_TINTS = ((214, 98, 34), (236, 152, 48), (188, 58, 32), (222, 182, 66), (150, 84, 38))


@dataclass(frozen=True, slots=True)
class Depth:
    """Things at one distance: how many, how large in units, how blurred in units, how solid."""

    count: int
    size: float
    blur: float
    solid: float


RAIN = (Depth(1900, 0.030, 0.0, 0.36), Depth(800, 0.060, 0.0005, 0.50), Depth(110, 0.125, 0.0020, 0.42))
SNOW = (Depth(1500, 0.0016, 0.0003, 0.75), Depth(520, 0.0034, 0.0008, 0.9), Depth(64, 0.0085, 0.0032, 0.8))
PETALS = (Depth(110, 0.013, 0.0008, 0.9), Depth(80, 0.025, 0.0, 1.0), Depth(14, 0.058, 0.0060, 0.9))
LEAVES = (Depth(70, 0.018, 0.0008, 0.95), Depth(52, 0.036, 0.0, 1.0), Depth(9, 0.078, 0.0070, 0.9))


def rain(image: Image.Image, dice: Dice) -> Image.Image:
    """A grey, wet light, and streaks at three distances that fall with the same wind."""
    grey = ImageEnhance.Color(image).enhance(0.62)
    wet = grey.point([int(value * share * 0.92) for share in (0.84, 0.90, 0.98) for value in range(256)])
    wet = Image.blend(wet, _fogged(wet, dice, 0.55), 0.55)
    lean = dice.between(0.10, 0.24) * dice.pick((-1, 1))
    for depth in RAIN:
        wet = _over(
            wet, _layer(image.size, depth, functools.partial(_streak, dice=dice, depth=depth, lean=lean)), RAIN_LIGHT
        )
    return wet


def snow(image: Image.Image, dice: Dice) -> Image.Image:
    """A pale, cool light, a dusting on whatever faces up, and flakes at three distances."""
    pale = ImageEnhance.Color(image).enhance(0.60)
    pale = pale.point(
        [
            int(low + value * (1 - low / 255) * gain)
            for low, gain in ((24, 0.95), (29, 0.97), (38, 1.0))
            for value in range(256)
        ]
    )
    dusted = _over(pale, _dusting(image), SNOW_LIGHT)
    dusted = Image.blend(dusted, _fogged(dusted, dice, 0.5), 0.40)
    for depth in SNOW:
        dusted = _over(dusted, _layer(image.size, depth, functools.partial(_flake, dice=dice, depth=depth)), SNOW_LIGHT)
    return dusted


def fog(image: Image.Image, dice: Dice) -> Image.Image:
    """Banks of fog, thicker towards the distance, which is up."""
    return _fogged(ImageEnhance.Color(image).enhance(0.72), dice, 0.86)


def petals(image: Image.Image, dice: Dice) -> Image.Image:
    """Blossom petals in the air."""
    return _scattered(image, dice, PETALS, PETAL_TINTS, _petal)


def leaves(image: Image.Image, dice: Dice) -> Image.Image:
    """A warm light and autumn leaves in the air."""
    gains = (1.07, 1.0, 0.84)
    warm = image.point([min(255, int(value * gain)) for gain in gains for value in range(256)])
    return _scattered(warm, dice, LEAVES, LEAF_TINTS, _leaf)


def stars(image: Image.Image, dice: Dice) -> Image.Image:
    """Stars in the sky, or in the dark upper part of a picture that shows none."""
    darkness = _night_sky(image)
    clear = media.grey_picture(darkness, image.size)
    for tint in STAR_TINTS:
        points = _layer(image.size, Depth(230, 0, 0.0, 1.0), functools.partial(_star, dice=dice))
        points = ImageChops.lighter(points, _bloom(points))
        image = _over(image, ImageChops.multiply(points, clear), tint)
    return image


def _over(image: Image.Image, amount: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    result = image.copy()
    result.paste(colour, (0, 0, *image.size), amount)
    return result


@dataclass(frozen=True, slots=True)
class Pen:
    """A drawing surface that knows how many of its pixels make a unit."""

    draw: ImageDraw.ImageDraw
    columns: int
    rows: int
    unit: float


def _layer(size: tuple[int, int], depth: Depth, mark: Callable[[Pen], None]) -> Image.Image:
    """A mask of a size with `depth.count` marks."""
    sheet = Image.new("L", _layer_size(size))
    pen = Pen(ImageDraw.Draw(sheet), *sheet.size, math.sqrt(sheet.width * sheet.height))
    for _ in range(depth.count):
        mark(pen)
    if depth.blur:
        sheet = sheet.filter(ImageFilter.GaussianBlur(depth.blur * pen.unit))
    return sheet.resize(size, Image.Resampling.BICUBIC)


def _layer_size(size: tuple[int, int]) -> tuple[int, int]:
    """Larger than a small picture as well: reducing is what smooths the edges."""
    scale = math.sqrt(LAYER_PIXELS / (size[0] * size[1]))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _streak(pen: Pen, dice: Dice, depth: Depth, lean: float) -> None:
    length = depth.size * dice.between(0.6, 1.2) * pen.unit
    x, y = dice.between(-0.1, 1.1) * pen.columns, dice.between(-0.1, 1.0) * pen.rows
    shade = round(255 * depth.solid * dice.between(0.5, 1))
    width = max(1, round(depth.size * 0.016 * pen.unit))
    pen.draw.line((x, y, x + lean * length, y + length), fill=shade, width=width)


def _flake(pen: Pen, dice: Dice, depth: Depth) -> None:
    radius = depth.size * dice.between(0.45, 1.1) * pen.unit
    x, y = dice.between(0, 1) * pen.columns, dice.between(0, 1) * pen.rows
    shade = round(255 * depth.solid * dice.between(0.55, 1))
    pen.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)


def _star(pen: Pen, dice: Dice) -> None:
    power = dice.between(0, 1) ** 5
    radius = (0.00055 + 0.0016 * power) * pen.unit
    x, y = dice.between(0, 1) * pen.columns, dice.between(0, 1) * pen.rows
    shade = round(255 * (0.45 + 0.55 * math.sqrt(power)))
    pen.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)


def _bloom(points: Image.Image) -> Image.Image:
    unit = math.sqrt(points.width * points.height)
    shrink = max(1, round(unit / 700))
    small = points.reduce(shrink).filter(ImageFilter.GaussianBlur(0.0028 * unit / shrink))
    return small.point(lambda value: min(255, value * 3)).resize(points.size, Image.Resampling.BICUBIC)


def _night_sky(image: Image.Image) -> Plane:
    sky = fit.sky(image)
    if sky.any():
        return ease(0.55, 0.95, sky)
    small = fit.map_copy(image)
    tone = blurred(media.tone_of(media.planes_of(small)), 2.0)
    height = np.linspace(0, 1, len(tone), dtype=np.float32)[:, None]
    return ease(0.45, 0.20, tone) * ease(0.75, 0.35, height)


def _fogged(image: Image.Image, dice: Dice, strength: float) -> Image.Image:
    small = media.work_copy(image, FOG_PIXELS)
    grid = Grid.of(*small.size)
    height = (grid.y / grid.height).astype(np.float32)
    depth = ease(1.05, 0.25, height) * (1 - 0.45 * ease(0.30, 0.0, height))
    banks = ease(-1.3, 1.5, grid.clouds(dice, 0.35, 4, wide=2.4, gain=0.55))
    amount = strength * (0.12 + 0.80 * depth * (0.55 + 0.45 * banks) + 0.16 * banks)
    return _over(image, media.grey_picture(np.clip(amount, 0, 0.92), image.size), FOG_LIGHT)


def _dusting(image: Image.Image) -> Image.Image:
    """Where snow would lie: just under a step from light down to dark, in textured places."""
    small = media.work_copy(image, 1_200_000)
    grid = Grid.of(*small.size)
    tone = media.tone_of(media.planes_of(small))
    amount = np.zeros_like(tone)
    for radius in (0.0012, 0.0035, 0.009):
        soft = blurred(tone, max(radius * grid.unit, 0.8))
        shift = max(1, round(radius * 1.6 * grid.unit))
        above = np.concatenate([np.repeat(soft[:1], shift, 0), soft[:-shift]])[: grid.rows]
        amount = np.maximum(amount, ease(0.02, 0.17, above - soft))
    ground = ease(0.25, 1.0, (grid.y / grid.height).astype(np.float32))
    return media.grey_picture(np.clip(amount * (0.62 + 0.38 * ground), 0, 0.92), image.size)


def _scattered(
    image: Image.Image,
    dice: Dice,
    depths: Sequence[Depth],
    tints: Sequence[tuple[int, int, int]],
    outline: Callable[[Dice], Plane],
) -> Image.Image:
    for depth in depths:
        colours = Image.new("RGB", _layer_size(image.size), tints[0])
        cover = Image.new("L", colours.size)
        _strew(colours, cover, dice, depth, tints, outline)
        if depth.blur:
            radius = depth.blur * math.sqrt(cover.width * cover.height)
            cover = cover.filter(ImageFilter.GaussianBlur(radius))
        cover = cover.point(lambda value, solid=depth.solid: value * solid).resize(image.size, Image.Resampling.BICUBIC)
        result = image.copy()
        result.paste(colours.resize(image.size, Image.Resampling.BICUBIC), mask=cover)
        image = result
    return image


def _strew(
    colours: Image.Image,
    cover: Image.Image,
    dice: Dice,
    depth: Depth,
    tints: Sequence[tuple[int, int, int]],
    outline: Callable[[Dice], Plane],
) -> None:
    """Draw outlines, one half of each in shade."""
    unit = math.sqrt(cover.width * cover.height)
    tint_pen, cover_pen = ImageDraw.Draw(colours), ImageDraw.Draw(cover)
    spill = math.ceil(depth.blur * unit * 2)
    for _ in range(depth.count):
        place = np.array((dice.between(0, 1) * cover.width, dice.between(0, 1) * cover.height))
        shape = outline(dice) * depth.size * dice.between(0.6, 1.15) * unit
        tint = dice.pick(tints)
        points = _corners(shape + place)
        if spill:
            tint_pen.polygon(points, fill=tint, outline=tint, width=spill * 2)
        tint_pen.polygon(points, fill=tint)
        half = _corners(shape[: len(shape) // 2 + 1] + place)
        tint_pen.polygon(half, fill=tuple(round(level * 0.86) for level in tint))
        cover_pen.polygon(points, fill=255)


def _corners(points: Plane) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


def _petal(dice: Dice) -> Plane:
    """An outline of a petal with its notch, turned in space, about one unit long."""
    angle = np.linspace(0, 2 * math.pi, 25)[:-1]
    along = np.cos(angle)
    across = np.sin(angle) * 0.62 * (1 - 0.35 * along)
    along = along - 0.30 * np.exp(-((angle - math.pi) ** 2) / 0.06)
    return _turned(np.stack([along * 0.5, across * 0.5], 1), dice)


def _leaf(dice: Dice) -> Plane:
    """An outline of a pointed leaf, turned in space, about one unit long."""
    along = np.linspace(-0.5, 0.5, 12)
    width = np.cos(along * math.pi) ** 0.8 * 0.25 * (1 - 0.5 * along) * (1 + 0.10 * np.cos(along * 40))
    there, back = np.stack([along, width], 1), np.stack([along[::-1], -width[::-1]], 1)
    return _turned(np.concatenate([there, back]), dice)


def _turned(points: Plane, dice: Dice) -> Plane:
    """Seen from some side: flattened, then turned."""
    points = points * np.array((1, dice.between(0.35, 1)))
    angle = dice.between(0, 2 * math.pi)
    turn = np.array(((math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle))))
    turned: Plane = points @ turn.T
    return turned
