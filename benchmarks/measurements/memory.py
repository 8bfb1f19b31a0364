"""What everything takes while nothing happens: supervisor, API, worker and PostgreSQL, each page counted once (PSS)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks import lab as labs
from benchmarks.caller import Caller
from benchmarks.lab import Lab, Site
from benchmarks.table import Row, at_most

# After these, connections and children that nobody used have ended (60 s), and start-up garbage is gone.
_SETTLE_SECONDS = 65.0


def run(lab: Lab) -> Iterator[Row]:
    if not Path("/proc/self/smaps_rollup").exists():
        return  # only Linux tells
    with labs.site(lab, "memory", worker=True) as site:
        asyncio.run(_use_once(site))
        time.sleep(_SETTLE_SECONDS)
        found = _by_part(site)
    detail = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in found.items())
    yield Row("idle, all processes, PSS", sum(found.values()), "MB", at_most(160), detail=f"{detail} (MB)")


async def _use_once(site: Site) -> None:
    async with Caller(site.served.url, site.keys[0]) as caller:
        await caller.completed(await caller.submit())


def _by_part(site: Site) -> dict[str, float]:
    """Megabytes of each part."""
    postgres = family(site.postmaster())
    parts = {"postgres": postgres, "supervisor": {site.served.process.pid}}
    for name, module in (("api", "cavendish.processes.api"), ("worker", "cavendish.processes.worker")):
        parts[name] = {pid for child in site.served.children(module) for pid in family(child.pid)} - postgres
    counted = set().union(*parts.values())
    parts["other"] = family(site.served.process.pid) - counted
    return {name: sum(map(megabytes, pids)) for name, pids in parts.items() if pids}


def family(pid: int) -> set[int]:
    """A process and all that it started."""
    return {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))}


def megabytes(pid: int) -> float:
    """What a process takes, with its share of the pages that others have too; 0 where it is gone."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
