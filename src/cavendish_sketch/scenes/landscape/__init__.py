"""Landscape: a sky, land in three dimensions with what grows on it, and the prompt's subjects in their places."""

from __future__ import annotations

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Report
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.nature import flora, skies, terrain
from cavendish_sketch.nature.skies import Sky
from cavendish_sketch.nature.terrain import Land, Spot
from cavendish_sketch.scenes.landscape import layout, weather
from cavendish_sketch.scenes.landscape.layout import Grove, Plan, Stand

CLEARING = 0.21  # of the page's width, to either side of what stands in front: no tree there
CLEARING_AWAY = 2.4  # world units within which it is kept
FOGGY = 0.45  # of the distance seen on a clear day
TUFTS = 9  # of grass at the feet of a figure
FLOCK = (5, 9)  # birds
DARK = 0.5  # `night` from which no birds fly


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole scene."""
    palette = PALETTES[brief.time]
    plan = layout.plan(brief, sheet)
    sheet.film = Film(bloom=0.26 if palette.night < DARK else 0.36, vignette=0.20, contrast=1.05)
    sky = skies.paint(
        sheet.grid, palette, dice, horizon=plan.horizon, weather=brief.weather, traits=brief.traits | plan.sky
    )
    report(0.2)
    land = _land(sheet, brief, plan, sky, palette, dice, lambda part: report(0.2 + 0.35 * part))
    _shine(sheet, sky, land)
    _woods(sheet, plan, land, sky, palette, dice)
    report(0.75)
    if palette.night < DARK and plan.birds:
        _flock(sheet, plan, palette, dice)
    _figures(sheet, plan, land, palette, dice)
    report(0.92)
    weather.fall(sheet, brief, plan.horizon, palette, dice)
    report(1.0)


def _land(sheet: Sheet, brief: Brief, plan: Plan, sky: Sky, palette: Palette, dice: Dice, report: Report) -> Land:
    land = terrain.land(
        sky.planes,
        sky,
        sheet.grid,
        palette,
        dice,
        report,
        ground=plan.ground,
        horizon=plan.horizon,
        lake=plan.lake,
        volcano=plan.volcano,
        winter=plan.winter,
        season=plan.season,
        bank=plan.bank,
        mirrored=not plan.mirrors_later,
        weather=brief.weather,
        traits=brief.traits,
    )
    sheet.backdrop(land.planes)
    return land


def _shine(sheet: Sheet, sky: Sky, land: Land) -> None:
    """The sun's own glow, where no crest hides it."""
    sun = sky.sun
    if sun is None:
        return
    row, column = int(sun.y * sheet.grid.rows), int(sun.x * sheet.grid.columns)
    if land.depth[min(row, sheet.grid.rows - 1), column] > land.far:
        strength = 0.35 if sun.moon else 0.55 * sun.strength
        sheet.light(sun.x * sheet.width, sun.y * sheet.height, sun.radius * 1500, sun.colour, strength)


def _woods(sheet: Sheet, plan: Plan, land: Land, sky: Sky, palette: Palette, dice: Dice) -> None:
    """Everything that grows, and houses; still water mirrors it."""
    side = 1.0 if sky.sun and sky.sun.x > 0.5 else -1.0
    planted: list[tuple[Spot, str]] = []
    standing: list[tuple[Spot, float]] = []
    for grove in plan.groves:
        spots = _cleared(_spots(grove, land, dice), plan, sheet)
        for spot in spots:
            chunks = flora.plant(
                [spot],
                grove.kind,
                palette,
                dice,
                haze=land.haze,
                far=land.far * (FOGGY if plan.foggy else 1),
                light=land.light,
                tones=grove.tones,
                size=grove.size,
                sun=side,
                snowy=plan.winter or plan.ground == "snow",
            )
            planted += [(spot, chunk) for chunk in chunks]
        standing += [(spot, flora.stature(grove.kind) * grove.size) for spot in spots]
    planted.sort(key=lambda pair: -pair[0].away)
    body = "".join(chunk for _, chunk in planted)
    if plan.mirrors_later:
        # Drawn for the mirror first, then again over it: the mirror belongs to the backdrop, the trees stay sharp.
        sheet.draw(body)
        sheet.backdrop(land.mirror(sheet.draft, standing))
        _shine(sheet, sky, land)
    sheet.draw(body)


def _spots(grove: Grove, land: Land, dice: Dice) -> list[Spot]:
    return land.spots(
        dice,
        grove.count,
        grove.near,
        grove.far,
        low=grove.low,
        high=grove.high,
        steep=grove.steep,
        thin=grove.thin,
        clumps=grove.clumps,
    )


def _cleared(spots: list[Spot], plan: Plan, sheet: Sheet) -> list[Spot]:
    """Without those that would stand before a subject, or grow over the whole page."""
    places = [stand.x * sheet.width for stand in plan.stands if stand.on_ground]
    reach = CLEARING * sheet.width
    return [
        spot for spot in spots if spot.away > CLEARING_AWAY or not any(abs(spot.x - place) < reach for place in places)
    ]


def _flock(sheet: Sheet, plan: Plan, palette: Palette, dice: Dice) -> None:
    """A few birds far off: two strokes each."""
    x, y = dice.between(0.25, 0.75) * sheet.width, plan.horizon * sheet.height * dice.between(0.35, 0.7)
    tone = svg.blend(palette.near, palette.far, 0.35)
    strokes = []
    for _ in range(dice.whole(*FLOCK)):
        wing = dice.between(5, 11)
        px, py = x + dice.between(-110, 110), y + dice.between(-45, 45)
        lift = dice.between(0.25, 0.65) * wing
        strokes.append(
            f"M{px - wing:.1f},{py - lift:.1f}q{wing * 0.6:.1f},{-lift * 0.5:.1f} {wing:.1f},{lift:.1f}"
            f"q{wing * 0.4:.1f},{-lift * 1.5:.1f} {wing:.1f},{-lift:.1f}"
        )
    sheet.draw(svg.path("".join(strokes), stroke=tone, width=1.7))


def _figures(sheet: Sheet, plan: Plan, land: Land, palette: Palette, dice: Dice) -> None:
    for stand in sorted(plan.stands, key=lambda stand: stand.y):
        _figure(sheet, stand, plan, palette)
        if stand.on_ground and plan.tufts:
            _tufts(sheet, stand, land, plan, palette, dice)
        if stand.afloat:
            _wake(sheet, stand, palette, dice)


def _figure(sheet: Sheet, stand: Stand, plan: Plan, palette: Palette) -> None:
    subject: Subject = stand.subject
    figures.put(
        sheet,
        subject,
        stand.x * sheet.width,
        stand.y * sheet.height,
        stand.height,
        palette=palette,
        anchor="ground" if stand.on_ground or stand.afloat else "middle",
        flip=stand.flip,
        shadow=0.5 if stand.on_ground else 0.25 if stand.afloat else 0.0,
        width_max=sheet.width * stand.width,
    )


def _tufts(sheet: Sheet, stand: Stand, land: Land, plan: Plan, palette: Palette, dice: Dice) -> None:
    """Grass before the feet of a figure, so that it stands in the meadow and not on it."""
    spots = [
        Spot(
            stand.x * sheet.width + dice.between(-0.6, 0.6) * stand.height,
            stand.y * sheet.height + dice.between(0.0, 0.035) * stand.height,
            stand.height * 1.6,
            0.5,
            0.0,
            False,
        )
        for _ in range(TUFTS)
    ]
    chunks = flora.plant(
        spots, "grass", palette, dice, haze=land.haze, far=land.far, light=land.light, tones=plan.tufts, size=2.0
    )
    sheet.draw("".join(chunks))


def _wake(sheet: Sheet, stand: Stand, palette: Palette, dice: Dice) -> None:
    """Foam and a darker line along the foot of what floats: it lies in the water, not on it."""
    x, y, wide = stand.x * sheet.width, stand.y * sheet.height, stand.height * 0.55
    foam = svg.blend("ffffff", palette.near, 0.45 * palette.night)
    pieces = [svg.ellipse(x, y, wide * 0.95, stand.height * 0.028, palette.water, 0.75)]
    for _ in range(16):
        off = dice.between(-1, 1)
        lift = dice.between(-0.012, 0.022) * stand.height
        pieces.append(
            svg.ellipse(x + off * wide, y + lift, wide * dice.between(0.06, 0.18), dice.between(1.2, 3.0), foam, 0.5)
        )
    sheet.draw("".join(pieces))
