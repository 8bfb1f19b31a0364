"""Which scene, land, time and weather the found tags and things make together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast, get_args

from cavendish_sketch.canvas import figure_facts
from cavendish_sketch.language import subjects
from cavendish_sketch.language.brief import Ground, Kind, Scene, Subject, Time
from cavendish_sketch.language.wordlists import each

# The likeliest to be all around: a land that is nearer wins over a wider one.
GROUNDS: tuple[Ground, ...] = ("islands", "beach", "canyon", "dunes", "alps", "snow", "sea", "meadow", "hills")
HOURS: tuple[Time, ...] = ("sunset", "dawn", "dusk", "golden", "night")  # the first of these named is the time
LIGHTS: tuple[Time, ...] = ("storm", "overcast", "day")  # then these, in this order
WEATHER_LIGHT: dict[str, Time] = {"rain": "overcast", "fog": "overcast", "snow": "overcast", "stars": "night"}
SURROUNDINGS: tuple[Scene, ...] = ("underwater", "space")  # wherever they are named
PLACES: tuple[Scene, ...] = ("garden", "pond", "interior", "city", "skyline", "table")  # the first one named
LAND_TRAITS = each("forest lake river waterfall village mountains volcano bamboo")
STREET_TRAITS = frozenset(("futuristic", "neon", "flying_cars"))
OUTDOORS: frozenset[Kind] = frozenset(("animal", "building", "person", "sky", "vehicle"))
STILLS = frozenset(("1f490", "1f3fa", "1fab4"))  # flowers indoors
TREES = ("!tree", "1f332", "1fabe")
ALONE: dict[Kind, Scene] = {
    "food": "table",
    "object": "studio",
    "vehicle": "studio",
    "sea": "underwater",
    "person": "portrait",
}


def first(kind: str, tags: Iterable[str]) -> str | None:
    """The first value of a kind of tag."""
    return next((value for name, _, value in (tag.partition(":") for tag in tags) if name == kind), None)


def values(kind: str, tags: Iterable[str]) -> list[str]:
    """All values of a kind of tag, in the order of the prompt."""
    return [value for name, _, value in (tag.partition(":") for tag in tags) if name == kind]


def scene(tags: Sequence[str], things: Sequence[Subject], *, has_text: bool, has_colours: bool) -> Scene:
    """The scene: what the prompt calls the picture, then the place it names, then where its things are at home."""
    named = cast(list[Scene], values("scene", tags))
    return (
        _kind_of_picture(named, tags, things, has_colours=has_colours)
        or _place(named, tags, things)
        or _open_land(tags, things)
        or _of_things(tags, things)
        or _of_sky(tags, has_text=has_text)
    )


def _kind_of_picture(
    named: Sequence[Scene], tags: Sequence[str], things: Sequence[Subject], *, has_colours: bool
) -> Scene | None:
    """A logo, a portrait, a product picture, or nothing in particular on purpose: then its colours are the subject."""
    if "logo" in named:
        return "logo"
    if "portrait" in named and things:
        return "table" if things[0].kind == "food" else "portrait"
    if "studio" in named:
        return "studio"
    if "abstract" not in named:
        return None
    is_plain = not values("ground", tags) and not set(named) & set(PLACES + SURROUNDINGS)
    # Flowers may be petals of a pattern; a cat that is no cat would be nothing.
    is_bare = not any(thing.kind != "plant" for thing in things) if has_colours else not things
    return "abstract" if is_bare and (is_plain or has_colours) else None


def _place(named: Sequence[Scene], tags: Sequence[str], things: Sequence[Subject]) -> Scene | None:
    for around in SURROUNDINGS:
        if around in named:
            return around
    found = [place for place in named if place in PLACES and _fits(place, tags, things)]
    if not found:
        return None
    if {"garden", "pond"} <= set(found):
        return "pond" if "view:top" in tags else "garden"
    if {"city", "skyline"} & set(found[:1]):
        return _city(found, tags)
    return found[0]


def _fits(place: Scene, tags: Sequence[str], things: Sequence[Subject]) -> bool:
    """Cats and people do not stand on the table."""
    kinds = {thing.kind for thing in things}
    if place == "table":
        return not kinds & {"animal", "person", "building", "vehicle"} and not values("ground", tags)
    return True


def _city(found: Sequence[Scene], tags: Sequence[str]) -> Scene:
    """Afar as a skyline, unless something is going on between the houses."""
    between = STREET_TRAITS & set(values("trait", tags))
    return "skyline" if "skyline" in found and not between else "city"


def _open_land(tags: Sequence[str], things: Sequence[Subject]) -> Scene | None:
    """Any land at all, or a landscape by name."""
    land = values("ground", tags) or LAND_TRAITS & set(values("trait", tags)) or "scene:landscape" in tags
    if land:
        return "landscape"
    return "garden" if "trait:cherry" in tags else None  # blossoming trees without any other place


def _of_things(tags: Sequence[str], things: Sequence[Subject]) -> Scene | None:
    """Where the first thing is at home, or what looks best around it."""
    if not things:
        return None
    main = things[0]
    homes = [figure_facts.HOMES.get(_figure(thing), "") for thing in things]
    if homes[0] == "scene:space":  # at night too
        return "space"
    if homes[0].startswith("scene:") and not _has_air(tags):
        return cast(Scene, homes[0].removeprefix("scene:"))
    if "scene:interior" in homes:
        return "interior"
    kinds = {thing.kind for thing in things}
    if STILLS & {_figure(thing) for thing in things} and not kinds & OUTDOORS and not _has_air(tags):
        return "studio"
    if kinds == {"food"} or (main.kind == "food" and kinds <= {"food", "object", "plant"}):
        return "table"
    if STREET_TRAITS & set(values("trait", tags)) and (kinds & {"vehicle", "person"} or main.prop == "flying_car"):
        return "city"
    is_alone = len(things) == 1 and not _has_air(tags)
    return _alone(main) if is_alone else "landscape" if _is_outdoors(kinds, tags) else "studio"


def _has_air(tags: Sequence[str]) -> bool:
    """A time of day or a weather: the picture is out of doors."""
    return bool(values("time", tags) or values("weather", tags) or "motion:fly" in tags or "trait:moon" in tags)


def _alone(thing: Subject) -> Scene:
    if thing.kind == "animal":
        return "portrait" if thing.count == 1 and subjects.has_face(thing) else "landscape"
    if (thing.kind == "person" and thing.count > 1) or _figure(thing) in (*figure_facts.HOMES, *TREES):
        return "landscape"
    if thing.kind == "plant":
        return "studio" if thing.count == 1 else "landscape"
    return ALONE.get(thing.kind, "landscape")


def _is_outdoors(kinds: Iterable[Kind], tags: Sequence[str]) -> bool:
    return _has_air(tags) or bool(set(kinds) & {*OUTDOORS, "plant"})


def _of_sky(tags: Sequence[str], *, has_text: bool) -> Scene:
    """No place and no thing: a sky, a text, or nothing understood."""
    traits = set(values("trait", tags))
    if STREET_TRAITS & traits:
        return "city"
    if _has_air(tags) or {"sun", "spring"} & traits:
        return "landscape"
    return "logo" if has_text else "abstract"


def ground(tags: Sequence[str], things: Sequence[Subject], scene: Scene, *, has_backdrop: bool) -> Ground:
    """The land: the nearest one named, or where the first thing is at home.

    A portrait before a colour has none but a named one.
    """
    named = cast(list[Ground], values("ground", tags))
    if "sea" in named and "alps" in named:
        return min(("sea", "alps"), key=named.index)
    if named:
        return min(named, key=GROUNDS.index)
    if "weather:snow" in tags:
        return "snow"
    if scene == "portrait" and has_backdrop:
        return "hills"
    homes = [figure_facts.HOMES.get(_figure(thing), "").removeprefix("ground:") for thing in things]
    at_home = next((home for home in homes if home in get_args(Ground)), None)
    is_inland = {"trait:lake", "trait:river"} & set(tags)  # where boats and swans are at home too
    return cast(Ground, at_home) if at_home and not is_inland else _soft_ground(tags, things)


def _soft_ground(tags: Sequence[str], things: Sequence[Subject]) -> Ground:
    """Animals and flowers stand on a meadow; all else among hills."""
    kinds = {thing.kind for thing in things}
    is_wooded = LAND_TRAITS & set(values("trait", tags))
    return "meadow" if kinds & {"animal", "plant", "person"} and not is_wooded else "hills"


def _figure(thing: Subject) -> str:
    return thing.drawing or f"!{thing.prop}"


def time_of_day(tags: Sequence[str], scene: Scene) -> Time:
    """The hour that is named, or the light that the weather or the scene brings."""
    named = cast(list[Time], values("time", tags))
    hour = next((value for value in named if value in HOURS), None)
    is_neon = "trait:neon" in tags and scene in ("city", "skyline")
    if is_neon and hour in (None, "night") and not {"storm", "day"} & set(named):
        return "neon"
    light = next((value for value in (*LIGHTS, "neon") if value in named), None)
    by_weather = [WEATHER_LIGHT[value] for value in values("weather", tags) if value in WEATHER_LIGHT]
    if hour or light or by_weather:
        return hour or light or by_weather[0]
    if scene == "space":
        return "night"
    return "dusk" if scene in ("city", "skyline") and "trait:futuristic" in tags else "day"


def weather(tags: Sequence[str]) -> list[str]:
    """All that is named; a storm has rain."""
    found = values("weather", tags)
    return [*found, "rain"] if "time:storm" in tags and "rain" not in found and "snow" not in found else found


def traits(tags: Sequence[str]) -> list[str]:
    """All that is named; a storm at sea has waves."""
    found = values("trait", tags)
    return [*found, "waves"] if "time:storm" in tags and "ground:sea" in tags else found
