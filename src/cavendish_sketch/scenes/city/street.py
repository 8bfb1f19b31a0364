"""The street itself, what it mirrors when it is wet, and the sun's rays between the houses."""

from __future__ import annotations

import functools

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane, Planes, blurred, ease, resized
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.scenes.city.layout import NEON, Ink, Look
from cavendish_sketch.scenes.city.view import View, closed

RAY_STEP = 8  # draft pixels in one of the map of rays
RAY_PASSES = 5  # each doubles how far light is carried
SMEAR = 0.010  # of the area's root: how far a mirrored light is drawn out downwards
KERB = 0.70  # of the half street: where the pavement begins


def ground(ink: Ink, view: View, look: Look, colour: str, pavement: str) -> None:
    """Asphalt to the horizon, pavements, and the cross street in front."""
    y = view.y - 0.5
    haze = look.air.before((view.x, view.y))
    near = view.at(0, 0, 1.0)[1]
    reach = max(view.height - y, 1)

    def paint(tone: str) -> str:
        return ink.gradient(
            (
                (0, haze),
                (min(0.06 * near / reach, 0.2), svg.blend(haze, tone, 0.45)),
                (0.35, svg.blend(haze, tone, 0.9)),
                (1, tone),
            )
        )

    ink.add(svg.rectangle(0, y, view.width, view.height - y, paint(pavement)))
    low = view.height + 10
    along = (low - view.y) / view.eye * view.half * KERB
    ink.add(svg.polygon([(view.x - along, low), (view.x, view.y), (view.x + along, low)], paint(colour)))


def marks(ink: Ink, view: View, look: Look, *, glowing: bool) -> None:
    """Lane lines, kerbs and a crossing."""
    tone = NEON[1] if glowing else "f4f1e6"
    z, data = 1.0, ""
    while z < 26:
        data += closed(
            view.shape([(x, 0, depth) for x, depth in ((-0.012, z), (0.012, z), (0.012, z + 0.3), (-0.012, z + 0.3))])
        )
        z += 0.62 * max(z * 0.25, 1)
    ink.add(svg.path(data, look.air.over(tone, 3, (view.x, view.y + 200)), 0.75))
    for side in (-1, 1):
        x = view.half * KERB * side
        ends = view.shape([(x - 0.01, 0, 0.3), (x + 0.01, 0, 0.3), (x, 0, 30)])
        ink.add(svg.polygon(ends, NEON[0] if glowing else "cfcabd", 0.8 if glowing else 0.5))


def crossing(ink: Ink, view: View, look: Look) -> None:
    """White bars before the first houses."""
    near, far = view.start * 0.80, view.start * 0.97
    half, data = view.half * KERB * 0.92, ""
    for number in range(12):
        x = -half + 2 * half * (number + 0.15) / 12
        wide = 2 * half / 12 * 0.58
        data += closed(view.shape([(x, 0, near), (x + wide, 0, near), (x + wide, 0, far), (x, 0, far)]))
    ink.add(svg.path(data, look.air.over("f2efe4", near, view.at(0, 0, near)), 0.55))


def shadow(ink: Ink, view: View, look: Look) -> None:
    """What the houses on the sun's side take from the street."""
    if not look.bright:
        return
    side = -look.bright
    places = [
        (side * 1.6 * view.half, 0, 0.3),
        (side * 0.42 * view.half, 0, 0.3),
        (side * 0.42 * view.half, 0, 24),
        (side * view.half, 0, 24),
    ]
    ink.add(svg.polygon(view.shape(places), svg.blend(look.palette.near, "10182c", 0.6), 0.24))


def mirror(sheet: Sheet, view: View, dice: Dice, *, wet: float, tint: str, rough: float = 1.0) -> None:
    """Lay on the ground what stands above it, upside down: in every column it turns over at the foot of the walls."""
    grid, scale = sheet.grid, sheet.scale
    rows, columns = grid.rows, grid.columns
    foot = view.foot(np.arange(columns, dtype=np.float32) / scale) * scale
    first = max(int(view.y * scale), 0)
    if first >= rows - 2:
        return
    down = np.arange(first, rows, dtype=np.float32)[:, None]
    part = grid.part((slice(first, rows), slice(None)))
    depth = np.clip((down - foot) / (rows - first), 0, 1)
    waves = part.noise(dice, 0.035, tall=0.16) * 0.5 + part.noise(dice, 0.012, tall=0.2) * 0.5
    waves *= np.float32(rough)
    from_column = np.clip(np.arange(columns)[None] + waves * (1.5 + 7 * depth) * scale, 0, columns - 1).astype(np.intp)
    turned = 2 * foot[from_column] - down - waves * (3 + 22 * depth) * scale
    from_row = np.clip(turned, 0, rows - 1).astype(np.intp)
    image = sheet.draft[:, from_row, from_column]
    image = _smeared(image, SMEAR * grid.unit)
    puddles = 0.66 + 0.34 * ease(-0.9, 0.7, part.clouds(dice, 0.22, 2, tall=0.22))
    grazing = 1.0 - 0.36 * ease(0, 1, depth)
    inside = np.clip(down - foot + 0.5, 0, 1)
    amount = np.zeros((rows, columns), np.float32)
    amount[first:] = inside * puddles * grazing * wet
    planes = np.zeros((3, rows, columns), np.float32)
    tone = np.array(svg.channels(tint), np.float32).reshape(3, 1, 1) / 255
    planes[:, first:] = image * (0.84 + 0.16 * tone)
    sheet.soft(amount, planes)


def _smeared(image: Planes, rows: float) -> Planes:
    """Drawn out downwards: a wet road has its waves towards the eye. Bright spots keep part of their light."""
    reach = max(int(rows), 1)
    total = np.cumsum(np.pad(image, ((0, 0), (reach + 1, reach), (0, 0)), "edge"), axis=1, dtype=np.float32)
    soft: Planes = (total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1]) * np.float32(1 / (2 * reach + 1))
    return np.maximum(soft, image * np.float32(0.55) + soft * np.float32(0.45))


def rays(sheet: Sheet, sun: tuple[float, float], strength: float) -> Plane:
    """Light carried away from the sun through whatever is bright around it: shafts between the houses."""
    grid = sheet.grid
    rows, columns = -(-grid.rows // RAY_STEP), -(-grid.columns // RAY_STEP)
    light = resized(sheet.draft.max(0), columns, rows)
    x, y = sun[0] * sheet.scale / RAY_STEP, sun[1] * sheet.scale / RAY_STEP
    down, across = np.arange(rows, dtype=np.float32)[:, None] - y, np.arange(columns, dtype=np.float32)[None] - x
    away = np.hypot(down, across) / (1000 * sheet.scale / RAY_STEP)
    shine = ease(0.62, 1.0, light) * np.exp(-((away / 0.30) ** 2))
    for number in range(RAY_PASSES):
        share = 1 - 0.022 * 2**number
        shine = 0.5 * (shine + 0.985 * _sampled(shine, y + down * share, x + across * share))
    shine = blurred(np.clip(shine * 1.9, 0, 1), 0.8)
    return resized(shine * strength, grid.columns, grid.rows)


def haze(sheet: Sheet, view: View, strength: float) -> Plane:
    """Haze along the street, brightest where it vanishes."""
    grid = sheet.grid
    x, y = np.float32(view.x * sheet.scale), np.float32(view.y * sheet.scale)
    across = (np.arange(grid.columns, dtype=np.float32)[None] - x) / np.float32(420 * sheet.scale)
    down = (np.arange(grid.rows, dtype=np.float32)[:, None] - y) / np.float32(150 * sheet.scale)
    amount: Plane = np.exp(-across * across) * np.exp(-down * down) * np.float32(strength)
    return amount


def shine(sheet: Sheet, palette: Palette, *amounts: Plane) -> None:
    """Lay several lights of the sun's colour as one."""
    left = functools.reduce(np.multiply, (1 - amount for amount in amounts))
    sheet.soft(1 - left, svg.blend(palette.sky[-2][1], palette.sun, 0.25))


def _sampled(plane: Plane, rows: Plane, columns: Plane) -> Plane:
    y = np.clip(np.broadcast_to(rows, plane.shape), 0, plane.shape[0] - 1.01)
    x = np.clip(np.broadcast_to(columns, plane.shape), 0, plane.shape[1] - 1.01)
    top, left = y.astype(np.intp), x.astype(np.intp)
    part_y, part_x = (y - top).astype(np.float32), (x - left).astype(np.float32)
    above = plane[top, left] * (1 - part_x) + plane[top, left + 1] * part_x
    below = plane[top + 1, left] * (1 - part_x) + plane[top + 1, left + 1] * part_x
    result: Plane = above * (1 - part_y) + below * part_y
    return result
