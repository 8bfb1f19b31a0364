"""One module per measurement: `run(lab)` yields the rows of the table. The order here is that of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.lab import Lab
from benchmarks.measurements import (
    complete,
    growth,
    memory,
    pictures,
    poll,
    rows,
    shared,
    sketch,
    start,
    storm,
    submit,
    visible,
    waiting,
    written,
)
from benchmarks.table import Row

Measure = Callable[[Lab], Iterator[Row]]

ALL: dict[str, Measure] = {
    "submit": submit.run,
    "shared": shared.run,
    "poll": poll.run,
    "pictures": pictures.run,
    "complete": complete.run,
    "written": written.run,
    "visible": visible.run,
    "start": start.run,
    "memory": memory.run,
    "waiting": waiting.run,
    "storm": storm.run,
    "rows": rows.run,
    "growth": growth.run,
    "sketch": sketch.run,
}
