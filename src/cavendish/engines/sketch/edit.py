"""Edit mode: fit one picture to a size or arrange several, then change them as the instruction says."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image

from cavendish.engines.sketch import edit_add, edit_caption, edit_collage, edit_fit, edit_read, edit_words, styles
from cavendish.engines.sketch.edit_fit import Size
from cavendish.engines.sketch.edit_read import Plan
from cavendish.engines.sketch.field import Dice
from cavendish.engines.sketch.png import Rows
from cavendish.imaging.child_main import Refused

__all__ = ["Plan", "carry_out", "notes", "plan", "warnings"]

FORMATS = ("PNG", "JPEG")
FITTED, CHANGED = 0.4, 0.95  # of the work, as reported
# A mean difference below this, in levels of 255, cannot be seen: the picture would come back as it was.
SAME_LEVELS = 0.35
SAME_SHAPE = 0.01

plan = edit_read.plan


def warnings(plan: Plan) -> list[str]:
    return [f"Of the instruction, the sketch engine followed: {', '.join(plan.followed)}."]


def notes(plan: Plan) -> Mapping[str, list[str]]:
    """Which words of the instruction had an effect, and which had none."""
    return {"understood": list(plan.understood), "ignored": list(plan.ignored)}


def carry_out(plan: Plan, blobs: Sequence[bytes], size: Size, chance: bytes, report: Callable[[float], None]) -> Rows:
    """The edited picture as pixels.

    Raises:
        Refused: the picture would come back unchanged, or a caption or a thing cannot be drawn.
    """
    dice = Dice(chance)
    _check_words(plan)
    image = _arranged(plan, blobs, size, dice, lambda part: report(FITTED * part))
    before = _sample(image)
    report(FITTED)
    later = [name for name in plan.operators if edit_words.OPERATORS[name].stage != "turn"]
    for step, name in enumerate(later):
        image = styles.OPERATORS[name](image, dice)
        report(FITTED + (CHANGED - FITTED) * (step + 1) / len(later))
    image = _finished(image, plan, dice)
    if _unchanged(plan, before, _sample(image), len(blobs) == 1 and _same_size(blobs[0], size)):
        raise Refused(
            "The picture would come back as it is: it already looks the way that is asked for. Ask for another look."
        )
    return np.asarray(image)


def _check_words(plan: Plan) -> None:
    """Before any work: what cannot be set or drawn refuses the whole edit."""
    if plan.caption is not None:
        edit_caption.check(plan.caption.text)
    if plan.thing is not None:
        edit_add.check(plan.thing)


def _arranged(
    plan: Plan, blobs: Sequence[bytes], size: Size, dice: Dice, report: Callable[[float], None]
) -> Image.Image:
    turns = [name for name in plan.operators if edit_words.OPERATORS[name].stage == "turn"]
    opened = [functools.partial(_turned, blob, turns=turns, dice=dice) for blob in blobs]
    if len(blobs) == 1:
        return _fitted(opened[0](size), size, plan.layout)
    if plan.layout == "blend":
        return edit_collage.blend(opened, size, report)
    return edit_collage.collage(opened, [_shape(blob, turns) for blob in blobs], size, report)


def _finished(image: Image.Image, plan: Plan, dice: Dice) -> Image.Image:
    if plan.thing is not None:
        image = edit_add.add(image, plan.thing, avoid=_caption_rows(plan))
    if plan.caption is not None:
        image = edit_caption.caption(image, plan.caption.text, top=plan.caption.top)
    return image


def _caption_rows(plan: Plan) -> tuple[float, float]:
    """From and to which height a caption lies, in shares of the picture."""
    if plan.caption is None:
        return 0.0, 0.0
    return (0.0, edit_caption.ROOM) if plan.caption.top else (1 - edit_caption.ROOM, 1.0)


def _turned(blob: bytes, size: Size, *, turns: Sequence[str], dice: Dice) -> Image.Image:
    image = _opened(blob, size if not turns else (max(size), max(size)))
    for name in turns:
        image = styles.OPERATORS[name](image, dice)
    return image


def _opened(blob: bytes, size: Size) -> Image.Image:
    """RGB on white, at most as large as needed."""
    file = Image.open(io.BytesIO(blob), formats=FORMATS)
    file.draft("RGB", size)
    if not file.has_transparency_data:
        return file.convert("RGB")
    paper, picture = Image.new("RGB", file.size, "white"), file.convert("RGBA")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _shape(blob: bytes, turns: Sequence[str]) -> float:
    image = Image.open(io.BytesIO(blob), formats=FORMATS)
    shape = image.width / image.height
    return 1 / shape if {"quarter", "quarterleft"} & set(turns) else shape


def _fitted(image: Image.Image, size: Size, layout: str | None) -> Image.Image:
    stretch = (image.width / image.height) / (size[0] / size[1])
    if layout == "extend" or (layout in (None, "resize") and max(stretch, 1 / stretch) > edit_fit.CROP_MAX):
        return edit_fit.whole(image, size)
    return edit_fit.covering(image, size, closer=layout == "closer")


def _same_size(blob: bytes, size: Size) -> bool:
    """Nothing is gained by crop, extend or resize: it has the very size already."""
    image = Image.open(io.BytesIO(blob), formats=FORMATS)
    return image.size == size


def _sample(image: Image.Image) -> Rows:
    """A pixel in each block of a few: enough to see whether anything changed."""
    step = max(1, min(image.size) // 400)
    return np.asarray(image)[::step, ::step].copy()


def _unchanged(plan: Plan, before: Rows, after: Rows, same_size: bool) -> bool:
    if plan.layout in edit_words.SEVERAL and not plan.operators and plan.thing is None and plan.caption is None:
        return False
    same = float(np.abs(before.astype(np.int16) - after).mean()) < SAME_LEVELS
    turned = any(edit_words.OPERATORS[name].stage == "turn" for name in plan.operators)
    if not plan.operators and plan.thing is None and plan.caption is None:
        return same_size and plan.layout != "closer"
    return same and not turned
