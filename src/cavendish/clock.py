"""Durations inside one process. Leases, limits, deadlines and money use the database's `cavendish_now()` instead."""

from __future__ import annotations

import time


def monotonic() -> float:
    """Seconds that never go backwards."""
    return time.monotonic()


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self._start
