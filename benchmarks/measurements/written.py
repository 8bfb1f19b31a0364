"""What one submission and one completion write: bytes of the log, entries in indexes, commits.

Counted by PostgreSQL's own reader of its log, so that a busy machine changes nothing about it. Images of whole pages
are left out: how many there are depends on when the last checkpoint was.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import lab as labs
from benchmarks.lab import Lab, Site
from benchmarks.measurements import complete
from benchmarks.table import Row, at_most
from cavendish.postgres import binaries

_ACCOUNTS = 20
_SECONDS = 1.0  # one worker completes what comes together in less than a minute
_WARM_UP_SECONDS = 1.0
_READ_SECONDS_MAX = 60
_POSITION = "SELECT pg_current_wal_flush_lsn()::text"
_RECORDS = re.compile(r"^(\S+)\s+(\d+) \(\s*[\d.]+\)\s+(\d+) \(", re.MULTILINE)
_COUNT = "SELECT count(*) FROM cavendish.generations"


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes of records, index entries and commits between two positions of the log."""

    size_bytes: int
    entries: int
    commits: int


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "written", worker=False, account_count=_ACCOUNTS) as site:
        site.drive(lab, labs.GENERATE, site.submissions(), connections=2, seconds=_WARM_UP_SECONDS)
        start, before = site.query(_POSITION), int(site.query(_COUNT))
        site.drive(lab, labs.GENERATE, site.submissions(), connections=32, seconds=_SECONDS)
        end, count = site.query(_POSITION), int(site.query(_COUNT))
        yield from _rows("submission", _between(site, start, end), count - before, bytes_max=1750, entries_max=8.5)
        with labs.worker(site):
            complete.wait_until_empty(site)
        yield from _rows("completion", _between(site, end, site.query(_POSITION)), count, bytes_max=1950, entries_max=8)


def _rows(unit: str, written: Written, count: int, *, bytes_max: float, entries_max: float) -> Iterator[Row]:
    detail = f"{count} of them; {written.commits / count:.2f} commits each"
    yield Row(f"log per {unit}", written.size_bytes / count, "B", at_most(bytes_max), detail=detail)
    yield Row(f"index entries per {unit}", written.entries / count, "", at_most(entries_max))


def _between(site: Site, start: str, end: str) -> Written:
    log = site.query("SELECT current_setting('data_directory')") + "/pg_wal"
    command = [binaries.find(None).directory / "pg_waldump", "-p", log, "-s", start, "-e", end]
    done = subprocess.run(
        [*command, "--stats=record"], capture_output=True, text=True, check=True, timeout=_READ_SECONDS_MAX
    )
    found = {name: (int(count), int(size)) for name, count, size in _RECORDS.findall(done.stdout)}
    entries = sum(count for name, (count, _) in found.items() if name.startswith("Btree/INSERT"))
    commits = sum(count for name, (count, _) in found.items() if name.startswith("Transaction/COMMIT"))
    return Written(sum(size for _, size in found.values()), entries, commits)
