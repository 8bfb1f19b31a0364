"""Child side of the sketch engine: operations that turn a prompt, or pictures and an instruction, into PNG bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from cavendish import models
from cavendish.children import main
from cavendish.children.main import Json, Progress, Reply
from cavendish_sketch import chance, edit, notes, previews, stage
from cavendish_sketch.canvas import marks, png
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.png import Rows
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.edit import styles
from cavendish_sketch.language import prompts
from cavendish_sketch.previews import Previews
from cavendish_sketch.scenes import shown

# Shares of the work at 2K, measured: read, drawn, written.
READ, FIXED, DONE = 5, 65, 99
STRIP_ROWS = 256


def draw(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """A picture for a prompt: `prompt`, `seed`, `ratio` and `quality`; and unfinished ones, so many as `previews`."""
    report = _Steady(progress)
    unfinished = Previews(arguments.get("previews", 0), report.show)
    quality = models.Quality(arguments["quality"])
    width, height = models.pixels(arguments["ratio"], models.Quality.ONE_K)
    reading = prompts.reading(arguments["prompt"])
    report(READ)
    brief = shown.of(reading.brief)
    dice = Dice(chance.of_picture(brief, seed=arguments["seed"], ratio=arguments["ratio"]))

    def look(part: float, sheet: Sheet) -> None:
        unfinished.look(part, lambda: previews.of_draft(sheet.draft))

    sheet, warnings = stage.staged(brief, dice, width, height, lambda part: report(READ + part * (FIXED - READ)), look)
    report(FIXED)
    size = width * quality.scale, height * quality.scale
    strips = sheet.strips(quality.scale, dice)
    if brief.style is not None:
        strips = _styled(strips, brief.style, dice)
    data = png.write(*size, _reported(strips, size[1], report), texts=marks.texts(arguments["seed"]), xmp=marks.XMP)
    said = notes.of(reading)
    answer = {"understood": list(said.understood), "ignored": list(said.ignored)}
    return {"warnings": list(warnings), "notes": answer}, [data]


def alter(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """Pictures in `blobs` brought to a ratio and quality and changed as the `prompt` says.

    Raises:
        Refused: a part of the instruction cannot be done, none of it is understood, or it would change nothing.
    """
    report = _Steady(progress)
    unfinished = Previews(arguments.get("previews", 0), report.show)
    plan = edit.plan(arguments["prompt"], pictures=len(blobs))
    size = models.pixels(arguments["ratio"], models.Quality(arguments["quality"]))
    luck = chance.of_edit(plan, seed=arguments["seed"], ratio=arguments["ratio"])

    def look(part: float, image: Image.Image) -> None:
        unfinished.look(part, lambda: previews.of_image(image))

    picture = edit.carry_out(plan, blobs, size, luck, lambda part: report(5 + part * (FIXED - 5)), look)
    report(FIXED)
    strips = (picture[row : row + STRIP_ROWS] for row in range(0, size[1], STRIP_ROWS))
    data = png.write(*size, _reported(strips, size[1], report), texts=marks.texts(arguments["seed"]), xmp=marks.XMP)
    return {"warnings": edit.warnings(plan), "notes": edit.notes(plan)}, [data]


def _styled(strips: Iterator[Rows], style: str, dice: Dice) -> Iterator[Rows]:
    """The finished picture under one of the looks of edit mode."""
    picture = np.asarray(styles.OPERATORS[style](Image.fromarray(np.concatenate(list(strips))), dice))
    for row in range(0, len(picture), STRIP_ROWS):
        yield picture[row : row + STRIP_ROWS]


def _reported(strips: Iterator[Rows], height: int, report: Callable[[float], None]) -> Iterator[Rows]:
    done = 0
    for strip in strips:
        yield np.ascontiguousarray(strip)
        done += len(strip)
        report(FIXED + (DONE - FIXED) * done / height)


class _Steady:
    """Whole percents that only rise: a frame for each step of a loop would be noise."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last = -1

    def __call__(self, percent: float) -> None:
        if int(percent) > self._last:
            self._last = int(percent)
            self._progress(self._last)

    def show(self, data: bytes) -> None:
        """Something of the result, at the percent that was told last."""
        self._progress(max(self._last, 0), data)


OPERATIONS = {"draw": draw, "alter": alter}

if __name__ == "__main__":
    main.serve(OPERATIONS)
