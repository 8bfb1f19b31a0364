"""Behind the pond: hills in haze, woods, the far bank with its bushes, pagoda, bridge and trees."""

from __future__ import annotations

import numpy as np

from cavendish_sketch.canvas import figures, svg, tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, ease
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.props import japanese, trees
from cavendish_sketch.scenes.garden import plants, stones
from cavendish_sketch.scenes.garden.layout import Grown, Plan
from cavendish_sketch.scenes.garden.light import Light

# Hills from far to near: height as a share of the size, roughness, haze.
HILLS = ((0.34, 2.3, 0.80), (0.22, 2.5, 0.62), (0.135, 2.7, 0.44))
HILL_TONES = {"cherry": "4c6f80", "maple": "6d5f68", "green": "4a7068"}
WOODS: dict[str, tuple[str, ...]] = {
    "cherry": ("4f7a52", "6b9460", "86a868", "e9a6c0", "f4c3d4"),
    "maple": ("6f7a3c", "a8722e", "c9502c", "e08a34", "b83a2a"),
    "green": ("3f6f42", "58894c", "74a058", "8fb264", "628f50"),
}
BUSHES: dict[str, tuple[str, ...]] = {
    "cherry": ("3f6a34", "557f3c", "6b9446", "d97aa0", "7da04e"),
    "maple": ("56682f", "8a6a2c", "b8562c", "6a7438", "c8842f"),
    "green": ("3a6633", "4f7a3a", "659044", "7aa04c", "e08ab0"),
}
SNOWED = "e4ecf5"
MIST_TALL = 0.10  # of the size


def hills(sheet: Sheet, plan: Plan, light: Light, dice: Dice, planes: Planes) -> None:
    """Lay ridges over a sky in place, each dissolving in mist at its foot."""
    grid, scale = sheet.grid, sheet.scale
    foot = plan.shore * scale
    for number, (tall, beta, haze) in enumerate(HILLS):
        crest = tiles.line(dice, beta, grid.columns) * np.float32(0.72) + np.float32(0.28)
        if number == 0:
            crest = np.maximum(crest * np.float32(0.62), _cone(plan, dice, grid.columns))
        top = (np.float32(foot) - crest * np.float32(tall * plan.size * scale))[None]
        window = slice(max(int(top.min()) - 1, 0), grid.rows if number == 0 else min(int(foot) + 2, grid.rows))
        rows = np.arange(window.start, window.stop, dtype=np.float32)[:, None]
        tone = _tone(light.on(SNOWED if plan.snowy else HILL_TONES[plan.season], haze=haze))
        sunk = ease(0.15, 1.0, (rows - top) / np.maximum(foot - top, 1)) * np.float32(0.75)
        cap = _cap(rows, top, foot, plan, dice) if number == 0 and not plan.snowy else None
        _ridge(planes[:, window], rows - top + np.float32(0.5), sunk, tone, cap, light)


def _ridge(view: Planes, inside: Plane, sunk: Plane, tone: Planes, cap: Plane | None, light: Light) -> None:
    amount = np.clip(inside, 0, 1)
    mist, snow = _tone(light.mist), _tone(light.bright("f2f4fa", haze=0.30))
    for plane, own, foot, white in zip(view, tone.ravel(), mist.ravel(), snow.ravel(), strict=True):
        colour = own + sunk * (foot - own)
        if cap is not None:
            colour += (white - colour) * cap
        colour -= plane
        colour *= amount
        plane += colour


def _cone(plan: Plan, dice: Dice, columns: int) -> Plane:
    """A volcano's outline, its sides sweeping out; 1 at the top."""
    x = np.arange(columns, dtype=np.float32) / columns * np.float32(plan.width)
    middle = plan.staged(dice.between(0.50, 0.62))
    rough = tiles.line(dice, 1.9, columns) * np.float32(0.022)
    away = np.abs(x - middle) / np.float32(0.86 * plan.size)
    sides = np.float32(1.07) * np.exp(away * np.float32(-2.9)) + rough * np.float32(1.5)
    crest: Plane = np.minimum(np.float32(0.975) + rough, sides).astype(np.float32)
    return crest


def _cap(rows: Plane, top: Plane, foot: float, plan: Plan, dice: Dice) -> Plane:
    """Where snow lies on the highest part, its rim running down in tongues."""
    whole = np.float32(HILLS[0][0] * plan.size * (foot / plan.shore))
    tongues = tiles.line(dice, 1.5, top.shape[1])[None] * np.float32(0.20)
    height = (np.float32(foot) - rows) / whole
    high = ease(0.5, 0.8, (np.float32(foot) - top) / whole) * np.float32(0.9)
    return ease(0.72, 0.77, height + tongues - np.float32(0.08)) * high


def _tone(colour: str) -> Planes:
    return np.array(svg.channels(colour), np.float32).reshape(3, 1, 1) / 255


def woods(sheet: Sheet, plan: Plan, light: Light, dice: Dice) -> None:
    """Rows of crowns, each nearer one with less haze; mist between them."""
    for haze, lift, radius in ((0.62, 0.085, 0.034), (0.42, 0.050, 0.036), (0.22, 0.026, 0.030)):
        tones = [light.on(_wintry(tone, plan), haze=haze) for tone in WOODS[plan.season]]
        count = round(plan.width / (radius * plan.size) * 1.9)
        x = dice.uniforms(count) * np.float32(plan.width)
        wave = (
            np.sin(x * np.float32(5.2 / plan.size) + dice.between(0, 6)) * 0.4
            + np.sin(x * np.float32(13 / plan.size)) * 0.25
        )
        y = (
            plan.shore
            - plan.size * (lift * (0.75 + 0.5 * wave) + 0.02)
            + dice.uniforms(count) * np.float32(0.03 * plan.size)
        )
        kind = (wave * 1.6 + 2 + dice.normals(count) * 0.9).round().clip(0, len(tones) - 1)
        plants.puffs(sheet, light, x, y.astype(np.float32), kind, tones, radius * plan.size, dice)
    _mist(sheet, plan, light)
    # What is far off stays soft at every quality, as air makes it; nothing of it is drawn anew.
    sheet.backdrop(sheet.draft)


def _wintry(tone: str, plan: Plan) -> str:
    return svg.blend(tone, "eef3f9", 0.78) if plan.snowy else tone


def _mist(sheet: Sheet, plan: Plan, light: Light) -> None:
    """A veil over the feet of the woods, laid in place: it becomes part of the backdrop."""
    rows = (np.arange(sheet.grid.rows, dtype=np.float32) / np.float32(sheet.scale))[:, None]
    off = (rows - np.float32(plan.shore - 0.035 * plan.size)) / np.float32(MIST_TALL * plan.size)
    amount = np.exp(-off * off) * np.float32(0.42)
    seen = np.nonzero(amount[:, 0] > 0.004)[0]
    window = slice(int(seen[0]), int(seen[-1]) + 1)
    view = sheet.draft[:, window]
    view += (_tone(light.mist) - view) * amount[window]


def bank(sheet: Sheet, plan: Plan, light: Light, dice: Dice) -> None:
    """The far bank to both sides of the bridge: moss, clipped bushes, stones at the water."""
    grass = _wintry("6f9148" if plan.season != "maple" else "8f8a44", plan)
    lit, deep = light.bright(svg.blend(grass, "d8d878", 0.25)), light.dark(grass)
    defs = svg.linear_gradient("g", ((0, lit), (0.45, light.on(grass)), (1, deep)))
    near, far = bridge_ends(plan)
    spans = ((-20.0, near + 0.045 * plan.stage), (far - 0.045 * plan.stage, plan.width + 20))
    strip = svg.rectangle(0, plan.shore - 0.016 * plan.size, plan.width, 0.02 * plan.size, light.on(grass, haze=0.35))
    sheet.draw(strip + "".join(_mound(plan, dice, *span) for span in spans), defs=defs)
    for span in spans:
        _bushes(sheet, plan, light, dice, *span)
    sheet.draw(_stones(plan, light, dice, spans), defs=stones.defs(light, snowy=plan.snowy))


def bridge_ends(plan: Plan) -> tuple[float, float]:
    """The x of both its ends, the left one first."""
    middle, half = plan.staged(0.545), bridge_width(plan) / 2
    return middle - half, middle + half


def bridge_width(plan: Plan) -> float:
    return min(0.35 * plan.width, 0.60 * plan.size)


def _mound(plan: Plan, dice: Dice, start: float, stop: float) -> str:
    """Ground that rises from the water, highest away from the bridge."""
    low, points = plan.shore + 2, []
    steps = max(int((stop - start) / 60), 6)
    for number in range(steps + 1):
        part = number / steps
        inner = min(part, 1 - part) * steps / 2.5
        rise = plan.size * (0.030 + dice.between(-0.004, 0.006)) * min(inner, 1) ** 0.6
        points.append((start + (stop - start) * part, low - rise - 0.004 * plan.size))
    return svg.polygon([(start, low), *points, (stop, low)], "url(#g)")


def _bushes(sheet: Sheet, plan: Plan, light: Light, dice: Dice, start: float, stop: float) -> None:
    count = max(round((stop - start) / (0.034 * plan.size)), 3)
    x = start + dice.uniforms(count) * np.float32(stop - start)
    y = plan.shore - plan.size * (0.016 + 0.028 * dice.uniforms(count))
    tones = [light.on(_wintry(tone, plan)) for tone in BUSHES[plan.season]]
    kind = (dice.uniforms(count) ** np.float32(1.3) * len(tones)).astype(int)
    plants.puffs(sheet, light, x, y.astype(np.float32), kind, tones, 0.0215 * plan.size, dice)


def _stones(plan: Plan, light: Light, dice: Dice, spans: tuple[tuple[float, float], ...]) -> str:
    body = ""
    for start, stop in spans:
        for _ in range(max(round((stop - start) / (0.075 * plan.size)), 3)):
            wide = plan.size * dice.between(0.014, 0.045)
            x = dice.between(start + 10, stop - 10)
            body += stones.stone(x, plan.shore + 4, wide, wide * dice.between(0.4, 0.7), dice)
    return body


def buildings(sheet: Sheet, plan: Plan, light: Light, roof: str | None) -> tuple[Box, ...]:
    """The pagoda, and a small lantern by the bridge; tells where they stand."""
    drawing = japanese.pagoda_in(roof or japanese.ROOF, lit=light.glows, snowy=plan.snowy)
    boxes = [
        figures.put(
            sheet, drawing, plan.staged(0.205), plan.shore - 0.014 * plan.size, 0.40 * plan.size,
            light=clay(light, haze=True), flip=light.side > 0, shadow=0.0,
        )
    ]  # fmt: skip
    return tuple(box for box in boxes if box)


def lantern(sheet: Sheet, plan: Plan, light: Light) -> None:
    drawing = japanese.lantern_in(japanese.STONE, lit=light.glows, snowy=plan.snowy)
    x, y, tall = plan.staged(0.735), plan.shore - 0.006 * plan.size, 0.095 * plan.size
    figures.put(sheet, drawing, x, y, tall, light=clay(light), flip=light.side > 0, shadow=0.0)


def bridge(sheet: Sheet, plan: Plan, light: Light, colour: str | None) -> Box | None:
    drawing = japanese.bridge_in(colour or japanese.VERMILION, snowy=plan.snowy)
    middle = sum(bridge_ends(plan)) / 2
    tall = bridge_width(plan) * drawing.box[3] / drawing.box[2]
    return figures.put(
        sheet, drawing, middle, plan.shore + 0.012 * plan.size, tall,
        light=clay(light), flip=light.side > 0, shadow=0.0,
    )  # fmt: skip


def clay(light: Light, *, haze: bool = False) -> figures.Light:
    """The light on figures: from the side of sun or moon."""
    palette = light.palette
    rim = svg.blend(palette.sun, palette.near, 0.15 + 0.55 * palette.night)
    return figures.Light((0.55 * light.side, -0.75), palette.ambient, rim, 0.75 if haze else 0.9)


def groves(sheet: Sheet, plan: Plan, light: Light, dice: Dice, grown: tuple[Grown, ...]) -> None:
    """Trees of the far shore."""
    for tree in grown:
        is_large = tree.height > 0.45 * plan.size
        habit = trees.MAPLE if tree.species == "maple" else trees.SPREADING if is_large else trees.CHERRY
        count = round(600 + 3600 * (tree.height / plan.size) ** 1.2)
        plants.tree(
            sheet, light, dice, tree.x, tree.y, tree.height,
            species=tree.species, habit=habit, haze=tree.haze, flip=plan.flip, count=count, snowy=plan.snowy,
        )  # fmt: skip


def pine(sheet: Sheet, plan: Plan, light: Light, dice: Dice) -> None:
    """A shaped pine that leans over the water by the bridge."""
    x, tall = plan.staged(0.378), 0.235 * plan.size
    plants.pine(sheet, light, dice, x, plan.shore - 0.012 * plan.size, tall, lean=-plan.side, snowy=plan.snowy)


def lamp_light(sheet: Sheet, plan: Plan, light: Light, boxes: tuple[Box, ...]) -> None:
    """What lit windows give off, and its image in the water."""
    if not light.glows:
        return
    strength = 0.5 * light.night
    for left, top, width, height in boxes:
        x, y = left + width / 2, top + height * 0.62
        sheet.light(x, y, height * 0.16, "ffb347", strength)
        sheet.light(x, 2 * plan.shore - y, height * 0.14, "ffb347", strength * 0.5)
    x, y = plan.staged(0.735), plan.shore - 0.07 * plan.size
    sheet.light(x, y, 0.03 * plan.size, "ffc46a", strength * 1.2)
    sheet.light(x, 2 * plan.shore - y, 0.03 * plan.size, "ffc46a", strength * 0.6)
