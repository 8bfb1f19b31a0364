"""Two API processes on the same accounts, against one of them alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from benchmarks import lab as labs
from benchmarks.lab import Lab, Site
from benchmarks.load import Load
from benchmarks.table import Row, at_least, at_most

_ACCOUNTS = 20
_CONNECTIONS = 32  # of each process


@dataclass(frozen=True, slots=True)
class _Together:
    rate: float
    p99_ms: float
    processor_us: float  # of PostgreSQL, per submission


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "shared", worker=False, account_count=_ACCOUNTS) as site:
        other = replace(site, served=site.starter("--no-worker", **labs.environment("instant")))
        both, read = (site, other), site.meter()
        _driven(lab, both, read, 1.0)
        pairs = [
            (_driven(lab, both[:1], read, lab.round_seconds), _driven(lab, both, read, lab.round_seconds))
            for _ in range(labs.ROUNDS)
        ]
    one, two = (_median([pair[place] for pair in pairs]) for place in (0, 1))
    detail = f"PostgreSQL's processor time each {two.processor_us:.0f} µs, by one process {one.processor_us:.0f} µs"
    yield Row("submit, two processes", two.rate, "/s", at_least(1.5 * one.rate), one.rate, detail)
    yield Row("submit, two processes, p99", two.p99_ms, "ms", at_most(1.5 * one.p99_ms), one.p99_ms)


def _driven(lab: Lab, sites: Sequence[Site], read: labs.Meter, seconds: float) -> _Together:
    before = read()
    with ThreadPoolExecutor(len(sites)) as threads:
        loads = list(threads.map(lambda place: _drive(lab, sites[place], place, seconds), range(len(sites))))
    count = sum(one.count for one in loads)
    return _Together(
        rate=sum(one.rate for one in loads),
        p99_ms=max(one.p99_ms for one in loads),
        processor_us=1e6 * (read() - before) / count,
    )


def _drive(lab: Lab, site: Site, place: int, seconds: float) -> Load:
    """With a generator of its own: each writes down what it is to send."""
    folder = lab.folder / f"shared-{place}"
    folder.mkdir(exist_ok=True)
    own = replace(lab, generator=replace(lab.generator, folder=folder))
    return site.drive(own, labs.GENERATE, site.submissions(), connections=_CONNECTIONS, seconds=seconds)


def _median(found: Sequence[_Together]) -> _Together:
    return _Together(
        rate=statistics.median(one.rate for one in found),
        p99_ms=statistics.median(one.p99_ms for one in found),
        processor_us=statistics.median(one.processor_us for one in found),
    )
