"""What is there after the start is no longer the garbage collector's; what comes later is."""

from __future__ import annotations

import gc
import weakref

from cavendish.processes import garbage


class _Ring:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_kept_out_and_what_comes_later_is_collected() -> None:
    before = gc.get_freeze_count()
    try:
        garbage.settle()
        assert gc.get_freeze_count() > before + 1000
        later = weakref.ref(_Ring())
        gc.collect()
        assert later() is None
    finally:
        gc.unfreeze()
