"""Real processes die at random under load; nothing is lost, nothing is charged twice, nothing goes backwards."""

from __future__ import annotations

import pytest

from . import planted, run
from .spoken import FACES

pytestmark = pytest.mark.anyio

FAULTS = 100
SECONDS_MAX = 50.0  # of faults; a machine that is busy with other tests gets through fewer
FAULTS_MIN = 40


async def test_nothing_is_lost_or_charged_twice_through_a_hundred_faults() -> None:
    """kill -9, freezes, cut connections, lapsed leases and restarts; more by python -m tests.chaos."""
    report = await run.run(run.Plan(faults=FAULTS, seed=1, seconds_max=SECONDS_MAX))

    run.show(report)
    assert report.ok, run.explain(report)
    assert report.faults >= FAULTS_MIN
    assert report.acked > report.faults, "too little load to mean anything"
    assert [face.name for face in FACES if not report.journal.counts[f"orders by {face.name}"]] == []
    assert report.journal.counts["calls of other faces cut in the middle"] > 0


async def test_a_planted_bug_turns_the_run_red() -> None:
    """Without the guards against a second settlement a worker that wakes up late takes the credits again."""
    report = await run.run(planted.PLANS["settle-twice"].plan)

    run.show(report)
    assert planted.found("settle-twice", report)
