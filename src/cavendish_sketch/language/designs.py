"""From a prompt to a design: find known words, choose a family, mix a palette. Nothing here draws."""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.field import Dice, Plane, mix
from cavendish_sketch.language import wordlists
from cavendish_sketch.language.brief import Design
from cavendish_sketch.language.tables import colour_words, compositions
from cavendish_sketch.language.tables.compositions import Scheme

COLOURS_MAX = 5
RAMP_STOPS = 6
# Lightness of a ramp made from named colours: as the hand-made ramps are spread.
LIGHTNESS = (0.17, 0.31, 0.47, 0.64, 0.80, 0.95)
NIGHT_LIGHTNESS = (0.11, 0.21, 0.34, 0.50, 0.68, 0.90)
COLOUR_SHARE = 0.78  # of named colours against the scheme's own
PLACE = 3  # the weight of a family that is a place
TINT_SHARE = 0.16  # of a thing's colours in the light it stands in
# Lights lean to yellow and shadows away from it, as in daylight: a light red is coral, not pink. Radians.
HUE_SHIFT, YELLOW = 0.75, 1.85
TOKEN = re.compile(r"[^\W\d_]+")

_COLOURS = wordlists.index(colour_words.COLOURS)
_SCHEMES = wordlists.index({name: scheme.words for name, scheme in compositions.SCHEMES.items()})
_FAMILIES = wordlists.index({name: words for name, (_, words) in compositions.FAMILIES.items()})
_TRAITS = wordlists.index(compositions.TRAITS)
_PHRASES = re.compile(r"\b(" + "|".join(sorted(compositions.PHRASES, key=len, reverse=True)) + r")\b")


def read(prompt: str) -> Design:
    """What a prompt asks for. The same prompt always gives the same design; what it leaves open, `decided` decides."""
    text = _PHRASES.sub(lambda match: compositions.PHRASES[match[0]], wordlists.fold(prompt))
    tokens = TOKEN.findall(text)
    places = _FAMILIES.calls(tokens, text)
    family = _family([name for _, name in places])
    colours = list(dict.fromkeys(key for _, key in _COLOURS.calls(tokens, text)))[:COLOURS_MAX]
    family_words = {word for word, name in places if name == family and compositions.FAMILIES[name][0] == PLACE}
    schemes = _in_order(_SCHEMES.calls(tokens, text), family_words)
    night = any(scheme.night for scheme in schemes) and not _is_day(schemes)
    ramp = _ramp(schemes, colours, night=night)
    return Design(
        family=family,
        ramp=ramp,
        accents=_accents(schemes, colours, ramp),
        light=_light(schemes),
        night=night,
        traits=frozenset(key for _, key in _TRAITS.calls(tokens, text)),
        named=len(colours),
    )


def decided(design: Design, dice: Dice) -> Design:
    """The same with a family and colours: chance, and no word, decides what no word has named."""
    if design.family is None:
        several = compositions.FAMILIES_OF_COLOURS if design.named > 1 else compositions.FAMILIES_WITHOUT_WORDS
        design = dataclasses.replace(design, family=dice.pick(several))
    if design.ramp:
        return design
    scheme = dice.pick(list(compositions.SCHEMES.values()))
    ramp = _ramp([scheme], [], night=scheme.night)
    return dataclasses.replace(
        design, ramp=ramp, accents=_accents([scheme], [], ramp), light=_light([scheme]), night=scheme.night
    )


def _in_order(called: list[tuple[str, str]], family_words: set[str]) -> list[Scheme]:
    """Time and weather first, then what the family's own words call ("desert" before "truck"), then the rest."""
    own = {name for word, name in called if word in family_words}
    names = sorted(
        dict.fromkeys(name for _, name in called),
        key=lambda name: (-compositions.SCHEMES[name].lights, name not in own),
    )
    return [compositions.SCHEMES[name] for name in names]


def _is_day(schemes: list[Scheme]) -> bool:
    """ "A neon city at sunset" is no night, though neon alone would make one."""
    lit = [scheme for scheme in schemes if scheme.lights]
    return bool(lit) and not any(scheme.night for scheme in lit)


def _family(found: list[str]) -> str | None:
    """The weightiest family named, then the one named most often, then the first."""
    if not found:
        return None
    return max(dict.fromkeys(found), key=lambda name: (compositions.FAMILIES[name][0], found.count(name)))


def _ramp(schemes: list[Scheme], colours: list[str], *, night: bool) -> tuple[str, ...]:
    """The first scheme's ramp; light is tinted by the first thing in it, and named colours turn all of it.

    Nothing where neither is named.
    """
    base = _stops(schemes[0]) if schemes else None
    if len(schemes) > 1 and schemes[0].lights:
        base = _tinted(_stops(schemes[0]), _stops(schemes[1]), TINT_SHARE)
    if not colours:
        return () if base is None else tuple(colour.to_hex(base))
    named = _colour_stops(colours, NIGHT_LIGHTNESS if night else LIGHTNESS)
    return tuple(colour.to_hex(named if base is None else _tinted(base, named, COLOUR_SHARE)))


def _tinted(first: Plane, second: Plane, share: float) -> Plane:
    """A mixture that is as colourful as its parts: half orange and half blue would otherwise be grey."""
    mixed = mix(first, second, share)
    wanted = mix(_chroma(first), _chroma(second), share)
    gain = np.clip(wanted / np.maximum(_chroma(mixed), 1e-4), 1, 2.5)
    return np.concatenate([mixed[:, :1], mixed[:, 1:] * gain], 1)


def _chroma(labs: Plane) -> Plane:
    return np.hypot(labs[:, 1:2], labs[:, 2:3])


def _stops(scheme: Scheme) -> Plane:
    return colour.to_lab(colour.linear(scheme.ramp.split()))


def _colour_stops(colours: list[str], lightness: tuple[float, ...]) -> Plane:
    """A ramp through named colours, the darkest first, at fixed steps of lightness."""
    labs = colour.to_lab(colour.linear(colours))
    labs = labs[np.argsort(labs[:, 0])]
    # One very dark or very light colour alone keeps its darkness: "black" is not a mid grey.
    shift = 0.45 * (float(labs[:, 0].mean()) - 0.58)
    place = np.linspace(0, len(labs) - 1, RAMP_STOPS)
    hues = [np.interp(place, np.arange(len(labs)), labs[:, axis]) for axis in (1, 2)]
    own = np.interp(place, np.arange(len(labs)), labs[:, 0])
    steps = np.clip(np.array(lightness) + shift, 0.06, 0.97)
    # Chroma fades away from a colour's own lightness, as paint does when it is shaded or thinned.
    chroma = np.hypot(*hues) * np.clip(1 - np.abs(steps - own) * 0.85, 0.35, 1)
    hue = np.arctan2(hues[1], hues[0])
    hue += HUE_SHIFT * (steps - own) * np.sign(np.sin(YELLOW - hue))
    return np.stack([steps, chroma * np.cos(hue), chroma * np.sin(hue)], 1)


def _accents(schemes: list[Scheme], colours: list[str], ramp: tuple[str, ...]) -> tuple[str, ...]:
    things_first = sorted(schemes, key=lambda scheme: scheme.lights)
    own = [accent for scheme in things_first[:2] for accent in scheme.accents.split()[:3]]
    if colours:
        own = [*colours, ramp[4], ramp[3], *(own[:1] if len(colours) == 1 else ())]
    return tuple(dict.fromkeys(own))[:5]


def _light(schemes: list[Scheme]) -> str:
    lit = [scheme.light for scheme in schemes if scheme.lights]
    return (lit + [scheme.light for scheme in schemes] + ["fff8ee"])[0]
