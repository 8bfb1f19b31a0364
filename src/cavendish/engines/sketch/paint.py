"""Child side of the sketch engine: operations that turn a prompt, or pictures and an instruction, into PNG bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np

from cavendish import models
from cavendish.engines.sketch import compose, edit, marks, png, words
from cavendish.engines.sketch.field import Dice
from cavendish.engines.sketch.png import Rows
from cavendish.engines.sketch.sheet import Sheet
from cavendish.imaging import child_main
from cavendish.imaging.child_main import Json, Progress, Reply

# Shares of the work at 2K, measured: reading, painting, developing.
PAINTED, FIXED, DONE = 55, 65, 99
STRIP_ROWS = 256


def draw(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """A picture for a prompt: `prompt`, `seed`, `ratio` and `quality`."""
    report = _steadily(progress)
    quality = models.Quality(arguments["quality"])
    width, height = models.pixels(arguments["ratio"], models.Quality.ONE_K)
    design = words.read(arguments["prompt"])
    report(5)
    dice = Dice(_chance(arguments))
    sheet = Sheet.of(width, height)
    sheet.expose(compose.paint(design, dice, width, height, lambda part: report(5 + part * (PAINTED - 5))))
    report(FIXED)
    size = width * quality.scale, height * quality.scale
    strips = _reported(sheet.strips(quality.scale, dice), size[1], report)
    return {}, [png.write(*size, strips, texts=marks.texts(arguments["seed"]), xmp=marks.XMP)]


def alter(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """Pictures in `blobs` brought to a ratio and quality and changed as the `prompt` says.

    Raises:
        Refused: the instruction holds no word that is understood.
    """
    report = _steadily(progress)
    plan = edit.plan(arguments["prompt"], pictures=len(blobs))
    size = models.pixels(arguments["ratio"], models.Quality(arguments["quality"]))
    picture = edit.carry_out(plan, blobs, size, _chance(arguments), lambda part: report(5 + part * (FIXED - 5)))
    report(FIXED)
    strips = (picture[row : row + STRIP_ROWS] for row in range(0, size[1], STRIP_ROWS))
    data = png.write(*size, _reported(strips, size[1], report), texts=marks.texts(arguments["seed"]), xmp=marks.XMP)
    return {"warnings": edit.warnings(plan)}, [data]


def _chance(arguments: Json) -> bytes:
    # Without the quality: 1K, 2K and 4K show the same picture.
    return hashlib.sha256(f"{arguments['seed']}\n{arguments['ratio']}\n{arguments['prompt']}".encode()).digest()


def _reported(strips: Iterator[Rows], height: int, report: Callable[[float], None]) -> Iterator[Rows]:
    done = 0
    for strip in strips:
        yield np.ascontiguousarray(strip)
        done += len(strip)
        report(FIXED + (DONE - FIXED) * done / height)


def _steadily(progress: Progress) -> Callable[[float], None]:
    """Whole percents that only rise: a frame for each step of a loop would be noise."""
    last = -1

    def report(percent: float) -> None:
        nonlocal last
        if int(percent) > last:
            last = int(percent)
            progress(last)

    return report


OPERATIONS = {"draw": draw, "alter": alter}

if __name__ == "__main__":
    child_main.serve(OPERATIONS)
