"""Polls beside readers of large pictures, against the same polls alone."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks import lab as labs
from benchmarks import load
from benchmarks.lab import Lab, Site
from benchmarks.measurements import poll
from benchmarks.table import Row, at_least, at_most

_READERS = 32
_PICTURE_BYTES = 6_000_000  # a 4K PNG of a photograph
_ACCOUNTS = 20
_HEAD_START_SECONDS = 1.0
_GRACE_SECONDS = 30.0


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "pictures", worker=False, account_count=_ACCOUNTS) as site:
        with labs.worker(site):
            url = _large_picture(site)
        site.drive(lab, labs.GENERATE, site.submissions(), connections=_ACCOUNTS, seconds=1.0)
        polls = poll.of_all(site)
        poll.drive(lab, site, polls, 1.0)
        alone, beside, rates = [], [], []
        for _ in range(labs.ROUNDS):
            alone.append(poll.drive(lab, site, polls, lab.round_seconds))
            with _reading(url, lab.round_seconds + 2 * _HEAD_START_SECONDS) as found:
                beside.append(poll.drive(lab, site, polls, lab.round_seconds))
            rates.append(found[0])
    p99, p99_alone = (statistics.median(one.p99_ms for one in loads) for loads in (beside, alone))
    rate, rate_alone = (statistics.median(one.rate for one in loads) for loads in (beside, alone))
    detail = f"{_READERS} readers of {_PICTURE_BYTES / 1e6:.0f} MB; polls {rate:,.0f}/s, alone {rate_alone:,.0f}/s"
    yield Row("pictures of 6 MB beside polls", statistics.median(rates), "/s", at_least(200), detail=detail)
    yield Row("poll beside 32 readers, p99", p99, "ms", at_most(2 * p99_alone), floor=p99_alone)


@contextlib.contextmanager
def _reading(url: str, seconds: float) -> Iterator[list[float]]:
    """Readers for so long; what is yielded holds their pictures per second afterwards."""
    command = [sys.executable, "-m", "benchmarks.downloader", url, str(_READERS), str(seconds)]
    found: list[float] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=load.ROOT, text=True) as child:
        try:
            child.wait(_HEAD_START_SECONDS)
        except subprocess.TimeoutExpired:
            yield found
        told, _ = child.communicate(timeout=seconds + _GRACE_SECONDS)
        counted = json.loads(told)
        found.append(counted["count"] / counted["seconds"])


def _large_picture(site: Site) -> str:
    """The address of a stored picture that was given as many bytes as a large one has, of the kind that one has."""
    image: str = site.served.picture("a lake", key=site.keys[0])["imageUrl"]
    [path] = site.served.data.glob(f"storage/generations/*/{image.rpartition('/')[2]}")
    path.write_bytes(os.urandom(_PICTURE_BYTES))
    return image
