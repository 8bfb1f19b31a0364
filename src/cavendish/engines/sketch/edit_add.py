"""A drawn thing put into a photograph: a lit figure, standing where the picture is calmest."""

from __future__ import annotations

import importlib
import types

import numpy as np
from PIL import Image

from cavendish.engines.sketch import art, brief, edit_fit, media
from cavendish.engines.sketch.edit_read import Thing
from cavendish.engines.sketch.field import Plane, resized
from cavendish.imaging.child_main import Refused

HEIGHT = 0.34  # of the shorter side
STANDS = 0.955  # where its feet are, from the top
PLACES = (0.17, 0.30, 0.50, 0.70, 0.83)  # of the width, from which the calmest is taken
CORNER_GAIN = 0.85  # of the interest: a corner is better than the middle
CLIP_TO_FLOOR = 0.30  # how much the lowest part of the picture counts
TEXTURE = 4.0  # of unrest against interest
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "nl", "ru", "ja", "zh", "ko")
GROUPS: dict[int, brief.Kind] = {3: "animal", 4: "food", 5: "vehicle", 6: "object", 7: "object"}
PERSON = ("person", "man", "woman")
PROPS: dict[str, brief.Prop] = {
    **dict.fromkeys(PERSON, "person"),
    "balloon": "balloon",
    "castle": "castle",
    "koi": "koi",
    "lantern": "lantern",
    "lighthouse": "lighthouse",
    "pagoda": "pagoda",
    "robot": "robot",
    "tree": "tree",
    "windmill": "windmill",
}
CANNOT = (
    "The built-in sketch engine has no drawing of the thing to add. Nothing was changed. "
    "Ask for a common animal, plant, food, vehicle or thing, or use another engine."
)


def check(thing: Thing) -> None:
    """Whether there is a drawing of it.

    Raises:
        Refused: there is none.
    """
    if _subject(thing) is None:
        raise Refused(CANNOT)


def add(image: Image.Image, thing: Thing, *, avoid: tuple[float, float]) -> Image.Image:
    """A copy of the picture with the thing in it; `avoid` are the heights, in shares, that have to stay free.

    Raises:
        Refused: there is no drawing of it.
    """
    subject = _subject(thing)
    foot = STANDS if avoid[1] < 1 else avoid[0]
    stamped: Image.Image | None = None
    if subject is not None:
        x = _calmest(_interest(image), image.width / min(image.size))
        stamped = _figures().stamp(image, subject, x=x, y=foot, height=HEIGHT, ambient=_ambient(image))
    if stamped is None:
        raise Refused(CANNOT)
    return stamped


def _interest(image: Image.Image) -> Plane:
    """What would be missed: what draws the eye, and texture, which would make the thing hard to see."""
    eye, texture = edit_fit.saliency(image), edit_fit.unrest(image)
    return eye + TEXTURE * resized(texture, eye.shape[1], eye.shape[0])


def _calmest(interest: Plane, width: float) -> float:
    """Where along the floor the least would be hidden, as a share of the width."""
    floor = interest[int(len(interest) * (1 - HEIGHT - CLIP_TO_FLOOR / 2)) :]
    reach = HEIGHT / width / 2
    costs = [
        float(_part(floor, x - reach, x + reach).mean()) * (CORNER_GAIN if abs(x - 0.5) > 0.25 else 1) for x in PLACES
    ]
    return PLACES[int(np.argmin(costs))]


def _part(plane: Plane, start: float, stop: float) -> Plane:
    columns = plane.shape[1]
    first = min(max(0, int(start * columns)), columns - 1)
    part: Plane = plane[:, first : max(first + 1, int(stop * columns))]
    return part


def _ambient(image: Image.Image) -> tuple[float, float, float]:
    """The picture's own light, kept near white: a figure in a dark picture has to stay visible."""
    mean = media.planes_of(edit_fit.map_copy(image)).mean((1, 2)) / 0.46
    red, green, blue = (float(np.clip(value, 0.62, 1.08)) for value in mean)
    return red, green, blue


def _figures() -> types.ModuleType:
    """The figures, and with them the drawing library, are loaded only where something is drawn."""
    return importlib.import_module("cavendish.engines.sketch.figures")


def _subject(thing: Thing) -> brief.Subject | None:
    """The drawing named so in any language: the whole phrase, then its last and first words."""
    tokens = thing.word.split()
    for name in dict.fromkeys((thing.word, *reversed(tokens))):
        if name in PROPS:
            subject = brief.Subject(name, "object", prop=PROPS[name], colour=thing.colour)
            if _figures().drawing_of(subject) is not None:
                return subject
        if (code := _drawing(name)) is not None:
            kind = GROUPS[art.entries()[code].group]
            return brief.Subject(name, kind, drawing=code, colour=thing.colour)
    return None


def _drawing(name: str) -> str | None:
    forms = [name, name.removesuffix("s"), name.removesuffix("es")]
    for language in LANGUAGES:
        names = art.words(language)
        for form in dict.fromkeys(forms):
            for code in names.codes.get(form, ()):
                entry = art.entries().get(code)
                if entry is not None and entry.drawn and entry.group in GROUPS:
                    return code
    return None
