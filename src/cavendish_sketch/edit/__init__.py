"""Edit mode: fit one picture to a size or arrange several, then change them as the instruction says."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image

from cavendish.children.main import Refused
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.png import Rows
from cavendish_sketch.edit import add, caption, collage, fit, instructions, styles, words
from cavendish_sketch.edit.fit import Size
from cavendish_sketch.edit.instructions import Plan

__all__ = ["Plan", "carry_out", "notes", "plan", "warnings"]

FORMATS = ("PNG", "JPEG")
FITTED, CHANGED = 0.4, 0.95  # of the work, as reported
# A mean difference below this, in levels of 255, cannot be seen: the picture would come back as it was.
SAME_LEVELS = 0.35
SAME_SHAPE = 0.01  # of width to height: nothing is cut off, and nothing has to be continued

Look = Callable[[float, Image.Image], None]

plan = instructions.plan


def warnings(plan: Plan) -> list[str]:
    return [f"Of the instruction, the sketch engine followed: {', '.join(plan.followed)}."]


def notes(plan: Plan) -> Mapping[str, list[str]]:
    """Which words of the instruction had an effect, and which had none."""
    return {"understood": list(plan.understood), "ignored": list(plan.ignored)}


def _unseen(part: float, image: Image.Image) -> None:
    return None


def carry_out(
    plan: Plan,
    blobs: Sequence[bytes],
    size: Size,
    chance: bytes,
    report: Callable[[float], None],
    look: Look = _unseen,
) -> Rows:
    """The edited picture as pixels. `look` sees it before each change that is still to come.

    Raises:
        Refused: the picture would come back unchanged, or a caption or a thing cannot be drawn.
    """
    dice = Dice(chance)
    _check_words(plan)
    image = _arranged(plan, blobs, size, dice, lambda part: report(FITTED * part))
    before = _before(plan, blobs, size, image)
    report(FITTED)
    later = [name for name in plan.operators if words.OPERATORS[name].stage != "turn"]
    changes = len(later) + _adds(plan)
    for step, name in enumerate(later):
        look((step + 0.5) / changes, image)
        image = styles.OPERATORS[name](image, dice)
        report(FITTED + (CHANGED - FITTED) * (step + 1) / len(later))
    if _adds(plan):
        look((len(later) + 0.5) / changes, image)
    image = _finished(image, plan, dice)
    if _unchanged(plan, before, _sample(image), blobs, size):
        raise Refused(
            "The picture would come back as it is: it already looks the way that is asked for. Ask for another look."
        )
    return np.asarray(image)


def _check_words(plan: Plan) -> None:
    """Before any work: what cannot be set or drawn refuses the whole edit."""
    if plan.caption is not None:
        caption.check(plan.caption.text)
    if plan.thing is not None:
        add.check(plan.thing)


def _arranged(
    plan: Plan, blobs: Sequence[bytes], size: Size, dice: Dice, report: Callable[[float], None]
) -> Image.Image:
    turns = [name for name in plan.operators if words.OPERATORS[name].stage == "turn"]
    opened = [functools.partial(_turned, blob, turns=turns, dice=dice) for blob in blobs]
    if len(blobs) == 1:
        return _fitted(opened[0](size), size, plan.layout)
    if plan.layout == "blend":
        return collage.blend(opened, size, report)
    return collage.collage(opened, [_shape(blob, turns) for blob in blobs], size, report)


def _adds(plan: Plan) -> bool:
    return plan.thing is not None or plan.caption is not None


def _finished(image: Image.Image, plan: Plan, dice: Dice) -> Image.Image:
    if plan.thing is not None:
        image = add.add(image, plan.thing, avoid=_caption_rows(plan))
    if plan.caption is not None:
        image = caption.caption(image, plan.caption.text, top=plan.caption.top)
    return image


def _caption_rows(plan: Plan) -> tuple[float, float]:
    """From and to which height a caption lies, in shares of the picture."""
    if plan.caption is None:
        return 0.0, 0.0
    return (0.0, caption.ROOM) if plan.caption.top else (1 - caption.ROOM, 1.0)


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
    if layout == "extend" and _is_same(stretch):
        return fit.whole(image, size, share=fit.FARTHER)
    if layout == "extend" or (layout in (None, "resize") and max(stretch, 1 / stretch) > fit.CROP_MAX):
        return fit.whole(image, size)
    return fit.covering(image, size, closer=layout == "closer")


def _is_same(stretch: float) -> bool:
    """One shape against another, by the quotient of the two."""
    return abs(stretch - 1) < SAME_SHAPE


def _before(plan: Plan, blobs: Sequence[bytes], size: Size, image: Image.Image) -> Rows:
    """What to compare with: one picture as it would be fitted without its turns, for a symmetric one stays the same."""
    turned = any(words.OPERATORS[name].stage == "turn" for name in plan.operators)
    if len(blobs) > 1 or not turned:
        return _sample(image)
    return _sample(_fitted(_opened(blobs[0], size), size, plan.layout))


def _sample(image: Image.Image) -> Rows:
    """A pixel in each block of a few: enough to see whether anything changed."""
    step = max(1, min(image.size) // 400)
    return np.asarray(image)[::step, ::step].copy()


def _unchanged(plan: Plan, before: Rows, after: Rows, blobs: Sequence[bytes], size: Size) -> bool:
    if plan.operators or _adds(plan):
        arranged = len(blobs) > 1 and any(words.OPERATORS[name].stage == "turn" for name in plan.operators)
        return not arranged and float(np.abs(before.astype(np.int16) - after).mean()) < SAME_LEVELS
    if len(blobs) > 1:
        return False
    if plan.layout == "crop":
        return _is_same(_shape(blobs[0], ()) / (size[0] / size[1]))
    return plan.layout == "resize" and Image.open(io.BytesIO(blobs[0]), formats=FORMATS).size == size
