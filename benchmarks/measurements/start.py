"""From the command to an answer that says ready: with nothing there yet, and with a database that exists."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from tests.harness.processes import Starter

from benchmarks import lab as labs
from benchmarks import load
from benchmarks.lab import Lab
from benchmarks.table import Row, at_most

_TIMES = 3
_SECONDS_MAX = 60.0  # on a busy machine fewer times will do
_WORKER_SECONDS = 20.0

_Times = tuple[float, float]  # seconds until the API is ready, and until the worker is too


def run(lab: Lab) -> Iterator[Row]:
    firsts: list[_Times] = []
    laters: list[_Times] = []
    watch = time.perf_counter()
    for number in range(_TIMES):
        if time.perf_counter() - watch > _SECONDS_MAX:
            break
        folder = lab.folder / f"start-{number}"
        folder.mkdir(mode=0o755)
        starter = Starter(load.ROOT, folder)
        try:
            firsts.append(_started(starter))
            laters.append(_started(starter))
        finally:
            starter.stop_all()
            labs.remove(folder)
    yield _row("start, empty data directory", firsts, 3.0)
    yield _row("start, later", laters, 1.5)


def _started(starter: Starter) -> _Times:
    start = time.perf_counter()
    served = starter(**labs.environment("instant"))
    ready = time.perf_counter() - start
    while "worker ready" not in served.log.read_text() and time.perf_counter() - start < _WORKER_SECONDS:
        time.sleep(0.01)
    worker_ready = time.perf_counter() - start
    served.stop()
    return ready, max(ready, worker_ready)


def _row(name: str, times: list[_Times], bound: float) -> Row:
    api = statistics.median(time[0] for time in times)
    worker = statistics.median(time[1] for time in times)
    detail = f"median of {len(times)}; the worker was ready after {worker:.2f} s"
    return Row(name, api, "s", at_most(bound), detail=detail)
