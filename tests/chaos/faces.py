"""Callers on the other faces: they order one or several pictures and wait for them in the answer, their connections break
in the middle, and some send again by a key. At the end every face tells the same of each order.
"""

from __future__ import annotations

import asyncio
import collections
import random
import time
from dataclasses import dataclass, field
from typing import Any

from harness import mcp_wire

from .journal import Journal
from .load import CHECK, DATABASE_SECONDS, FULL_SECONDS, GIVE_UP_SECONDS, PRICES, Account, picture
from .service import Serve, Service
from .spoken import FACES, Face, Told
from .wire import Answer, NoAnswer, TooLate

FIRST = 1_000_000  # numbers of these orders, apart from those of the native face
PICTURES = sum((1 + face.most) / 2 for face in FACES) / len(FACES)  # of one call, on average
PATIENCE_SECONDS = 30.0
CUT_SHARE, CUT_SECONDS = 0.4, 1.2  # of the calls, after how long at most: most pictures take that long
KEYED_SHARE = 0.6
RECIPES = (("", 84, "completed"), ("unavailable", 6, "completed"), ("rejected", 5, "failed"), ("blocked", 5, "failed"))
BUSY = b"service_busy"
AT_ONCE = 16  # orders looked at on all faces


@dataclass
class Call:
    """One order as its caller knows it."""

    number: int
    face: Face
    account: Account
    count: int
    prompt: str
    expected: str
    key: str | None
    began: float
    told: Told | None = None  # what the answer said
    error: str = ""  # the answer was one, of the picture or of the order
    refused: bool = False  # for want of credits

    def named(self) -> str:
        return f"ticket {self.number} by {self.face.name}"


@dataclass
class FaceLoad:
    """Orders at a rate until told to stop, never with more than `open_max` under way."""

    service: Service
    journal: Journal
    accounts: list[Account]
    rng: random.Random
    rate: float
    open_max: int = 40
    calls: list[Call] = field(default_factory=list)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _stopped: bool = False

    async def run(self) -> None:
        while not self._stopped and self.rate:
            await asyncio.sleep(self.rng.expovariate(self.rate))
            if len(self._running) < self.open_max and not self._stopped:
                self._begin(self._call())

    def stop(self) -> None:
        self._stopped = True

    async def drained(self, seconds: float) -> None:
        """Until every caller has an answer, or has given up."""
        if self._running and (await asyncio.wait(self._running, timeout=seconds))[1]:
            self.journal.violation("everything ends", f"{len(self._running)} calls of other faces wait for ever")
        for task in self._running:
            task.cancel()

    # Ordering.

    def _call(self) -> Call:
        """The faces one after the other, so that a short run has each."""
        rng, number = self.rng, FIRST + len(self.calls)
        face = FACES[len(self.calls) % len(FACES)]
        words, _, expected = rng.choices(RECIPES, [share for _, share, _ in RECIPES])[0]
        account = rng.choices(self.accounts, [account.weight for account in self.accounts])[0]
        prompt = f"ticket={number} sleep={rng.choice((0.0, 0.3, 0.6, 1.0))} steps={rng.randint(1, 4)} {words}".strip()
        key = f"key-{number}" if rng.random() < KEYED_SHARE else None
        return Call(number, face, account, rng.randint(1, face.most), prompt, expected, key, time.monotonic())

    def _begin(self, call: Call) -> None:
        self.calls.append(call)
        self.journal.count(f"orders by {call.face.name}")
        task = asyncio.create_task(self._live(call))
        self._running.add(task)
        task.add_done_callback(self._finished)

    async def _live(self, call: Call) -> None:
        """With a key, again and again until there is an answer; without one, once."""
        end = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < end:
            answer = await self._send(call, self.rng.choice(self.service.serves))
            if answer is not None and self._understood(call, answer):
                return
            if not call.key:
                return
            await asyncio.sleep(self.rng.uniform(0.05, 0.5))
        self._violation(call, "a retried submit gets through", f"not within {GIVE_UP_SECONDS:.0f} s")

    async def _send(self, call: Call, serve: Serve) -> Answer | None:
        cut = self.rng.random() < CUT_SHARE
        seconds = self.rng.uniform(0, CUT_SECONDS) if cut else PATIENCE_SECONDS
        headers = {"idempotency_key": call.key} if call.key else {}
        body = call.face.body(call.prompt, call.count)
        try:
            answer = await serve.wire.post(call.face.path, body, call.account.key, seconds=seconds, **headers)
        except TooLate:
            self.journal.count("calls of other faces cut in the middle" if cut else "calls of other faces given up")
            return None
        except NoAnswer as exc:
            self.journal.count("calls of other faces without an answer")
            if not serve.troubled() and not self._disturbed(call):
                self._violation(call, "an API process that is well answers", f"serve {serve.number}: {exc}")
            return None
        serve.answered()
        return answer

    def _understood(self, call: Call, answer: Answer) -> bool:
        """Whether the caller knows now what became of the order; where not, it may be sent again."""
        if answer.status in (200, 202):
            call.told = call.face.read(answer.body)
            call.error = call.told.failure
            if BUSY not in call.error.lower().encode():
                return True
            call.told, call.error = None, ""
            return False
        if answer.status == 402 and call.account.poor:
            call.refused = True
            return True
        if answer.status in (429, 503) or BUSY in answer.body.lower():
            if not self._disturbed(call) and not any(serve.troubled() for serve in self.service.serves):
                self._violation(call, "orders of other faces are answered rightly", f"{answer.status} {answer.body!r}")
            return False
        call.error = f"{answer.status} {answer.body[:300].decode(errors='replace')}"
        return True

    def _disturbed(self, call: Call) -> bool:
        """Whether something that all need was away, or a clock was wrong."""
        database = time.monotonic() - self.service.database_disturbed_at < DATABASE_SECONDS
        return database or self.service.storage_troubled() or self.service.clock_jumped_since(call.began - FULL_SECONDS)

    def _violation(self, call: Call, rule: str, detail: str, generation_id: str | None = None) -> None:
        self.journal.violation(rule, f"{call.named()}: {detail}", generation_id)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.journal.violation("the harness works", f"{type(error).__name__}: {error}")

    # The books, when all is at rest.

    async def audit(self, rows: dict[int, list[Any]]) -> collections.Counter[str]:
        """The database's rows by order, against what callers were told and every face tells now. What each account paid."""
        charged: collections.Counter[str] = collections.Counter()
        for number in rows.keys() - {call.number for call in self.calls}:
            self.journal.violation("nothing is made that nobody asked for", f"ticket {number}")
        for start in range(0, len(self.calls), AT_ONCE):
            some = self.calls[start : start + AT_ONCE]
            told = await asyncio.gather(*(self._judge(call, rows.get(call.number, [])) for call in some))
            for call, credits in zip(some, told, strict=True):
                charged[call.account.name] += credits
        return charged

    async def _judge(self, call: Call, own: list[Any]) -> int:
        self._judge_rows(call, own)
        self._judge_answer(call, own)
        if not own:
            return 0
        self.journal.count("orders found on every face")
        return await self._told_by_every_face(call, own)

    def _judge_rows(self, call: Call, own: list[Any]) -> None:
        if len(own) > call.count:
            self._violation(call, "one generation per submission", f"{len(own)} of {call.count}", own[0]["id"].hex)
        elif len(own) not in (0, call.count) or len({row["batch_id"] for row in own}) > 1:
            self._violation(call, "several are all made or none", f"{len(own)} of {call.count}", own[0]["id"].hex)
        if own and own[0]["account"] != call.account.name:
            self._violation(call, "a generation belongs to its caller", own[0]["account"], own[0]["id"].hex)
        for row in own:
            price = PRICES["1K"] if row["state"] == "completed" else 0
            if (row["credits_charged"] or 0) != price:
                self._violation(call, "the end says what it cost", f"{row['credits_charged']}", row["id"].hex)

    def _judge_answer(self, call: Call, own: list[Any]) -> None:
        completed = {row["id"].hex for row in own if row["state"] == "completed"}
        if call.refused and own:
            self._violation(call, "a refused submission makes nothing", f"{len(own)} rows", own[0]["id"].hex)
        if call.error:
            if completed:
                self._violation(call, "an error means that nothing is paid", call.error, min(completed))
            if call.expected == "completed" and not self._expired(own):
                self._violation(call, "the outcome is the engine's", call.error)
        elif call.told is not None:
            expected = {row["id"].hex for row in own} if call.told.all else completed
            if set(call.told.ids) != expected:
                self._violation(call, "what was acknowledged exists", f"{call.told.ids}, but {expected}")
            if call.face.shows:
                self._judge_pictures(call, call.told.pictures, len(completed))

    def _judge_pictures(self, call: Call, pictures: tuple[bytes, ...], completed: int) -> None:
        whole = sum(picture(found)[1] for found in pictures)
        if (len(pictures), whole) != (completed, completed):
            self._violation(call, "an answer has its pictures", f"{len(pictures)}, {whole} whole, of {completed}")

    @staticmethod
    def _expired(own: list[Any]) -> bool:
        """By a clock that jumped; whether it did is judged where it is polled."""
        return any(row["error_code"] == "EXPIRED" for row in own)

    async def _told_by_every_face(self, call: Call, own: list[Any]) -> int:
        """What they say that the whole order cost."""
        first, *_ = ordered = sorted(own, key=lambda row: row["batch_index"] or 0)
        total = 0
        for row in ordered:
            kept = (row["state"], row["credits_charged"] or 0)
            check = await self._post(call, CHECK, {"generationId": row["id"].hex})
            self._same(call, row, "check-status", _outcome(check), kept)
            shown = await self._get(call, f"/api/v1/generations/{row['id'].hex}")
            self._same(call, row, "REST", _outcome(shown), kept)
            total += int(check.get("creditsCharged") or 0)
        state = "completed" if any(row["state"] == "completed" for row in own) else "failed"
        task = await self._get(call, f"/v1/images/tasks/{first['id'].hex}")
        self._same(call, first, "task", _outcome(task), (state, total))
        tool = await self._by_tool(call, first["id"].hex)
        self._same(call, first, "MCP", tool, (first["state"], first["credits_charged"] or 0))
        return total

    def _same(self, call: Call, row: Any, face: str, told: tuple[Any, Any], kept: tuple[str, int]) -> None:
        if told != kept:
            self._violation(call, "every face tells the same", f"{face}: {told}, but {kept}", row["id"].hex)

    async def _by_tool(self, call: Call, generation_id: str) -> tuple[str, Any]:
        """Of an order that has ended: what is no error there is a picture."""
        params = {"name": "get_generation", "arguments": {"id": generation_id}}
        found = (await self._post(call, "/mcp", *mcp_wire.stateless("tools/call", params))).get("result", {})
        state = "failed" if found.get("isError") else "completed"
        return state, found.get("structuredContent", {}).get("credits_charged")

    async def _post(self, call: Call, path: str, body: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        more = {name.replace("-", "_").lower(): value for name, value in (headers or {}).items()}
        return (await self.rng.choice(self.service.serves).wire.post(path, body, call.account.key, **more)).json()

    async def _get(self, call: Call, path: str) -> dict[str, Any]:
        return (await self.rng.choice(self.service.serves).wire.get(path, call.account.key)).json()


def _outcome(told: dict[str, Any]) -> tuple[Any, Any]:
    return told.get("status"), told.get("creditsCharged")
