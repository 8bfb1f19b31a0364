"""The results for readers: what is found after which damage, and what is found where nothing is."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from tests.marks import damage

from cavendish.marks.watermark import PIXELS_MIN, SIDE_MIN, reader

Result = dict[str, Any]

_TEXT = """# What the watermark survives

For operators, and for whoever asks how good the second layer of marks is. Written by `make marks`: {pictures}
pictures are marked and damaged, and {unmarked:,} pictures and parts of pictures without a mark are looked at.

It is **no proof against removal**. Whoever wants it gone can remove it, as they can any watermark; whoever has marked
pictures of one service can carry its mark over to others. A picture in which nothing is found may still be made by a
machine.

## What is read

How many of the pictures gave the right number after the damage. {wrong} gave a wrong one.

{table}

The photographs are those of scikit-image, most of them of a quarter of a megapixel: half of their sides is a thumbnail.
Pictures with fewer than {pixels_min:,} pixels, or a side under {side_min}, carry no mark. One colour without any detail
carries a mark that JPEG removes.

As a rule not found: what is turned by more than a third of a degree other than by quarters, stretched in one direction
or bent, photographed from a screen at an angle, or drawn anew by a model.

## How much of a picture it changes

| | decibels (PSNR), least | middle | processor time, middle |
|---|---|---|---|
{changes}

## What is found where nothing is

A mark is read if chance has at most one in a million for it: the score of the best of all {claims:.1e} claims (scales,
turns, offsets and numbers) has to be {needed:.1f} or more. The bound is Hoeffding's inequality over the secret coins of
the key and holds for every picture; `marks/watermark/reader.py` derives it. Several keys multiply it.

| | |
|---|---|
| Pictures and parts looked at | {unmarked:,} |
| Marks found | {found} |
| Highest score | {highest:.2f} |
| Processor time for one, middle | {seconds:.2f} s |
"""


def written(results: Sequence[Result]) -> str:
    unmarked = [reading for result in results for reading in result["unmarked"]]
    groups = _groups(results)
    return _TEXT.format(
        pictures=len(results),
        unmarked=len(unmarked),
        wrong=_word(sum(found == "wrong" for result in results for found in result["found"].values())),
        table=_table(groups),
        pixels_min=PIXELS_MIN,
        side_min=SIDE_MIN,
        changes="\n".join(_change(group, members) for group, members in groups.items()),
        claims=reader.CLAIMS,
        needed=reader.SCORE_MIN,
        found=sum(reading["found"] for reading in unmarked),
        highest=max(reading["score"] for reading in unmarked),
        seconds=statistics.median(reading["seconds"] for reading in unmarked),
    )


def _groups(results: Iterable[Result]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result["group"], []).append(result)
    return groups


def _table(groups: dict[str, list[Result]]) -> str:
    head = [f"| After | {' | '.join(groups)} |", f"|---{'|---' * len(groups)}|"]
    needed = [_row(name, groups) for name in damage.NEEDED]
    beyond = [_row(name, groups) for name in damage.BEYOND]
    return "\n".join([*head, *needed, f"| *not promised:*{' |' * len(groups)} |", *beyond])


def _row(name: str, groups: dict[str, list[Result]]) -> str:
    cells = [
        f"{sum(result['found'][name] == 'right' for result in members)} of {len(members)}"
        for members in groups.values()
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _change(group: str, members: list[Result]) -> str:
    decibels = [result["decibels"] for result in members]
    milliseconds = 1000 * statistics.median(result["embed_seconds"] for result in members)
    return f"| {group} | {min(decibels):.1f} | {statistics.median(decibels):.1f} | {milliseconds:.0f} ms |"


def _word(count: int) -> str:
    return "None" if count == 0 else str(count)
