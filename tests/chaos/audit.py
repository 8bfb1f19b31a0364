"""After the last fault: the database, the callers' books and the engine's diary must tell the same story."""

from __future__ import annotations

import collections
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .faces import FIRST, FaceLoad
from .faults import OTHER, Loss, Setback
from .journal import Journal
from .load import Load, Ticket
from .service import Service

_GENERATIONS = """
SELECT g.id, g.task_id, g.prompt, g.state, g.price, g.credits_charged, g.fence, g.attempts, g.error, g.error_code,
       g.seed, g.batch_id, g.batch_index, a.name AS account
FROM cavendish.generations g JOIN cavendish.accounts a ON a.id = g.account_id"""
_ACCOUNTS = "SELECT name, balance, held FROM cavendish.accounts"
_ROW = "SELECT to_jsonb(g) - 'prompt' FROM cavendish.generations g WHERE id = $1::uuid"
_LEDGER = "SELECT to_jsonb(l) FROM cavendish.ledger l WHERE generation_id = $1::uuid ORDER BY id"
_DUMPED_MAX = 20
Kept = TypeVar("Kept")


@dataclass
class Recovery:
    """Seconds from the loss of a worker to the same generation running elsewhere. `setback`: what was lost in between as
    well, another worker that may just have taken the generation over included; empty for nothing."""

    kind: str
    seconds: float
    ticket: int
    setback: str


@dataclass
class Audit:
    generations: int = 0
    never_acked: int = 0
    fences: dict[int, int] = field(default_factory=dict)
    recoveries: list[Recovery] = field(default_factory=list)
    checked: dict[str, Any] = field(default_factory=dict)


async def audit(
    service: Service,
    load: Load,
    faces: FaceLoad,
    journal: Journal,
    losses: list[Loss],
    setbacks: list[Setback],
    lease_seconds: float,
) -> Audit:
    found = Audit()
    calls = read_diary(service.diary)
    for _, _, body in service.google.calls:
        number = int(re.search(r"ticket=(\d+)", json.dumps(body))[1])  # type: ignore[index]
        calls.setdefault(number, []).append((0.0, 0))  # when and where does not matter: they are counted
    await _check_command(service, journal, found)
    connection = await service.administer()
    try:
        rows = await connection.fetch(_GENERATIONS)
        accounts = {row["name"]: row for row in await connection.fetch(_ACCOUNTS)}
    finally:
        await connection.close()
    found.generations = len(rows)
    found.fences = dict(sorted(collections.Counter(row["fence"] for row in rows).items()))
    by_ticket: dict[int, list[Any]] = {}
    for row in rows:
        by_ticket.setdefault(int(row["prompt"].split()[0].partition("=")[2]), []).append(row)
    _judge_claims(journal, by_ticket, calls)
    charged = await _compare(load, journal, _those(by_ticket, native=True), found)
    charged += await faces.audit(_those(by_ticket, native=False))
    for account in load.accounts:
        row, expected = accounts[account.name], account.credits - charged[account.name]
        if (row["balance"], row["held"]) != (expected, 0):
            found_there = f"{account.name}: {row['balance']} and {row['held']} held, by the books {expected}"
            journal.violation("balances are what callers were told", found_there)
    # Of several pictures of one order the diary does not say which was drawn.
    found.recoveries = recoveries(losses, _those(calls, native=True), setbacks, lease_seconds)
    return found


def read_diary(diary: Path) -> dict[int, list[tuple[float, int]]]:
    """By ticket, the engine's calls: when, and in which process."""
    calls: dict[int, list[tuple[float, int]]] = {}
    for line in diary.read_text().splitlines() if diary.exists() else ():
        at, pid, ticket = line.split()
        calls.setdefault(int(ticket), []).append((float(at), int(pid)))
    return calls


def recoveries(
    losses: list[Loss], calls: dict[int, list[tuple[float, int]]], setbacks: list[Setback], lease_seconds: float
) -> list[Recovery]:
    """What each lost worker was doing, and how soon it ran again."""
    found = []
    for loss in losses:
        for ticket, starts in calls.items():
            before = [start for start in starts if start[0] <= loss.at]
            after = [start for start in starts if start[0] > loss.at and start[1] != loss.pid]
            if before and before[-1][1] == loss.pid and after:
                again = after[0][0]
                met = {setback.kind for setback in setbacks if loss.at - 2 < setback.at < again}
                # A worker that died between its claim and its engine's call left no trace but another lease.
                taken = loss.at + lease_seconds * 0.6
                met |= {OTHER for other in losses if taken < other.at < again and other.pid != loss.pid}
                setback = OTHER if OTHER in met else "".join(met)
                found.append(Recovery(loss.kind, again - loss.at, ticket, setback))
    return found


async def dump(service: Service, journal: Journal, load: Load) -> list[dict[str, Any]]:
    """All that is known of the generations that a violation names."""
    ids = list(dict.fromkeys(v.generation_id for v in journal.violations if v.generation_id))[:_DUMPED_MAX]
    calls = read_diary(service.diary)
    by_id = {ticket.generation_id: ticket for ticket in load.tickets}
    dumped = []
    connection = await service.administer()
    try:
        for generation_id in ids:
            ticket = by_id.get(generation_id)
            row = await connection.fetchval(_ROW, generation_id)
            dumped.append(
                {
                    "generation": json.loads(row) if row else None,
                    "ledger": [json.loads(entry[0]) for entry in await connection.fetch(_LEDGER, generation_id)],
                    "caller": _told(ticket),
                    "engine": [(round(at - journal.began, 3), pid) for at, pid in calls.get(ticket.number, [])]
                    if ticket
                    else [],
                }
            )
    finally:
        await connection.close()
    return dumped


async def _check_command(service: Service, journal: Journal, found: Audit) -> None:
    code, output, errors = await service.command("check", "--at-rest", "--json")
    try:
        found.checked = json.loads(output)
    except ValueError:
        journal.violation("cavendish check", f"exit {code}: {errors[-500:]}")
        return
    for invariant in found.checked["invariants"]:
        if not invariant["ok"]:
            named = re.search(r"\b[0-9a-f]{32}\b", invariant["detail"])
            journal.violation(f"cavendish check: {invariant['name']}", invariant["detail"], named[0] if named else None)
    if (code == 0) is not found.checked["ok"]:
        journal.violation("cavendish check", f"exit code {code}, but it says {found.checked['ok']}")


def _those(by_number: dict[int, Kept], *, native: bool) -> dict[int, Kept]:
    """Of the native face, or of the others."""
    return {number: kept for number, kept in by_number.items() if (number < FIRST) is native}


def _judge_claims(journal: Journal, by_ticket: dict[int, list[Any]], calls: dict[int, list[tuple[float, int]]]) -> None:
    for number, own in by_ticket.items():
        if len(calls.get(number, [])) > sum(row["fence"] for row in own):
            journal.violation("each engine call has a claim", f"ticket {number}", own[0]["id"].hex)


async def _compare(
    load: Load, journal: Journal, by_ticket: dict[int, list[Any]], found: Audit
) -> collections.Counter[str]:
    """Rows against tickets, both ways. What each account was charged, as far as its caller can know."""
    charged: collections.Counter[str] = collections.Counter()
    for number in by_ticket.keys() - {ticket.number for ticket in load.tickets}:
        journal.violation("nothing is made that nobody asked for", f"ticket {number}")
    for ticket in load.tickets:
        own = by_ticket.get(ticket.number, [])
        if len(own) > 1:
            journal.violation("one generation per submission", f"ticket {ticket.number}: {[r['id'].hex for r in own]}")
        if own and own[0]["account"] != ticket.account.name:
            journal.violation("a generation belongs to its caller", f"ticket {ticket.number}", own[0]["id"].hex)
        if ticket.outcome == "acked":
            charged[ticket.account.name] += _compare_acked(journal, ticket, own)
        elif ticket.outcome == "refused" and own:
            journal.violation("a refused submission makes nothing", f"ticket {ticket.number}", own[0]["id"].hex)
        elif own:
            found.never_acked += 1
            told = await load.outcome_of(ticket.account, own[0]["id"].hex)
            charged[ticket.account.name] += int(told["creditsCharged"])
    return charged


def _compare_acked(journal: Journal, ticket: Ticket, own: list[Any]) -> int:
    if not own or own[0]["id"].hex != ticket.generation_id:
        journal.violation("what was acknowledged exists", f"ticket {ticket.number}", ticket.generation_id)
        return 0
    row = own[0]
    kept = (row["task_id"], row["price"], row["state"], row["credits_charged"] or 0)
    told = (ticket.task_id, ticket.price, ticket.state, int(ticket.final.get("creditsCharged", -1)))
    if kept != told:
        journal.violation(
            "the database says what callers were told", f"ticket {ticket.number}: {told} but {kept}", row["id"].hex
        )
    return max(0, told[3])


def _told(ticket: Ticket | None) -> dict[str, Any] | None:
    if ticket is None:
        return None
    names = ("number", "prompt", "expected", "outcome", "state", "progress", "final", "idempotency_key", "ended")
    return {name: getattr(ticket, name) for name in names} | {"account": ticket.account.name}
