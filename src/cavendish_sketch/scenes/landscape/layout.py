"""Where everything of a landscape goes: horizon, water, groves, and a place for each subject."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Ground, Subject
from cavendish_sketch.nature import flora

HORIZONS: dict[Ground, float] = {
    "alps": 0.50,
    "beach": 0.42,
    "canyon": 0.46,
    "dunes": 0.44,
    "hills": 0.44,
    "islands": 0.47,
    "meadow": 0.45,
    "sea": 0.48,
    "snow": 0.45,
}
TALL_HORIZON, TALL_HORIZON_MAX = 0.10, 0.62  # added on a square root of the ratio below 1
SUBJECTS_MAX = 6
FIGURES_MAX = 14
THIRD = 0.36  # of the width: where one subject stands, away from the sun
GROUND_Y = 0.90  # of the height: where figures in front stand

# Drawings that fly, float, swim; and those that the sky or the land shows by itself.
FLYING = frozenset(
    [
        *("1f985", "1f98b", "1f426", "1f54a", "1f987", "2708", "1f681", "1f6e9"),
        *("1f680", "1f388", "1f6f8", "1f409", "1f41d", "1fa81", "1f41e", "1f9da"),
        *("1f6f0", "1fa82", "1f99c", "1f989", "1f6a0", "1f9df"),
    ]
)
FLYING_PROPS = frozenset({"balloon", "flying_car", "planet"})
FLOATING = frozenset({"26f5", "1f6a4", "1f6f6", "26f4", "1f6a2", "1f6f3", "1f9a2", "1f986", "1f3c4", "1f6a3"})
SHOWN = frozenset(
    [
        *("1f315", "1f319", "1f311", "1f31e", "2600", "1f31d", "2b50", "1f31f"),
        *("1f304", "1f305", "2601", "1f308", "26f0", "1f3d4", "1f5fb", "1f30b"),
        *("1f3de"),
    ]
)
MOONS = frozenset({"1f315", "1f319", "1f31d", "1f311"})
RAINBOW = "1f308"
IN_THE_SKY = MOONS | {RAINBOW}
GRASS = ("7d9a48", "6b8a3e", "8fa854", "5d7a38")
AUTUMN_GRASS = ("b0913f", "9a7d38", "c2a24f")


@dataclass(frozen=True, slots=True)
class Grove:
    """A kind of plant and where it grows; lengths in world units, as `Land.spots` wants them."""

    kind: flora.Kind
    count: int
    near: float
    far: float
    low: float = -9.0
    high: float = 99.0
    steep: float = 1.2
    thin: float = 0.25
    clumps: float = 0.35
    size: float = 1.0
    tones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """A figure in its place: shares of the page, height in points, `width` as the most of the page's width."""

    subject: Subject
    x: float
    y: float
    height: float
    width: float
    on_ground: bool = False
    afloat: bool = False
    flip: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What the picture shows and where.

    Attributes:
        sky: Traits for the sky: the sun's side, a large moon, a rainbow.
        tufts: Colours of grass at the feet of figures; none where nothing grows.
    """

    ground: Ground
    horizon: float
    lake: bool
    volcano: bool
    winter: bool
    season: str
    bank: bool
    sky: frozenset[str]
    groves: tuple[Grove, ...]
    stands: tuple[Stand, ...]
    tufts: tuple[str, ...]
    birds: bool
    foggy: bool

    @property
    def mirrors_later(self) -> bool:
        """The lake mirrors what grows at it."""
        return self.lake and bool(self.groves)


def plan(brief: Brief, sheet: Sheet) -> Plan:
    """Decide everything that needs no chance."""
    ground = _ground(brief)
    ratio = sheet.width / sheet.height
    horizon = HORIZONS[ground]
    if ratio < 1:
        horizon = min(horizon + TALL_HORIZON * (1 / ratio) ** 0.5, TALL_HORIZON_MAX)
    season = _season(brief)
    winter = "snow" in brief.weather and ground not in ("sea", "beach", "dunes")
    lake = bool({"lake", "river"} & brief.traits) and ground not in ("sea", "islands", "beach")
    volcano = "volcano" in brief.traits
    subjects = [subject for subject in brief.subjects if subject.drawing not in SHOWN][:SUBJECTS_MAX]
    watery = lake or ground in ("sea", "islands", "beach")
    stands = _stands(subjects, watery, horizon, sheet)
    grounded = any(stand.on_ground for stand in stands)
    return Plan(
        ground=ground,
        horizon=horizon,
        lake=lake,
        volcano=volcano,
        winter=winter,
        season=season,
        bank=grounded and (lake or ground == "islands"),
        sky=_sky(brief, grounded),
        groves=_groves(brief, ground, season, volcano, winter),
        stands=stands,
        tufts=_tufts(ground, season, winter),
        birds=not ({"rain", "snow", "lightning", "fog"} & brief.weather),
        foggy="fog" in brief.weather,
    )


def _ground(brief: Brief) -> Ground:
    """The brief's ground; who has to stand somewhere does not stand on the open sea."""
    needs_land = any(
        subject.kind in ("animal", "person", "vehicle", "building", "plant", "object", "food")
        and not flies(subject)
        and not _floats(subject)
        and subject.drawing not in SHOWN
        for subject in brief.subjects
    )
    if brief.ground == "sea" and needs_land:
        return "beach"
    return brief.ground


def _season(brief: Brief) -> str:
    if "autumn" in brief.traits or "leaves" in brief.weather:
        return "autumn"
    return "spring" if {"spring", "cherry"} & brief.traits or "petals" in brief.weather else ""


def _sky(brief: Brief, grounded: bool) -> frozenset[str]:
    drawings = {subject.drawing for subject in brief.subjects}
    wanted = set()
    if grounded:
        wanted.add("sun_right")  # the first figure stands to the left
    if drawings & MOONS:
        wanted.add("moon")
    if RAINBOW in drawings:
        wanted.add("rainbow")
    return frozenset(wanted)


def _tufts(ground: Ground, season: str, winter: bool) -> tuple[str, ...]:
    if winter or ground not in ("alps", "hills", "meadow", "islands"):
        return ()
    return AUTUMN_GRASS if season == "autumn" else GRASS


def _groves(brief: Brief, ground: Ground, season: str, volcano: bool, winter: bool) -> tuple[Grove, ...]:
    groves = list(VOLCANO_GROVES if volcano else GROVES[ground])
    if "forest" in brief.traits and ground in FORESTS:
        groves += FORESTS[ground]
    if "village" in brief.traits and ground in ("alps", "hills", "meadow", "snow", "islands"):
        groves.append(Grove("house", 34, 1.6, 5.5, steep=0.5, clumps=0.5, size=1.15))
    if ("cherry" in brief.traits or "petals" in brief.weather) and ground not in ("sea", "dunes", "canyon"):
        groves.append(Grove("cherry", 46, 1.0, 5.0, steep=0.9, clumps=0.5, thin=0.2))
    if brief.time == "storm" or winter:
        groves = [grove for grove in groves if grove.kind != "palm"]
    if season == "autumn":
        groves = [_autumnal(grove) for grove in groves]
    if winter:
        groves = [grove for grove in groves if grove.kind not in ("flower", "grass", "bush")]
    return tuple(groves)


def _autumnal(grove: Grove) -> Grove:
    if grove.kind in ("broadleaf", "bush", "birch"):
        return dataclasses.replace(grove, tones=flora.AUTUMN)
    return dataclasses.replace(grove, tones=AUTUMN_GRASS) if grove.kind == "grass" else grove


GROVES: dict[Ground, tuple[Grove, ...]] = {
    "alps": (
        Grove("pine", 800, 1.0, 8.0, high=0.46, steep=1.1, thin=0.22, clumps=0.35),
        Grove("grass", 90, 0.4, 1.4, steep=0.9, clumps=0.0),
    ),
    "snow": (Grove("pine", 420, 1.3, 9.0, steep=0.9, thin=0.3, clumps=0.6),),
    "hills": (
        Grove("broadleaf", 300, 1.7, 12.0, steep=0.9, thin=0.3, clumps=0.7),
        Grove("bush", 160, 1.4, 8.0, steep=0.9, thin=0.2, clumps=0.7),
        Grove("grass", 140, 0.5, 1.7, steep=0.9, thin=0.0, clumps=0.0),
    ),
    "meadow": (
        Grove("broadleaf", 240, 4.0, 18.0, thin=0.4, clumps=0.75, size=1.4),
        Grove("grass", 420, 0.4, 2.6, thin=0.05, clumps=0.0),
        Grove("flower", 560, 0.4, 2.8, thin=0.05, clumps=0.12),
    ),
    "dunes": (Grove("cactus", 6, 1.2, 4.0, steep=0.45, thin=0.4, clumps=0.0, size=1.2),),
    "canyon": (
        Grove("bush", 150, 0.9, 6.0, steep=0.5, thin=0.3, clumps=0.3, size=0.7, tones=("7d7c48", "8c8550", "6a6c40")),
        Grove("cactus", 22, 0.9, 4.5, steep=0.4, thin=0.4, clumps=0.2),
    ),
    "islands": (
        Grove("palm", 70, 1.6, 8.0, low=0.11, high=0.30, steep=0.8, clumps=0.4, size=0.65),
        Grove("bush", 220, 1.6, 9.0, low=0.15, high=0.6, clumps=0.3, size=0.9),
    ),
    "sea": (),
    "beach": (Grove("palm", 7, 0.80, 1.7, low=0.010, thin=0.0, clumps=0.0, size=1.9),),
}
VOLCANO_GROVES = (Grove("pine", 700, 2.0, 9.0, high=0.42, thin=0.3, clumps=0.45),)
FORESTS: dict[Ground, tuple[Grove, ...]] = {
    "alps": (Grove("pine", 1050, 0.8, 8.0, high=0.62, steep=1.4, thin=0.12, clumps=0.0, size=1.25),),
    "snow": (Grove("pine", 900, 0.9, 9.0, steep=1.2, thin=0.12, clumps=0.1, size=1.2),),
    "hills": (
        Grove("broadleaf", 900, 1.1, 10.0, steep=1.2, thin=0.12, clumps=0.05, size=1.3),
        Grove("birch", 120, 0.9, 4.0, steep=1.0, thin=0.1, clumps=0.3, size=1.6),
        Grove("pine", 300, 1.2, 9.0, steep=1.2, thin=0.15, clumps=0.4, size=1.2),
    ),
    "meadow": (Grove("broadleaf", 700, 1.6, 14.0, thin=0.15, clumps=0.2, size=1.6),),
    "islands": (Grove("palm", 160, 1.6, 8.0, low=0.12, high=0.6, clumps=0.1, size=0.7),),
}


def flies(subject: Subject) -> bool:
    return subject.drawing in FLYING or subject.prop in FLYING_PROPS or subject.kind == "sky"


def _floats(subject: Subject) -> bool:
    return subject.drawing in FLOATING or subject.kind == "sea"


def _stands(subjects: Sequence[Subject], watery: bool, horizon: float, sheet: Sheet) -> tuple[Stand, ...]:
    flying = [subject for subject in subjects if flies(subject)]
    afloat = [subject for subject in subjects if not flies(subject) and _floats(subject) and watery]
    ground = [subject for subject in subjects if subject not in flying and subject not in afloat]
    buildings = [subject for subject in ground if subject.kind == "building"]
    others = [subject for subject in ground if subject.kind != "building"]
    stands = _buildings(buildings, bool(others), horizon, sheet) + _afloat(afloat, bool(others), horizon, sheet)
    return tuple(
        (stands + _grounded(others, sheet) + _flying(flying, bool(stands or others), horizon, sheet))[:FIGURES_MAX]
    )


def _grounded(subjects: Sequence[Subject], sheet: Sheet) -> list[Stand]:
    """In front: one near a third, several spread; those of one kind side by side, the second a little behind."""
    slots = {1: (THIRD,), 2: (0.32, 0.70), 3: (0.24, 0.52, 0.79)}.get(len(subjects), (0.18, 0.40, 0.62, 0.84))
    room = 1.0 if len(subjects) == 1 else 0.62
    stands = []
    for subject, x in zip(subjects, slots, strict=False):
        count = min(subject.count, 5)
        share = 1.0 if count == 1 else 0.72
        for number in range(count):
            off = (number - (count - 1) / 2) * (0.42 / max(len(subjects), 1) / max(count - 1, 1)) if count > 1 else 0.0
            back = number % 2
            height = _stature(subject, sheet) * room * share * (1 - 0.12 * back)
            width = min(0.62 * room * share, 0.9 / len(subjects) / count**0.5)
            y = GROUND_Y - 0.035 * back
            stands.append(Stand(subject, _inside(x + off), y, height, width, on_ground=True, flip=number % 2 == 1))
    return stands


def _stature(subject: Subject, sheet: Sheet) -> float:
    """Points: so that a car is not taller than a tree, nor a cat than a house."""
    tall = min(sheet.height * 0.42, sheet.width * 0.52)
    tall *= _grown(subject)
    return tall * {"vehicle": 0.66, "plant": 1.05, "food": 0.6, "object": 0.72}.get(subject.kind, 0.86)


def _grown(subject: Subject) -> float:
    """Higher with what stands on it, so that it does not shrink."""
    return 1.4 if any(guest.manner != "in" for guest in subject.guests) else 1.0


def _inside(x: float) -> float:
    return min(max(x, 0.10), 0.90)


def _buildings(subjects: Sequence[Subject], accompanied: bool, horizon: float, sheet: Sheet) -> list[Stand]:
    """In the middle distance, on the other side from who stands in front."""
    stands = []
    y = horizon + (1 - horizon) * (0.34 if accompanied else 0.50)
    for number, subject in enumerate(subjects[:3]):
        height = min(sheet.height * 0.40, sheet.width * 0.55) * (0.78 if accompanied else 1) * (0.8**number)
        height *= _grown(subject)
        for copy in range(min(subject.count, 3)):
            x = _inside((0.68 if accompanied else THIRD) + 0.27 * number + 0.17 * copy)
            stands.append(Stand(subject, x, y, height * 0.85**copy, 0.5, on_ground=True))
    return stands


def _afloat(subjects: Sequence[Subject], accompanied: bool, horizon: float, sheet: Sheet) -> list[Stand]:
    stands = []
    for number, subject in enumerate(subjects[:3]):
        for copy in range(min(subject.count, 4)):
            nearness = (0.30 if accompanied else 0.46) + 0.13 * number - 0.10 * copy
            y = horizon + (1 - horizon) * max(nearness, 0.12)
            x = _inside((0.66 if accompanied else THIRD) + 0.24 * number + 0.19 * copy * (-1) ** copy)
            height = min(sheet.height * 0.34, sheet.width * 0.42) * (0.35 + nearness) * 0.75**copy
            stands.append(Stand(subject, x, y, height, 0.5, afloat=True, flip=copy % 2 == 1))
    return stands


SKY_PLACES = ((0.34, 0.46, 1.0), (0.66, 0.30, 0.62), (0.84, 0.52, 0.42), (0.14, 0.26, 0.40), (0.52, 0.20, 0.34))


def _flying(subjects: Sequence[Subject], accompanied: bool, horizon: float, sheet: Sheet) -> list[Stand]:
    """In the sky: the first large, the others farther off; over the free side of who stands below."""
    wanted = [subject for subject in subjects for _ in range(subject.count if subject.count > 1 else 1)]
    if is_flock_of_balloons(subjects):
        wanted = [dataclasses.replace(subjects[0], colour=tone) for tone in (subjects[0].colour, *BALLOONS)]
    tall = min(sheet.height * 0.30, sheet.width * 0.40)
    return [
        Stand(subject, 1 - x if accompanied else x, y * horizon, tall * size, 0.5 * size)
        for subject, (x, y, size) in zip(wanted, SKY_PLACES, strict=False)
    ]


def is_flock_of_balloons(flying: Sequence[Subject]) -> bool:
    """Nothing else is in the air."""
    return len(flying) == 1 and flying[0].prop == "balloon" and not flying[0].guests


BALLOONS = ("2a7fd0", "f2a21f", "7a4bc0", "1fa07a")
