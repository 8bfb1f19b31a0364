"""What the scenes under an open sky show of a brief."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterable

from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Subject, Weather
from cavendish_sketch.nature import front, skies
from cavendish_sketch.scenes import city as streets
from cavendish_sketch.scenes import garden as gardens
from cavendish_sketch.scenes import pond as ponds
from cavendish_sketch.scenes.city import people
from cavendish_sketch.scenes.garden import flowers
from cavendish_sketch.scenes.garden import layout as garden_layout
from cavendish_sketch.scenes.landscape import layout
from cavendish_sketch.scenes.landscape.layout import Plan
from cavendish_sketch.scenes.shown.keeping import in_order, in_turn, kept

FALLING: frozenset[Weather] = frozenset({"fog", "rain", "snow", "petals", "leaves"})
IN_A_STREET: frozenset[Weather] = frozenset({"fog", "rain", "snow"})
SEASONED = ("alps", "canyon", "hills", "islands", "meadow")  # grounds with grass and leaves that show the season
GREENED_IN_SPRING = ("alps", "hills")
BLOSSOMS_NOT_ON = ("sea", "dunes", "canyon")
HOUSES_ON = ("alps", "hills", "meadow", "snow", "islands")
PLACES = {"bank": (3, 1), "ground": (5, 5), "water": (5, 5), "air": (5, 5)}  # of a garden: in all, of each
HEROES_MAX = 4  # flying cars near the eye


def landscape(brief: Brief) -> Brief:
    """Sky, land, what grows on it, and the figures that have a place."""
    plan = layout.plan(brief, _page())
    weather = (brief.weather & FALLING) | skies.shown(brief.time, brief.weather)
    return kept(
        brief,
        time=brief.time,
        ground=plan.ground,
        weather=weather,
        traits=_grown(brief, plan) | _of_land(brief, plan) | _aglow(brief),
        subjects=_standing(brief, plan),
    )


@functools.lru_cache(maxsize=1)
def _page() -> Sheet:
    """Which figures have a place does not depend on the page."""
    return Sheet.of(16, 9)


def _aglow(brief: Brief) -> set[str]:
    """A large moon, and fireflies in the dark."""
    night = PALETTES[brief.time].night
    moon = {"moon"} & brief.traits if skies.shows_moon(brief.time, brief.weather) else set[str]()
    return moon | ({"fireflies"} & brief.traits if night > front.FIREFLY_NIGHT else set())


def _of_land(brief: Brief, plan: Plan) -> set[str]:
    """Water, a volcano, waves."""
    heavy = plan.ground == "sea" and "lightning" not in brief.weather
    return {
        name
        for name, there in (
            ("lake", plan.lake),
            ("volcano", plan.volcano),
            ("waves", heavy and "waves" in brief.traits),
        )
        if there
    }


def _grown(brief: Brief, plan: Plan) -> set[str]:
    """Woods, blossom, houses, and the season that all that grows is in."""
    shown = set[str]()
    if "forest" in brief.traits and plan.ground in layout.FORESTS:
        shown.add("forest")
    if "village" in brief.traits and plan.ground in HOUSES_ON:
        shown.add("village")
    if "cherry" in brief.traits and "petals" not in brief.weather and plan.ground not in BLOSSOMS_NOT_ON:
        shown.add("cherry")
    if plan.season == "autumn" and "leaves" not in brief.weather and plan.ground in SEASONED:
        shown.add("autumn")
    is_told = "cherry" in shown or "petals" in brief.weather
    if plan.season == "spring" and not is_told and plan.ground in GREENED_IN_SPRING and not plan.volcano:
        shown.add("spring")
    return shown


def _standing(brief: Brief, plan: Plan) -> list[Subject]:
    """The figures that have a place, and what the sky shows of the others."""
    places = Counter((stand.subject.drawing, stand.subject.prop, stand.subject.word) for stand in plan.stands)
    if layout.is_flock_of_balloons(brief.subjects):
        return list(brief.subjects)
    figures = (
        dataclasses.replace(
            subject,
            count=min(places[subject.drawing, subject.prop, subject.word], subject.count),
            kind="sky" if layout.flies(subject) else subject.kind,
        )
        for subject in brief.subjects
    )
    sky = (_plainly(subject) for subject in brief.subjects if subject.drawing in layout.IN_THE_SKY)
    return in_order(brief, (figure for figure in figures if figure.count), sky)


def _plainly(subject: Subject) -> Subject:
    """That it is there, and no more."""
    return dataclasses.replace(subject, count=1, colour=None, material=None)


def city(brief: Brief) -> Brief:
    """A street."""
    made = streets.kind_of(brief)
    traits = {
        name
        for name, there in (
            ("neon", made.neon and brief.time != "neon"),
            ("futuristic", made.future and not made.neon),
            ("village", made.village),
            ("flying_cars", made.flying and not _has_flying_cars(brief)),
        )
        if there
    }
    return _built(brief, traits, brief.subjects)


def skyline(brief: Brief) -> Brief:
    """A city across the water: neon is seen on towers, and with a future as a hologram over anything."""
    neon = "neon" in brief.traits or brief.time == "neon"
    village, future = "village" in brief.traits, "futuristic" in brief.traits
    rough = brief.weather & streets.STORMY or brief.time == "storm"
    traits = {
        name
        for name, there in (
            ("neon", neon and brief.time != "neon" and (future or not village)),
            ("futuristic", future and (neon or not village)),
            ("village", village),
            ("waves", "waves" in brief.traits and not rough),
            ("flying_cars", "flying_cars" in brief.traits and not _has_flying_cars(brief)),
        )
        if there
    }
    afloat = list(in_turn((s for s in brief.subjects if s.kind == "sea"), people.PLACED_MAX))
    rest = tuple(subject for subject in brief.subjects if subject.kind != "sea")
    return _built(brief, traits, rest, afloat)


def _has_flying_cars(brief: Brief) -> bool:
    return any(subject.prop == "flying_car" for subject in brief.subjects)


def _built(brief: Brief, traits: set[str], subjects: tuple[Subject, ...], afloat: Iterable[Subject] = ()) -> Brief:
    cars = in_turn((_bare(s) for s in subjects if s.prop == "flying_car"), HEROES_MAX)
    others = [subject for subject in subjects if subject.prop != "flying_car"]
    above = in_turn((s for s in others if people.floats(s)), people.PLACED_MAX)
    below = in_turn((s for s in others if not people.floats(s)), people.PLACED_MAX)
    moon = {"moon"} & brief.traits if skies.shows_moon(brief.time, brief.weather) else set()
    return kept(
        brief,
        time=brief.time,
        weather=(brief.weather & IN_A_STREET) | skies.shown(brief.time, brief.weather),
        traits=traits | moon,
        subjects=in_order(brief, cars, above, below, afloat),
    )


def garden(brief: Brief) -> Brief:
    """A Japanese garden or beds of flowers, in a season."""
    is_japanese = gardens.is_japanese(brief)
    shown = _of_season(brief) | _aglow(brief) | ({"japanese"} if is_japanese else set())
    drifting = _drifting(brief)
    return kept(
        brief,
        time=brief.time,
        weather=(brief.weather & (FALLING - gardens.DRIFTING)) | drifting | skies.shown(brief.time, brief.weather),
        traits=shown,
        subjects=_around_a_pond(brief) if is_japanese else _around_a_fountain(brief),
    )


def _drifting(brief: Brief) -> set[Weather]:
    """Leaves where both are named."""
    found = brief.weather & gardens.DRIFTING
    return {"leaves"} if "leaves" in found else set(found)


def _of_season(brief: Brief) -> set[str]:
    season = garden_layout.season_of(brief)
    shown = {"autumn"} if season == "maple" and "leaves" not in brief.weather else set()
    if season == "green":
        shown.add("summer")
    if garden_layout.snowy(brief) and "snow" not in brief.weather:
        shown.add("snowy")
    return shown


def _around_a_pond(brief: Brief) -> list[Subject]:
    """What the garden has anyway is said where it is of another number or colour; what else has a place."""
    own = [_bare(s) for s in brief.subjects if s.prop in gardens.ITS_OWN and _stands_out(s)]
    found = gardens.subjects_of(brief)
    placed = (
        in_turn([s for s in found if gardens.place_of(s) == place], most, each=each)
        for place, (most, each) in PLACES.items()
    )
    return in_order(brief, own, *placed)


def _bare(subject: Subject) -> Subject:
    """What a scene draws in its own way is of no material."""
    return dataclasses.replace(subject, material=None)


def _stands_out(subject: Subject) -> bool:
    is_counted = subject.prop == "koi" and subject.count not in gardens.UNCOUNTED
    return is_counted or (subject.colour is not None and subject.prop in ("koi", "pagoda", "bridge"))


def _around_a_fountain(brief: Brief) -> list[Subject]:
    found = [subject for subject in gardens.subjects_of(brief) if subject.drawing != flowers.FOUNTAIN_DRAWING]
    beds = in_turn((_plainly(s) for s in brief.subjects if flowers.planted(s)), flowers.KINDS_MAX)
    others = [subject for subject in found if not flowers.planted(subject)]
    ground = in_turn([s for s in others if gardens.place_of(s) != "air"], gardens.COPIES_MAX)
    air = in_turn([s for s in others if gardens.place_of(s) == "air"], gardens.COPIES_MAX)
    return in_order(brief, beds, ground, air)


def pond(brief: Brief) -> Brief:
    """Water from above: a season's petals on it, koi, and what sits there."""
    drifting = _drifting(brief)
    koi = [_bare(s) for s in brief.subjects if s.prop == "koi"][:1]
    if koi and len(brief.subjects) == 1 and not _stands_out(koi[0]):
        koi = []
    placed = in_turn(filter(ponds.belongs, brief.subjects), ponds.FIGURES_MAX, each=ponds.COPIES_MAX)
    return kept(
        brief,
        time=brief.time,
        weather=(brief.weather & {"rain"}) | drifting,
        traits=(_of_season(brief) - {"snowy"}) | ({"cherry"} & brief.traits if not drifting else set()),
        subjects=in_order(brief, koi, placed),
    )
