"""What moves in a city: lanes of lights in the air, flying cars near and far, cars on the street."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.props import vehicles
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes.city.layout import Ink, Look
from cavendish_sketch.scenes.city.view import View

REAR, FRONT = "ff4a55", "fff0cf"
TRAILS = ("ff5a8a", "ffb35a", "6fe8ff", "c58bff")
# Lanes in the air: x in half streets, height over the eye as a share of z, coming or going.
LANES = ((-0.52, 0.20, FRONT), (0.50, 0.13, REAR), (0.30, 0.34, REAR), (-0.30, 0.02, FRONT))
CARS_IN_LANE = 5
LANE_NEAR, LANE_FAR = 3.2, 15.0
# Cars seen from the side: place in the page, size as a share of the hero's, style.
FLIGHTS = (
    (0.70, 0.30, 0.42, 3, -1),
    (0.40, 0.19, 0.30, 1, 1),
    (0.60, 0.135, 0.19, 0, -1),
    (0.335, 0.41, 0.22, 2, 1),
    (0.565, 0.46, 0.13, 2, 1),
    (0.475, 0.30, 0.10, 0, -1),
)
HERO_WIDE, HERO_SHARE = 400.0, 0.52  # points; of the page's width at most


@dataclass(frozen=True, slots=True)
class Flight:
    """A flying car seen from its side.

    Attributes:
        x, y: Its middle, in points.
        width: Points.
        heading: 1 to the right, -1 to the left.
        turn: Degrees that its nose is down; below 0 it climbs.
    """

    x: float
    y: float
    width: float
    style: int
    colour: str
    heading: int
    turn: float

    @property
    def scale(self) -> float:
        return self.width / vehicles.BOX[2]


def lanes(ink: Ink, view: View, look: Look, dice: Dice) -> None:
    """Traffic in the air along the street: bodies from behind or ahead, with streaks of light."""
    spots = []
    for x, rise, tone in LANES:
        for number in range(CARS_IN_LANE):
            share = (number + dice.between(0, 0.8)) / CARS_IN_LANE
            z = 1 / (share / LANE_NEAR + (1 - share) / LANE_FAR)  # even steps on the page
            spots.append(
                (z, x * view.half + dice.between(-0.05, 0.05), view.eye + rise * z + dice.between(-0.03, 0.03), tone)
            )
    for z, x, y, tone in sorted(spots, reverse=True):
        _seen_along(ink, view, look, (x, y, z), tone)


def _seen_along(ink: Ink, view: View, look: Look, place: tuple[float, float, float], tone: str) -> None:
    """A small car from behind or ahead; its streak runs back along the street."""
    (x, y), size = view.at(*place), view.size(0.12, place[2])
    behind = view.at(place[0], place[1], place[2] * 1.45)
    seen = 1 - look.air.share(place[2]) * 0.75
    for side in (-0.36, 0.36):
        streak = [
            (x + (side - 0.07) * size, y),
            (x + (side + 0.07) * size, y),
            (behind[0] + side * size * 0.7, behind[1]),
        ]
        ink.add(svg.polygon(streak, tone, 0.36 * seen))
    hull = look.air.over(look.palette.near, place[2] * 0.8, (x, y))
    ink.add(
        svg.ellipse(x, y - size * 0.16, size * 0.34, size * 0.22, svg.blend(hull, "8fc4ff", 0.3)),
        svg.rectangle(x - size / 2, y - size * 0.14, size, size * 0.32, hull, rounding=size * 0.14),
    )
    for side in (-1, 1):
        ink.add(svg.ellipse(x + side * size * 0.36, y, max(size * 0.12, 1.0), max(size * 0.07, 0.8), tone, seen))
    ink.add(svg.ellipse(x, y + size * 0.22, size * 0.36, size * 0.06, vehicles.JET, 0.7 * seen))


def flights(view: View, look: Look, dice: Dice, count: int) -> list[Flight]:
    """The smaller flying cars, from far to near."""
    hero = min(HERO_WIDE, view.width * HERO_SHARE)
    paints = dice.shuffled(vehicles.PAINTS)
    found = []
    for number, (x, y, share, style, heading) in enumerate(FLIGHTS[:count]):
        wide = hero * share * dice.between(0.9, 1.1)
        place = _spread(view, x + dice.between(-0.03, 0.03), y + dice.between(-0.03, 0.03))
        colour = look.air.over(paints[number % len(paints)], 2 + 1.1 / share, place)
        found.append(Flight(*place, wide, style + dice.whole(0, 1), colour, heading, dice.between(-5, 4)))
    return sorted(found, key=lambda flight: flight.width)


def _spread(view: View, x: float, y: float) -> tuple[float, float]:
    """Shares of the sky over the street, about its end; a banner or a tower has it only near the middle."""
    wide = min(view.width, view.height * 1.9)
    tall = min(view.y, 1500)
    return view.x + (x - 0.5) * wide, view.y + (y - 0.6) / 0.6 * tall


def fly(ink: Ink, flight: Flight, look: Look, number: int) -> None:
    """One of the smaller cars with its trail."""
    car = vehicles.flying_car(flight.colour, flight.style)
    ink.add(trail(ink, flight, TRAILS[number % len(TRAILS)]))
    ink.add(_placed(car, flight, f"f{number}-"))
    ink.defs.append(svg.namespaced(car.defs, f"f{number}-"))


def _placed(car: Drawing, flight: Flight, space: str) -> str:
    _, _, wide, tall = car.box
    middle = f'<g transform="translate({-wide / 2:.1f} {-tall / 2:.1f})">{svg.namespaced(car.body, space)}</g>'
    flip = flight.heading < 0
    return svg.group(middle, x=flight.x, y=flight.y, scale=flight.scale, flip=flip, turn=flight.turn * flight.heading)


def trail(ink: Ink, flight: Flight, tone: str, *, long: float = 1.5) -> str:
    """Light that stays behind a car."""
    fill = ink.gradient(((0, tone, 0.0), (0.7, tone, 0.28), (1, svg.blend(tone, "ffffff", 0.35), 0.85)), across=True)
    start, end = -flight.width * (0.46 + long), -flight.width * 0.44
    thick = flight.width * 0.028
    body = svg.polygon([(start, 0), (end, -thick), (end, thick * 1.6), (start, thick * 0.4)], fill)
    return svg.group(body, x=flight.x, y=flight.y, flip=flight.heading < 0, turn=flight.turn * flight.heading)


def hero(view: View, dice: Dice, number: int, colour: str | None) -> Flight:
    """A large car near the eye, on alternating sides of the street."""
    side = -1 if number % 2 == 0 else 1
    wide = min(HERO_WIDE, view.width * HERO_SHARE) * (1.0, 0.78, 0.62, 0.5)[min(number, 3)] * dice.between(0.92, 1.08)
    reach = min(view.width * 0.5, view.height * 0.95)
    x = view.x + side * reach * (0.40 + 0.1 * (number // 2)) * dice.between(0.9, 1.1)
    x = min(max(x, wide * 0.55), view.width - wide * 0.55)
    lift = (-0.02, -0.22, -0.36, 0.10)[number % 4]
    y = view.y + min(view.height, 1200) * (lift + dice.between(-0.03, 0.03))
    paint = colour or dice.pick(vehicles.PAINTS)
    return Flight(x, y, wide, dice.whole(0, 2), paint, -side, dice.between(-8, -3))


def lay_hero(sheet: Sheet, flight: Flight, palette: Palette, dice: Dice) -> None:
    """A modelled car with its lights, its beam and its trail."""
    ink = Ink()
    ink.add(trail(ink, flight, dice.pick(TRAILS), long=1.1), _beam(ink, flight))
    body, defs = ink.text()
    sheet.draw(body, defs=defs, glow=0.7)
    car = vehicles.flying_car(flight.colour, flight.style)
    car = _turned(car, flight.turn)
    tall = flight.scale * car.box[3]
    figures.put(sheet, car, flight.x, flight.y, tall, palette=palette, anchor="middle", flip=flight.heading < 0)
    shine = vehicles.car_lights(flight.style)
    sheet.draw(_placed(shine, flight, "l-"), defs=svg.namespaced(shine.defs, "l-"), glow=1.0)


def _turned(car: Drawing, degrees: float) -> Drawing:
    """The same car about its middle, in a box that holds it."""
    _, _, wide, tall = car.box
    angle = math.radians(abs(degrees))
    across, down = wide * math.cos(angle) + tall * math.sin(angle), wide * math.sin(angle) + tall * math.cos(angle)
    body = f'<g transform="rotate({degrees:.2f} {wide / 2:.1f} {tall / 2:.1f})">{car.body}</g>'
    return Drawing(body, car.defs, ((wide - across) / 2, (tall - down) / 2, across, down))


def _beam(ink: Ink, flight: Flight) -> str:
    fill = ink.gradient(((0, vehicles.HEAD, 0.42), (1, vehicles.HEAD, 0.0)), across=True)
    start, end, wide = flight.width * 0.45, flight.width * 1.05, flight.width
    body = svg.polygon([(start, 0), (end, -wide * 0.05), (end, wide * 0.16), (start, wide * 0.05)], fill)
    return svg.group(body, x=flight.x, y=flight.y, flip=flight.heading < 0, turn=flight.turn * flight.heading)


def street_cars(ink: Ink, view: View, look: Look, dice: Dice) -> None:
    """Cars on the ground far down the street: dark bodies, bright lamps and their mirror image in the wet."""
    spots = []
    for number in range(20):
        z = 2.6 * (24 / 2.6) ** ((number + dice.between(0, 0.7)) / 20)
        side = dice.pick((-1, 1))
        spots.append((z, side * view.half * dice.pick((0.2, 0.45)), REAR if side > 0 else FRONT))
    for z, x, tone in sorted(spots, reverse=True):
        (left, foot), size = view.at(x, 0, z), view.size(0.10, z)
        seen = 1 - look.air.share(z) * 0.7
        hull = look.air.over(look.palette.near, z * 0.8, (left, foot))
        ink.add(
            svg.ellipse(left, foot, size * 0.6, size * 0.06, "05040c", 0.5 * seen),
            svg.rectangle(
                left - size * 0.36,
                foot - size * 0.58,
                size * 0.72,
                size * 0.4,
                svg.blend(hull, "7fa8d8", 0.25),
                rounding=size * 0.16,
            ),
            svg.rectangle(left - size / 2, foot - size * 0.36, size, size * 0.32, hull, rounding=size * 0.1),
        )
        for lamp in (-1, 1):
            spot = left + lamp * size * 0.38
            streak = ink.gradient(((0, tone, 0.75 * seen), (1, tone, 0.0)))
            ink.add(svg.ellipse(spot, foot - size * 0.2, max(size * 0.10, 0.9), max(size * 0.06, 0.7), tone, seen))
            ink.add(svg.rectangle(spot - size * 0.06, foot, size * 0.12, size * 0.9, streak))
