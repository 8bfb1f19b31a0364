"""A drawn thing put into a photograph: a lit figure, standing where the picture is calmest."""

from __future__ import annotations

import dataclasses
import importlib
import types

import numpy as np
from PIL import Image

from cavendish.children.main import Refused
from cavendish_sketch.canvas.field import Plane, resized
from cavendish_sketch.edit import fit, instructions, media
from cavendish_sketch.edit.instructions import Thing
from cavendish_sketch.language import brief, prompts

HEIGHT = 0.34  # of the shorter side
STANDS = 0.955  # where its feet are, from the top
PLACES = (0.17, 0.30, 0.50, 0.70, 0.83)  # of the width, from which the calmest is taken
CORNER_GAIN = 0.85  # of the interest: a corner is better than the middle
CLIP_TO_FLOOR = 0.30  # how much the lowest part of the picture counts
TEXTURE = 4.0  # of unrest against interest
SHOALS = ("koi",)  # read as several unless counted: one is drawn
CANNOT = (
    "The built-in sketch engine has no drawing of the thing to add. Nothing was changed. "
    "Ask for a common animal, plant, food, vehicle or thing, or use another engine."
)


def check(thing: Thing) -> None:
    """Whether there is a drawing of it.

    Raises:
        Refused: there is none, or it is more than one thing.
    """
    if len(_subjects(thing)) > 1:
        raise Refused(instructions.ONE_AT_A_TIME)
    subject = _subject(thing)
    if subject is None:
        raise Refused(CANNOT)
    if subject.count > 1:
        raise Refused(instructions.ONE_AT_A_TIME)


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
    eye, texture = fit.saliency(image), fit.unrest(image)
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
    mean = media.planes_of(fit.map_copy(image)).mean((1, 2)) / 0.46
    red, green, blue = (float(np.clip(value, 0.62, 1.08)) for value in mean)
    return red, green, blue


def _figures() -> types.ModuleType:
    """The figures, and with them the drawing library, are loaded only where something is drawn."""
    return importlib.import_module("cavendish_sketch.canvas.figures")


def _subject(thing: Thing) -> brief.Subject | None:
    """The thing as a prompt in draw mode would have it; None where there is no drawing."""
    subject = next(iter(_subjects(thing)), None)
    if subject is None or _figures().drawing_of(subject) is None:
        return None
    return dataclasses.replace(subject, count=1) if subject.prop in SHOALS else subject


def _subjects(thing: Thing) -> tuple[brief.Subject, ...]:
    return prompts.read(thing.phrase).subjects
