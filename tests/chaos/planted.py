"""Planted bugs: a run that stays green with one of these proves nothing, so each must turn its rule red."""

from __future__ import annotations

from dataclasses import dataclass

from .run import Plan, Report


@dataclass(frozen=True)
class Planted:
    """A run with a bug, and the rules of which at least one must break."""

    plan: Plan
    expected: frozenset[str]


PLANS = {
    # A frozen worker wakes up after its lease and completes what another completed: the credits are taken twice.
    "settle-twice": Planted(
        Plan(
            faults=5,
            gap_seconds=1.5,
            rate=25,
            workers=1,
            lease_seconds=1,
            drain_seconds=8,
            shares={"freeze worker": 1},
            planted="settle-twice",
            sabotage="DROP INDEX cavendish.ledger_one_settlement",
        ),
        frozenset({"cavendish check: one-settlement"}),
    ),
    # Commits are acknowledged before they are on disk: a crash of the database loses some of them.
    "ack-before-durable": Planted(
        Plan(
            faults=4,
            gap_seconds=1.5,
            rate=40,
            workers=1,
            drain_seconds=8,
            shares={"kill postmaster": 1},
            sabotage="""ALTER DATABASE postgres SET synchronous_commit = off;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name LIKE 'cavendish%' AND backend_type = 'client backend'""",
        ),
        frozenset({"what was acknowledged exists", "polls never fail"}),
    ),
    # Other faces forget by which key an order was sent: whoever is cut off and sends it again pays twice.
    "order-again": Planted(
        Plan(faults=4, gap_seconds=1.0, workers=1, faces_share=0.6, shares={"kill worker": 1}, planted="order-again"),
        frozenset({"one generation per submission"}),
    ),
    # The answer says completed before the picture is there, and a killed worker never writes it.
    "publish-before-file": Planted(
        Plan(faults=4, gap_seconds=1.0, workers=1, shares={"kill worker": 1}, planted="publish-before-file"),
        frozenset({"completed has its picture", "cavendish check: files"}),
    ),
    # An account whose prompts break the engine has it spared for all.
    "blame-everybody": Planted(
        Plan(faults=6, gap_seconds=2.0, workers=1, shares={"poison the engine": 1}, planted="blame-everybody"),
        frozenset({"one account's orders hold up nobody else"}),
    ),
    # Whatever is in the storage's place is written to: pictures are completed, and gone when the mount is back.
    "write-anywhere": Planted(
        Plan(faults=3, gap_seconds=1.5, workers=1, shares={"storage gone": 1}, planted="write-anywhere"),
        frozenset({"nothing is written where no storage is", "completed has its picture", "cavendish check: files"}),
    ),
    # Ages of files by the worker's own clock, and nobody asks whose they are: pictures that wait to be settled are swept.
    "sweep-by-own-clock": Planted(
        Plan(faults=5, gap_seconds=6.0, workers=1, shares={"skewed worker": 1}, planted="sweep-by-own-clock"),
        frozenset({"completed has its picture", "cavendish check: files"}),
    ),
}


def found(name: str, report: Report) -> bool:
    return bool(PLANS[name].expected & report.broken)
