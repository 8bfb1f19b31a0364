"""What tables are made of: wood, marble and checked cloth, as display planes over places on the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cavendish_sketch.canvas.field import Dice, Plane, Planes, bell, blurred, ease, resized
from cavendish_sketch.scenes import indoor
from cavendish_sketch.scenes.indoor import darker, lighter

TEXTURE = 256  # pixels of the noise that is laid over the table
WRAP = 24  # pixels of it repeated around, so that its blur has no border
WOODS = ("a8713f", "8a5a36", "c29562", "6f4a34")
CLOTHS = ("c9483f", "4f7fae", "6f9a5f", "d9a13f", "8a6a9a")
STONES = ("eeebe6", "e9e2da", "dfe4e6", "4a5358")

# From places across and along the table, in points, and a colour that is wished for.
Surface = Callable[[Plane, Plane, Dice, str | None], Planes]


def _texture(dice: Dice, wide: float, tall: float) -> Plane:
    """Noise that repeats, 0 about and 1 wide."""
    noise = dice.normals(TEXTURE, TEXTURE)
    small = np.pad(noise, WRAP, mode="wrap")
    soft = blurred(small, wide) if wide == tall else _stretched(small, wide, tall)
    soft = soft[WRAP:-WRAP, WRAP:-WRAP]
    return soft / np.float32(soft.std() + 1e-6)


def _stretched(noise: Plane, wide: float, tall: float) -> Plane:
    rows, columns = noise.shape
    squeezed = resized(noise, max(int(columns / wide), 4), max(int(rows / tall), 4))
    return resized(squeezed, columns, rows)


def _sampled(texture: Plane, across: Plane, along: Plane) -> Plane:
    """A texture at places in pixels, between its pixels too."""
    x, y = np.floor(across), np.floor(along)
    part_x, part_y = (across - x).astype(np.float32), (along - y).astype(np.float32)
    column, row = x.astype(np.int32) % TEXTURE, y.astype(np.int32) % TEXTURE
    right, below = (column + 1) % TEXTURE, (row + 1) % TEXTURE
    upper = texture[row, column] * (1 - part_x) + texture[row, right] * part_x
    lower = texture[below, column] * (1 - part_x) + texture[below, right] * part_x
    result: Plane = upper * (1 - part_y) + lower * part_y
    return result


def _wood(across: Plane, along: Plane, dice: Dice, colour: str | None) -> Planes:
    """Planks that run away from the viewer, each of its own shade, with grain along them."""
    wood = colour or dice.pick(WOODS)
    grain, shades = _texture(dice, 1.0, 16.0), dice.uniforms(64) * np.float32(0.26) + np.float32(0.87)
    place = across * np.float32(1 / 215) + np.float32(dice.between(10, 20))
    plank = np.floor(place).astype(np.int32)
    inside = np.abs(place - plank - np.float32(0.5))
    shift = plank.astype(np.float32)  # a whole number times a float32 would become float64
    lines = _sampled(grain, across * np.float32(0.55) + shift * 37, along * np.float32(0.13) + shift * 91)
    tone = shades[plank % 64] * (1 + lines * np.float32(0.075)) * (1 - ease(0.470, 0.498, inside) * np.float32(0.55))
    tone *= 1 + ease(0.40, 0.46, inside) * np.float32(0.07)
    planes: Planes = indoor.vector(wood) * tone
    return planes


def _marble(across: Plane, along: Plane, dice: Dice, colour: str | None) -> Planes:
    """Veins: where slow noise passes through zero."""
    stone = colour or dice.pick(STONES)
    slow, fine = _texture(dice, 14.0, 14.0), _texture(dice, 4.0, 4.0)
    at = across * np.float32(0.11), along * np.float32(0.11)
    bend = _sampled(fine, at[0] * 2, at[1] * 2) * np.float32(0.16)
    level = _sampled(slow, at[0] * np.float32(0.6), at[1]) + bend
    clear = ease(-0.5, 1.2, _sampled(slow, at[1] + 60, at[0] * np.float32(0.8)))
    veins = (bell(level, 0.06) * np.float32(0.5) + bell(level, 0.30) * np.float32(0.16)) * clear
    vein = darker(stone, 0.55) if indoor.luma(stone) > 0.5 else lighter(stone, 0.6)
    planes = np.broadcast_to(indoor.vector(stone), (3, *across.shape)) * (1 + bend * np.float32(0.22))
    result: Planes = planes + (indoor.vector(vein) - planes) * veins
    return result


def _cloth(across: Plane, along: Plane, dice: Dice, colour: str | None) -> Planes:
    """A checked table cloth, with the weave's faint noise and a few soft folds."""
    dyed = colour or dice.pick(CLOTHS)
    size = np.float32(1 / 118)
    first, second = (_stripe(plane * size) for plane in (across, along))
    amount = (first + second) * np.float32(0.40) + np.float32(0.06)
    white = indoor.vector("fbf6ee")
    planes = white + (indoor.vector(dyed) - white) * amount
    weave, folds = _texture(dice, 1.0, 1.0), _texture(dice, 26.0, 26.0)
    shade: Plane = _sampled(folds, across * np.float32(0.10), along * np.float32(0.07)) * np.float32(0.035)
    shade = shade + _sampled(weave, across * np.float32(0.9), along * np.float32(0.9)) * np.float32(0.014)
    result: Planes = planes * (1 + shade)
    return result


def _stripe(place: Plane) -> Plane:
    """1 in every other stripe, its edges one draft pixel soft or so."""
    return ease(0.22, 0.28, np.abs(place - np.floor(place) - np.float32(0.5)))


SURFACES: dict[str, Surface] = {"wood": _wood, "marble": _marble, "cloth": _cloth}
