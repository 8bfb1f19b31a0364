"""One picture: marked and damaged in every way, and cut and damaged in many ways without a mark."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tests.marks import damage, mark_pictures

from benchmarks.marks.pictures import Subject
from cavendish.marks import watermark
from cavendish.marks.watermark import reader

KEY = b"a key of the measurement, as long as those of a service"
UNMARKED_SIDE_MIN = 96


def to_file(entry: tuple[Subject, int, Path]) -> str:
    """What a child process does: a subject, how many pictures without a mark, and where the results go."""
    subject, unmarked, file = entry
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(measured(subject, unmarked)))
    partial.replace(file)
    return subject.name


def measured(subject: Subject, unmarked: int) -> dict[str, Any]:
    """All that is found out about a subject, fit for JSON; empty where there is no picture."""
    picture = subject.picture()
    if picture is None:
        return {}
    chance = random.Random(subject.name)
    return {"group": subject.group, **_marked(picture, chance), "unmarked": _unmarked(picture, chance, unmarked)}


def _marked(picture: Image.Image, chance: random.Random) -> dict[str, Any]:
    pixels = np.asarray(picture)
    payload = chance.getrandbits(watermark.PAYLOAD_BITS)
    start = time.process_time()
    marked = watermark.embed(pixels, payload, KEY)
    seconds = time.process_time() - start
    found = {name: _found(step(Image.fromarray(marked)), payload) for name, step in damage.ALL.items()}
    return {
        "pixels": picture.width * picture.height,
        "embed_seconds": seconds,
        "decibels": mark_pictures.decibels(pixels, marked),
        "found": found,
    }


def _found(image: Image.Image, payload: int) -> str:
    """right, wrong or none."""
    found = watermark.detect(np.asarray(image), KEY)
    if found is None:
        return "none"
    return "right" if found.payload == payload else "wrong"


def _unmarked(picture: Image.Image, chance: random.Random, count: int) -> list[dict[str, Any]]:
    """The picture, then parts of it in other sizes, half of them through JPEG."""
    readings = []
    for number in range(count):
        image = _part(picture, chance) if number else picture
        start = time.process_time()
        reading = reader.best(np.asarray(image), KEY)
        seconds = time.process_time() - start
        readings.append({"score": reading.score, "p": reading.p_value, "seconds": seconds})
        readings[-1]["found"] = reader.convincing(reading)
    return readings


def _part(picture: Image.Image, chance: random.Random) -> Image.Image:
    width, height = (max(UNMARKED_SIDE_MIN, round(side * chance.uniform(0.2, 1))) for side in picture.size)
    left, top = chance.uniform(0, picture.width - width), chance.uniform(0, picture.height - height)
    part = picture.crop((int(left), int(top), int(left) + width, int(top) + height))
    scale = max(chance.uniform(0.4, 1.3) * min(1.0, 1400 / max(part.size)), 64 / min(part.size))
    part = damage.scaled(part, by=scale, how=chance.choice(list(Image.Resampling)[:4]))
    return damage.saved(part, kind="JPEG", quality=chance.randint(40, 95)) if chance.random() < 0.5 else part
