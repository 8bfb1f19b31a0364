"""Prometheus metrics. Requests are counted in this process; what the workers did is read from the database."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from cavendish.db.pool import Connection

# Upper bounds in seconds: from a batched poll to a request that waited out an outage.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_WORKERS = """
SELECT host, pid, counters, seen_at > cavendish.cavendish_now() - interval '30 seconds' AS alive
FROM cavendish.workers"""
_CREDITS = """
SELECT coalesce(sum(held), 0)::bigint AS held, coalesce(sum(balance), 0)::bigint AS balance
FROM cavendish.accounts"""
_JOBS = """
SELECT entrypoint, status::text AS status, count(*) AS count,
       coalesce(extract(epoch FROM now() - min(created)), 0)::float8 AS oldest_seconds
FROM cavendish.pgqueuer GROUP BY entrypoint, status"""
_OPEN = """
SELECT engine, state, count(*) AS count FROM cavendish.generations
WHERE state IN ('pending', 'generating') GROUP BY engine, state"""


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


def render(requests: Requests, shared: list[Metric]) -> bytes:
    """The text format of everything counted here and read from the database."""
    registry = CollectorRegistry()
    registry.register(_Fixed([*requests.families(), *shared]))
    return generate_latest(registry)


async def shared(connection: Connection) -> list[Metric]:
    """What all processes share: generations, queue, engines, credits."""
    return [
        *_worker_families(await connection.fetch(_WORKERS)),
        *_queue_families(await connection.fetch(_JOBS)),
        _open_family(await connection.fetch(_OPEN)),
        *_credit_families(await connection.fetchrow(_CREDITS)),
    ]


def _worker_families(rows: Iterable[object]) -> list[Metric]:
    alive = GaugeMetricFamily("cavendish_workers", "Workers seen in the last 30 seconds.")
    done = CounterMetricFamily(
        "cavendish_generations_finished", "Generations by outcome, since their worker started.",
        labels=("worker", "engine", "state"),
    )  # fmt: skip
    seconds = CounterMetricFamily("cavendish_engine_seconds", "Time spent in engines.", labels=("worker", "engine"))
    count = 0
    for row in rows:
        worker = f"{row['host']}:{row['pid']}"  # type: ignore[index]
        counters = orjson.loads(row["counters"])  # type: ignore[index]
        count += bool(row["alive"])  # type: ignore[index]
        for state in ("completed", "failed"):
            for engine, value in counters.get(state, {}).items():
                done.add_metric((worker, engine, state), value)
        for engine, value in counters.get("seconds", {}).items():
            seconds.add_metric((worker, engine), value)
    alive.add_metric((), count)
    return [alive, done, seconds]


def _queue_families(rows: Iterable[object]) -> list[Metric]:
    depth = GaugeMetricFamily("cavendish_queue_jobs", "Jobs by engine.", labels=("engine", "status"))
    age = GaugeMetricFamily("cavendish_queue_oldest_seconds", "Age of the oldest job.", labels=("engine", "status"))
    for row in rows:
        labels = (row["entrypoint"], row["status"])  # type: ignore[index]
        depth.add_metric(labels, row["count"])  # type: ignore[index]
        age.add_metric(labels, row["oldest_seconds"])  # type: ignore[index]
    return [depth, age]


def _open_family(rows: Iterable[object]) -> Metric:
    family = GaugeMetricFamily("cavendish_generations_open", "Not finished yet.", labels=("engine", "state"))
    for row in rows:
        family.add_metric((row["engine"], row["state"]), row["count"])  # type: ignore[index]
    return family


def _credit_families(row: object) -> list[Metric]:
    held = GaugeMetricFamily("cavendish_credits_held", "Credits held for generations that are not finished.")
    held.add_metric((), row["held"])  # type: ignore[index]
    balance = GaugeMetricFamily("cavendish_credits_balance", "Credits that can be spent.")
    balance.add_metric((), row["balance"])  # type: ignore[index]
    return [held, balance]


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
