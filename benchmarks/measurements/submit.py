"""Submissions: key, limit, hold, insert and enqueue in one durable transaction, by one API process."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import lab as labs
from benchmarks import load
from benchmarks.lab import Lab, Site
from benchmarks.load import Load, Server
from benchmarks.table import Row, at_least, at_most

_ACCOUNTS = 20
_CONNECTIONS = 32
_WARM_UP_SECONDS = 1.0

_GENERATIONS = "SELECT count(*) FROM cavendish.generations"
_UNEXPLAINED = """
SELECT count(*) FROM cavendish.generations g
WHERE NOT EXISTS (SELECT FROM cavendish.ledger l WHERE l.generation_id = g.id AND l.kind = 'hold')"""


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "submit", worker=False, account_count=_ACCOUNTS) as site, labs.floor(site) as server:
        _drive(lab, site, _CONNECTIONS, _WARM_UP_SECONDS)
        before = site.query(_GENERATIONS)
        floor, service = _compared(lab, site, server, _CONNECTIONS)
        _check(site, before + service.count)
        yield Row("submit, 32 connections", service.rate, "/s", at_least(1760), floor.rate, load.detail(service, floor))
        yield Row("submit, 32 connections, p99", service.p99_ms, "ms", at_most(40), floor.p99_ms)
        floor, service = _compared(lab, site, server, connections=1)
        yield Row("submit alone, p50", service.p50_ms, "ms", at_most(2.6), floor.p50_ms, load.detail(service, floor))


def _compared(lab: Lab, site: Site, server: Server, connections: int) -> tuple[Load, Load]:
    """The floor: one durable INSERT of one row."""
    asked, seconds = site.submissions(), lab.round_seconds
    return load.compared(
        labs.ROUNDS,
        lambda: site.drive_floor(lab, server, "/insert", asked, connections=connections, seconds=seconds),
        lambda: _drive(lab, site, connections, seconds),
    )


def _drive(lab: Lab, site: Site, connections: int, seconds: float) -> Load:
    return site.drive(lab, labs.GENERATE, site.submissions(), connections=connections, seconds=seconds)


def _check(site: Site, answered: int) -> None:
    """Every answer left a generation, and every generation its hold."""
    written, unexplained = site.query(_GENERATIONS), site.query(_UNEXPLAINED)
    assert written >= answered and unexplained == 0, f"{answered} answers, {written} rows, {unexplained} incomplete"
