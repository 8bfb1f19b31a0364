"""What the media share: a working copy, edge-keeping smoothing, directions of forms, paper and grain.

Media compute on a copy of at most `WORK_PIXELS` and are enlarged, so that brush marks keep their place in the picture
at every quality; paper, grain and the tooth of dry edges are added at the picture's own size, in strips of rows.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, blurred, resized

WORK_PIXELS = 1_700_000
TILE = 512  # side of a repeating texture, in pixels
STRIP_ROWS = 64  # of a 4K picture one strip of three bytes a pixel fits a processor's second cache
LUMA = np.array([0.30, 0.59, 0.11], np.float32)
# Where an edge-keeping mean looks: eight places around a pixel, in units of its reach.
AROUND = ((0, 1), (0.7, 0.7), (1, 0), (0.7, -0.7), (0, -1), (-0.7, -0.7), (-1, 0), (-0.7, 0.7))
CALM_FLOOR = 0.00004  # of a variance: below it everything is equally calm


def work_copy(image: Image.Image, pixels: int = WORK_PIXELS) -> Image.Image:
    """The picture, at most `pixels` large."""
    shrink = math.sqrt(pixels / (image.width * image.height))
    if shrink >= 1:
        return image
    size = max(1, round(image.width * shrink)), max(1, round(image.height * shrink))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def planes_of(image: Image.Image) -> Planes:
    """Display planes, 0 to 1."""
    return np.ascontiguousarray(np.asarray(image, np.float32).transpose(2, 0, 1)) * np.float32(1 / 255)


def picture_of(planes: Planes, size: tuple[int, int]) -> Image.Image:
    """Display planes as a picture of a size."""
    levels = np.empty((*planes.shape[1:], 3), np.uint8)
    for channel, plane in enumerate(planes):
        levels[..., channel] = np.clip(plane * 255 + np.float32(0.5), 0, 255)
    image = Image.fromarray(levels)
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def grey_picture(plane: Plane, size: tuple[int, int]) -> Image.Image:
    """A plane of 0 to 1 as a mask of a size."""
    image = Image.fromarray(np.clip(plane * 255 + np.float32(0.5), 0, 255).astype(np.uint8))
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def tone_of(planes: Planes) -> Plane:
    """Brightness of display planes."""
    tone: Plane = planes[0] * LUMA[0] + planes[1] * LUMA[1] + planes[2] * LUMA[2]
    return tone


def saturated(planes: Planes, gain: float) -> Planes:
    """Colours moved away from, or towards, the grey of the same brightness."""
    tone = tone_of(planes)
    return tone + (planes - tone) * np.float32(gain)


def stretched(plane: Plane, share: float) -> Plane:
    """Contrast spread so that about `share` of the pixels at either end becomes black and white."""
    low, high = (float(value) for value in np.quantile(plane[::4, ::4], (share, 1 - share)))
    spread: Plane = np.clip((plane - low) * np.float32(1 / max(high - low, 0.08)), 0, 1)
    return spread


def box_mean(plane: Plane, reach: int) -> Plane:
    """The mean of a square of `2 * reach + 1` pixels around each, by running sums."""
    padded = np.pad(plane, ((reach + 1, reach), (reach + 1, reach)), "edge")
    side = 2 * reach + 1
    sums = padded.cumsum(0, dtype=np.float32)
    sums = (sums[side:] - sums[:-side]).cumsum(1, dtype=np.float32)
    mean: Plane = (sums[:, side:] - sums[:, :-side]) * np.float32(1 / side**2)
    return mean


def flattened(planes: Planes, reach: float) -> Planes:
    """Edge-keeping smoothing (Kuwahara, eight sectors): each pixel takes the means of its calmest surroundings."""
    half, away = max(1, round(reach * 0.5)), max(1.0, reach * 0.75)
    tone = tone_of(planes)
    mean = box_mean(tone, half)
    variance = np.maximum(box_mean(tone * tone, half) - mean * mean, 0)
    calm = (np.float32(CALM_FLOOR) / (variance + np.float32(CALM_FLOOR))) ** 3 + np.float32(1e-12)
    border = math.ceil(away)
    calm = np.pad(calm, border, "edge")
    means = [np.pad(box_mean(plane, half), border, "edge") * calm for plane in planes]
    rows, columns = tone.shape
    windows = [_window(border, away * down, away * across, rows, columns) for down, across in AROUND]
    weight = 1 / sum(calm[window] for window in windows)
    return np.stack([sum(plane[window] for window in windows) * weight for plane in means])


def _window(border: int, down: float, across: float, rows: int, columns: int) -> tuple[slice, slice]:
    top, left = border + round(down), border + round(across)
    return slice(top, top + rows), slice(left, left + columns)


def guided(plane: Plane, guide: Plane, reach: int, softness: float) -> Plane:
    """A plane smoothed so that its edges are those of a guide (guided filter)."""
    mean_guide, mean = box_mean(guide, reach), box_mean(plane, reach)
    variance = box_mean(guide * guide, reach) - mean_guide * mean_guide
    slope = (box_mean(guide * plane, reach) - mean_guide * mean) / (variance + np.float32(softness))
    offset = mean - slope * mean_guide
    return box_mean(slope, reach) * guide + box_mean(offset, reach)


def wandering(planes: Planes, grid: Grid, dice: Dice, reach: float, size: float) -> Planes:
    """Moved by an unsteady hand: by about `reach` units, in waves of `size` units."""
    down, across = (grid.clouds(dice, size, 2) * (reach * grid.unit) for _ in range(2))
    return np.stack([plane.ravel()[moved(grid, down, across)] for plane in planes])


def moved(grid: Grid, down: Plane, across: Plane) -> Plane:
    """Where in the flat array the pixel lies that is some pixels away, for all pixels."""
    rows = np.clip(np.arange(grid.rows, dtype=np.int32)[:, None] + down.astype(np.int32), 0, grid.rows - 1)
    columns = np.clip(np.arange(grid.columns, dtype=np.int32)[None] + across.astype(np.int32), 0, grid.columns - 1)
    place: Plane = rows * np.int32(grid.columns) + columns
    return place


def directions(tone: Plane, grid: Grid, dice: Dice, *, radius: float, drift: float) -> tuple[Plane, Plane]:
    """Unit steps (down, across) along the forms; where there are none, along a slow random field.

    By the smoothed structure tensor: gradients on both sides of a line add up instead of cancelling. `radius` is in
    units, `drift` is how strong a form must be to be followed.
    """
    shrink = 2
    half = resized(blurred(tone, 1.2), max(2, grid.columns // shrink), max(2, grid.rows // shrink))
    down, across = np.gradient(half)
    field = grid.noise(dice, 0.3) * np.float32(1.6)
    field = resized(field, half.shape[1], half.shape[0])
    smooth = radius * grid.unit / shrink
    weak = np.float32(drift * drift)
    difference = blurred(across * across - down * down, smooth) + weak * np.cos(field)
    both = blurred(across * down, smooth) * 2 + weak * np.sin(field)
    angle = np.arctan2(both, difference) * np.float32(0.5)
    steps = -np.cos(angle), np.sin(angle)
    return resized(steps[0], grid.columns, grid.rows), resized(steps[1], grid.columns, grid.rows)


def contours(tone: Plane, radius: float, strength: float) -> Plane:
    """1 on paper, 0 on a line: dark where the tone drops against its surroundings, however bright these are."""
    drop = blurred(tone, radius * 1.6) - blurred(tone, max(radius, 0.7))
    local = blurred(np.abs(drop), radius * 14) + np.float32(0.004)
    part = np.clip((local - np.float32(0.003)) * np.float32(1 / 0.009), 0, 1)
    line: Plane = 1 - np.clip(strength * (drop / local - np.float32(0.8)) * np.float32(0.5), 0, 1) * part
    return line


def steepness(tone: Plane, radius: float) -> Plane:
    """How fast the tone changes, in levels over the radius in pixels."""
    down, across = np.gradient(blurred(tone, max(radius, 0.8)))
    steep: Plane = np.hypot(down, across) * np.float32(radius)
    return steep


def paper_relief(dice: Dice) -> Plane:
    """The tooth of paper, lit from one side; tiles without a seam; spread about 0.4 around 0."""
    noise = dice.normals(TILE, TILE)
    for reach in (1, 2, 3):
        noise = noise + np.roll(noise, reach, 0) + np.roll(noise, reach, 1)
    noise = noise - np.roll(np.roll(noise, 2, 0), 2, 1)
    relief: Plane = noise * np.float32(1 / (float(noise.std()) * 2.5))
    return relief


def film_grain(dice: Dice) -> Plane:
    """Soft grain; tiles without a seam; spread about 0.4 around 0."""
    noise = dice.normals(TILE, TILE)
    grain: Plane = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) * np.float32(1 / 4.3)
    return grain


def textured(
    image: Image.Image, tile: Plane, strength: float, *, in_white: float = 0.5, in_black: float = 0.5
) -> Image.Image:
    """A repeating texture laid over a picture at its own size: full in middle tones, a share of it at either end."""
    place = np.linspace(0, 1, 256)
    middle = 1 - np.abs(2 * place - 1)
    share = middle + (1 - middle) * np.where(place < 0.5, in_black, in_white)
    gains = np.round(share * 127).astype(np.int16)
    relief = np.clip(tile * (strength * 255), -127, 127).astype(np.int16)
    pixels = np.array(image)
    relief = np.tile(relief, (1, math.ceil(image.width / TILE)))[:, : image.width, None]
    for start in range(0, image.height, STRIP_ROWS):
        strip = pixels[start : start + STRIP_ROWS]
        top = start % TILE
        change = (relief[top : top + len(strip)] * gains[strip]) >> 7
        np.clip(change + strip, 0, 255, out=strip, casting="unsafe")
    return Image.fromarray(pixels)
