"""Polls of generations that wait, against one point read per request on the same server and driver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import asyncpg

from benchmarks import lab as labs
from benchmarks import load
from benchmarks.lab import Lab, Site
from benchmarks.load import Load, Requests
from benchmarks.table import Row, at_least, at_most

CONNECTIONS = 64
_ACCOUNTS = 20
_SUBMIT_SECONDS = 1.0
_WARM_UP_SECONDS = 1.0
_P99_MS = 20.0  # four times the median: nothing holds all calls up now and then

_IDS = """
SELECT a.name, g.id FROM cavendish.generations g JOIN cavendish.accounts a ON a.id = g.account_id
ORDER BY md5(g.id::text) LIMIT $1"""
_IDS_MAX = 2000


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "poll", worker=False, account_count=_ACCOUNTS) as site, labs.floor(site) as server:
        site.drive(lab, labs.GENERATE, site.submissions(), connections=_ACCOUNTS, seconds=_SUBMIT_SECONDS)
        polls = of_all(site)
        drive(lab, site, polls, _WARM_UP_SECONDS)
        floor, service = load.compared(
            labs.ROUNDS,
            lambda: site.drive_floor(lab, server, "/read", polls, connections=CONNECTIONS, seconds=lab.round_seconds),
            lambda: drive(lab, site, polls, lab.round_seconds),
        )
    detail = f"{len(polls)} generations; {load.detail(service, floor)}"
    yield Row("poll, 64 connections", service.rate, "/s", at_least(10_000), floor.rate, detail)
    yield Row("poll against its floor", service.rate / floor.rate, "x", at_least(1.0))
    yield Row("poll, 64 connections, p99", service.p99_ms, "ms", at_most(_P99_MS), floor=floor.p99_ms)


def drive(lab: Lab, site: Site, polls: Requests, seconds: float) -> Load:
    return site.drive(lab, labs.CHECK, polls, connections=CONNECTIONS, seconds=seconds)


def of_all(site: Site) -> Requests:
    """Some generations of every account, each asked for with the key of its own."""

    async def read(connection: asyncpg.Connection[Any]) -> list[Any]:
        return await connection.fetch(_IDS, _IDS_MAX)

    keys = {f"bench-{number}": key for number, key in enumerate(site.keys)}
    found = asyncio.run(labs.on_database(site.dsn, read))
    return [(keys[row["name"]], json.dumps({"generationId": row["id"].hex})) for row in found]
