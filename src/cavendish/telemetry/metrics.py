"""Prometheus metrics. Requests are counted in this process; what the workers did is read from the database."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

# Upper bounds in seconds: from a batched poll to a request that waited out an outage.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class WorkerCounts:
    """What one worker counted: completed, failed, seconds and open by engine, moderation by judge/stage/outcome,
    storage: missing."""

    name: str
    alive: bool
    counters: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Observation:
    """What all processes share. `jobs` is (engine, status, count, seconds of the oldest); `open_generations` is
    (engine, state, count)."""

    workers: Sequence[WorkerCounts]
    jobs: Sequence[tuple[str, str, int, float]]
    open_generations: Sequence[tuple[str, str, int]]
    credits_balance: int
    credits_held: int


class Requests:
    """Counts answers by route and status, and how long they took. A few dictionary operations per request."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        self._counts[method, route, status] += 1
        buckets = self._buckets.get(route)
        if buckets is None:
            buckets = self._buckets[route] = [0] * (len(_BUCKETS) + 1)
        buckets[_bucket(seconds)] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]

    def families(self) -> Iterable[Metric]:
        counts = CounterMetricFamily("cavendish_requests", "Answers sent.", labels=("method", "route", "status"))
        for (method, route, status), count in self._counts.items():
            counts.add_metric((method, route, str(status)), count)
        yield counts
        times = HistogramMetricFamily("cavendish_request_seconds", "Time to answer.", labels=("route",))
        for route, buckets in self._buckets.items():
            times.add_metric((route,), _cumulative(buckets), sum_value=float(self._seconds[route]))
        yield times


class _Fixed(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def render(requests: Requests, observed: Observation | None, *, storage_missing: bool) -> bytes:
    """The text format of what was counted here and, where the database answered, what all processes share."""
    registry = CollectorRegistry()
    shared = _shared(observed) if observed is not None else []
    workers = observed.workers if observed is not None else ()
    registry.register(_Fixed([*requests.families(), _storage_family(workers, storage_missing), *shared]))
    return generate_latest(registry)


def _storage_family(workers: Sequence[WorkerCounts], missing_here: bool) -> Metric:
    family = GaugeMetricFamily(
        "cavendish_storage_missing",
        "1: the process does not find its storage, and pictures wait.",
        labels=("process",),
    )
    family.add_metric(("api",), missing_here)
    for worker in workers:
        if worker.alive:
            family.add_metric((worker.name,), worker.counters.get("storage", {}).get("missing", 0))
    return family


def _shared(observed: Observation) -> list[Metric]:
    held = GaugeMetricFamily("cavendish_credits_held", "Credits held for generations that are not finished.")
    held.add_metric((), observed.credits_held)
    balance = GaugeMetricFamily("cavendish_credits_balance", "Credits that can be spent.")
    balance.add_metric((), observed.credits_balance)
    return [*_worker_families(observed), *_queue_families(observed), _open_family(observed), held, balance]


def _worker_families(observed: Observation) -> list[Metric]:
    alive = GaugeMetricFamily("cavendish_workers", "Workers seen in the last seconds.")
    alive.add_metric((), sum(worker.alive for worker in observed.workers))
    done = CounterMetricFamily(
        "cavendish_generations_finished",
        "By outcome, since their worker started.",
        labels=("worker", "engine", "state"),
    )
    seconds = CounterMetricFamily("cavendish_engine_seconds", "Time spent in engines.", labels=("worker", "engine"))
    paused = GaugeMetricFamily(
        "cavendish_engine_paused",
        "1: the engine failed again and again and is left alone.",
        labels=("worker", "engine"),
    )
    for worker in observed.workers:
        for engine in worker.counters.get("open", {}) if worker.alive else ():
            paused.add_metric((worker.name, engine), 1)
        for state in ("completed", "failed"):
            for engine, count in worker.counters.get(state, {}).items():
                done.add_metric((worker.name, engine, state), count)
        for engine, spent in worker.counters.get("seconds", {}).items():
            seconds.add_metric((worker.name, engine), spent)
    return [alive, done, seconds, paused, _judgement_family(observed)]


def _judgement_family(observed: Observation) -> Metric:
    family = CounterMetricFamily(
        "cavendish_moderation_judgements",
        "By what came of them, since their worker started.",
        labels=("worker", "judge", "stage", "outcome"),
    )
    for worker in observed.workers:
        for key, count in worker.counters.get("moderation", {}).items():
            family.add_metric((worker.name, *key.split("/")), count)
    return family


def _queue_families(observed: Observation) -> list[Metric]:
    depth = GaugeMetricFamily(
        "cavendish_queue_jobs", "Generations that wait or are made, by engine.", labels=("engine", "status")
    )
    age = GaugeMetricFamily("cavendish_queue_oldest_seconds", "Age of the oldest of them.", labels=("engine", "status"))
    for engine, status, count, oldest_seconds in observed.jobs:
        depth.add_metric((engine, status), count)
        age.add_metric((engine, status), oldest_seconds)
    return [depth, age]


def _open_family(observed: Observation) -> Metric:
    family = GaugeMetricFamily("cavendish_generations_open", "Not finished yet.", labels=("engine", "state"))
    for engine, state, count in observed.open_generations:
        family.add_metric((engine, state), count)
    return family


def _bucket(seconds: float) -> int:
    for index, bound in enumerate(_BUCKETS):
        if seconds <= bound:
            return index
    return len(_BUCKETS)


def _cumulative(buckets: list[int]) -> list[tuple[str, float]]:
    total, pairs = 0, []
    for bound, count in zip((*_BUCKETS, math.inf), buckets, strict=True):
        total += count
        pairs.append(("+Inf" if math.isinf(bound) else str(bound), float(total)))
    return pairs
