"""Callers: they submit, poll and fetch, keep their own books, and say at once when an answer breaks a promise."""

from __future__ import annotations

import asyncio
import io
import random
import time
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from .journal import Journal
from .service import Serve, Service
from .wire import Answer, NoAnswer

PRICES = {"1K": 4, "2K": 8, "4K": 16}
ORDER = {"pending": 0, "generating": 1, "completed": 2, "failed": 2}
_CONVERTED = 5  # one order in so many
GENERATE, CHECK = "/api/{}/generate", "/api/nano-banana-2/check-status"
CANCEL = "/api/v1/generations/{}/cancel"
POLL_SECONDS = (0.3, 0.7)  # a tenth of what clients do
DATABASE_SECONDS = 30.0  # a crash recovery on a busy machine, and the trace of it
SLOW_SECONDS = 8.0  # an outage is bridged for 5 s
FULL_SECONDS = 65.0  # after a clock's jump a key may be full for a window, a second here, and the minute of doubt
GIVE_UP_SECONDS = 90.0
POISONER, POISONED = "elder", 30  # an account, and how many orders at once: enough to open any circuit that counts them
FIRST_ENGINE = "chaos"
CANCELLED_SHARE, CANCEL_SECONDS = 0.1, 1.0  # of the orders, after how long at most: most pictures take less

# What the engine is told, the share of it, and how it must end. `any`: retries may land on a worker that never saw it.
# Behind each route's first engine stands one that never fails.
RECIPES = (
    ("", 80, "completed"),
    ("size=1376x768", 4, "completed"),
    ("unavailable", 3, "completed"),  # the second engine of the route makes it
    ("flaky", 3, "any"),
    ("rejected", 2, "failed"),
    ("blocked", 2, "failed"),
    ("no_image", 1, "failed"),
    ("timeout", 1, "failed"),
    ("garbage", 1, "failed"),
    ("truncated", 1, "failed"),
    ("exception", 1, "failed"),
    ("busy", 1, "completed"),  # after three tries the second engine makes it
)

# The same of the emulated Google, which serves the other model.
GOOGLES = (
    ("", 65, "completed"),
    ("[[thoughts]]", 5, "completed"),
    ("[[limited]]", 3, "completed"),
    ("[[overloaded]]", 3, "completed"),
    ("[[key invalid]]", 3, "completed"),
    ("[[daily quota]]", 2, "completed"),
    ("[[bad argument]]", 3, "failed"),
    ("[[prompt SAFETY]]", 3, "failed"),
    ("[[finish IMAGE_SAFETY]]", 3, "failed"),
    ("[[text only]]", 2, "failed"),
    ("[[half picture]]", 2, "failed"),
    ("[[no json]]", 2, "failed"),
    ("[[reset]]", 3, "failed"),
    ("[[close]]", 2, "failed"),
    ("[[cut]]", 2, "failed"),
)


@dataclass
class Account:
    name: str
    key: str
    credits: int
    poor: bool = False  # may run out of credits
    weight: float = 1.0  # its share of the load


@dataclass
class Ticket:
    """One submission as its caller knows it."""

    number: int
    account: Account
    model: str
    quality: str
    prompt: str
    expected: str
    idempotency_key: str | None
    home: Serve  # the one it is polled at
    began: float
    plain: bool = False  # nothing in it makes an engine fail
    cancels_after: float | None = None  # seconds; None: its caller wants it
    cancelled: bool | None = None  # what that was answered
    outcome: str = "unknown"  # acked, refused, unknown: sent, no answer
    generation_id: str = ""
    task_id: str = ""
    state: str = "pending"
    progress: int = 0
    final: dict[str, Any] = field(default_factory=dict)
    seen_in: tuple[int, int] = (-1, -1)  # serve and epoch of the last answer
    ended: bool = False
    lost: bool = False

    @property
    def price(self) -> int:
        return PRICES[self.quality]

    @property
    def charge(self) -> int:
        """For a completed one: a picture that is smaller than ordered costs what it is."""
        return PRICES["1K"] if "size=" in self.prompt else self.price


class Load:
    """Submits at a rate until told to stop, never with more than `open_max` under way."""

    def __init__(
        self,
        service: Service,
        journal: Journal,
        accounts: list[Account],
        rng: random.Random,
        rate: float,
        open_max: int,
    ) -> None:
        self.service, self.journal, self.accounts, self.rng = service, journal, accounts, rng
        self.rate, self.open_max = rate, open_max
        self.tickets: list[Ticket] = []
        self.acks: dict[str, int] = {}  # generation ids to ticket numbers
        self.submit_seconds: list[float] = []
        self.poll_seconds: list[float] = []
        self._running: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def open(self) -> int:
        return len(self._running)

    async def run(self) -> None:
        while not self._stopped:
            await asyncio.sleep(self.rng.expovariate(self.rate))
            if self.open >= self.open_max:
                self.journal.count("submits skipped, backlog full")
                continue
            self._begin(self._ticket())

    def poison(self) -> str:
        """An account that nobody else uses orders many pictures at once over which the engine breaks."""
        account = next(account for account in self.accounts if account.name == POISONER)
        for _ in range(POISONED):
            number = len(self.tickets)
            self._begin(self._new(account, "nano-banana-2", "1K", f"ticket={number} exception", "failed"))
        return f"{POISONED} orders"

    def detours(self) -> tuple[int, int]:
        """Of the orders that no engine has a reason to fail: how many another than the first one drew, and all."""
        plain = [ticket for ticket in self.tickets if ticket.plain and ticket.state == "completed"]
        return sum(ticket.final["engine"] != FIRST_ENGINE for ticket in plain), len(plain)

    def stop(self) -> None:
        self._stopped = True

    async def drained(self, seconds: float) -> None:
        """Until every ticket has its end; what has none in time is a violation."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        for task in self._running:
            task.cancel()
        for ticket in self.tickets:
            if ticket.outcome == "acked" and not ticket.ended and not ticket.lost:
                self._violation(ticket, "everything ends", f"{ticket.state} {seconds:.0f} s after the last fault")

    async def poll_all_again(self) -> None:
        """A finished generation answers the same for ever, at every API process."""
        finished = [ticket for ticket in self.tickets if ticket.ended and ticket.outcome == "acked"]
        for start in range(0, len(finished), 50):
            await asyncio.gather(*map(self._poll_again, finished[start : start + 50]))

    async def outcome_of(self, account: Account, generation_id: str) -> dict[str, Any]:
        """What a generation that nobody was told about came to."""
        answer = await self.service.serves[0].wire.post(CHECK, {"generationId": generation_id}, account.key)
        return answer.json()

    def _ticket(self) -> Ticket:
        rng, number = self.rng, len(self.tickets)
        model, recipes = ("nano-banana-2", RECIPES) if rng.random() < 0.8 else ("nano-banana-pro", GOOGLES)
        words, _, expected = rng.choices(recipes, [share for _, share, _ in recipes])[0]
        sleep = rng.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        account = rng.choices(self.accounts, [account.weight for account in self.accounts])[0]
        quality = "4K" if "size=" in words else "1K" if "[[" in words else rng.choice(("1K", "1K", "2K"))
        prompt = f"ticket={number} sleep={sleep} steps={rng.randint(1, 5)} {words}".strip()
        ticket = self._new(account, model, quality, prompt, expected, plain=model == "nano-banana-2" and not words)
        if rng.random() < CANCELLED_SHARE:
            ticket.cancels_after = rng.uniform(0, CANCEL_SECONDS)
        return ticket

    def _new(
        self, account: Account, model: str, quality: str, prompt: str, expected: str, *, plain: bool = False
    ) -> Ticket:
        number, key = len(self.tickets), f"key-{len(self.tickets)}" if self.rng.random() < 0.4 else None
        home = self.rng.choice(self.service.serves)
        return Ticket(number, account, model, quality, prompt, expected, key, home, began=time.monotonic(), plain=plain)

    def _begin(self, ticket: Ticket) -> None:
        self.tickets.append(ticket)
        task = asyncio.create_task(self._live(ticket))
        self._running.add(task)
        task.add_done_callback(self._finished)

    async def _live(self, ticket: Ticket) -> None:
        await self._submit(ticket)
        if ticket.outcome != "acked":
            return
        async with asyncio.TaskGroup() as beside:
            if ticket.cancels_after is not None:
                beside.create_task(self._cancel(ticket, ticket.cancels_after))
            while not ticket.final and not ticket.lost:
                await asyncio.sleep(self.rng.uniform(*POLL_SECONDS))
                await self._poll(ticket)
        if ticket.cancelled is not None and ticket.cancelled is not (ticket.final.get("errorCode") == "CANCELLED"):
            answered = "cancelled" if ticket.cancelled else "too late"
            self._violation(ticket, "cancelled is free, and too late is made", f"{answered}, then {ticket.final}")
        if ticket.state == "completed":
            await self._fetch(ticket)
        ticket.ended = True

    # Submitting.

    async def _submit(self, ticket: Ticket) -> None:
        """With a key, again and again until it is known; without one, once."""
        end = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < end:
            answer = await self._send(ticket, self.rng.choice(self.service.serves))
            if answer is not None and answer.status == 200:
                self._acknowledged(ticket, answer)
                if ticket.idempotency_key and self.rng.random() < 0.2:
                    await self._replay(ticket)
                return
            if answer is not None and answer.status == 402 and ticket.account.poor:
                ticket.outcome = "refused"
                return
            if not ticket.idempotency_key:
                return
            await asyncio.sleep(self.rng.uniform(0.1, 0.5))
        self._violation(ticket, "a retried submit gets through", f"not within {GIVE_UP_SECONDS:.0f} s")

    async def _send(self, ticket: Ticket, serve: Serve) -> Answer | None:
        body = {"prompt": ticket.prompt, "mode": "generate", "imageQuality": ticket.quality, "seed": ticket.number}
        if ticket.number % _CONVERTED == 0:  # a worker may die in the finishing step, too
            body["size"] = "600x400"
        headers = {"idempotency_key": ticket.idempotency_key} if ticket.idempotency_key else {}
        began = time.monotonic()
        try:
            answer = await serve.wire.post(GENERATE.format(ticket.model), body, ticket.account.key, **headers)
        except NoAnswer as exc:
            self._no_answer(ticket, serve, "submit", exc)
            return None
        self.submit_seconds.append(time.monotonic() - began)
        serve.answered()
        if answer.status == 200 or answer.status == 402 and ticket.account.poor:
            return answer
        if answer.status == 503 and (self._database_disturbed() or serve.troubled()):
            self.journal.count("submits answered 503")
            return answer
        if answer.status == 429 and self.service.clock_jumped_since(began - FULL_SECONDS):
            self.journal.count("submits answered 429 after a jump")
            return answer
        self._violation(ticket, "submits are answered rightly", f"{answer.status} {answer.body[:200]!r}")
        return answer

    def _acknowledged(self, ticket: Ticket, answer: Answer) -> None:
        found = answer.json()
        ticket.outcome, ticket.generation_id, ticket.task_id = "acked", found["generationId"], found["taskId"]
        if found["status"] != "pending" or found["creditsHeld"] != ticket.price or found["success"] is not True:
            self._violation(ticket, "submits are answered rightly", repr(found))
        other = self.acks.setdefault(ticket.generation_id, ticket.number)
        if other != ticket.number:
            self._violation(ticket, "each submission has its own generation", f"also ticket {other}")

    async def _replay(self, ticket: Ticket) -> None:
        """The same key again: the same generation, and it says so."""
        answer = await self._send(ticket, self.rng.choice(self.service.serves))
        if answer is None or answer.status != 200:
            return
        self.journal.count("replays by key")
        if answer.json()["generationId"] != ticket.generation_id:
            self._violation(ticket, "one generation per Idempotency-Key", repr(answer.json()))
        if answer.headers.get("idempotent-replayed") != "true":
            self._violation(ticket, "a replay says so", repr(answer.headers))

    # Cancelling.

    async def _cancel(self, ticket: Ticket, after_seconds: float) -> None:
        """Once; where no answer comes, either end is right."""
        await asyncio.sleep(after_seconds)
        serve = self.rng.choice(self.service.serves)
        try:
            answer = await serve.wire.post(CANCEL.format(ticket.generation_id), {}, ticket.account.key)
        except NoAnswer as exc:
            self._no_answer(ticket, serve, "cancel", exc)
            return
        serve.answered()
        self.journal.count(f"cancellations answered {answer.status}")
        found = answer.json()
        told = (answer.status, found.get("errorCode"), found.get("creditsCharged"))
        if told in ((200, "CANCELLED", 0), (409, "TOO_LATE_TO_CANCEL", None)):
            ticket.cancelled = answer.status == 200
        elif answer.status != 503 or not (self._database_disturbed() or serve.troubled()):
            self._violation(ticket, "cancellations are answered rightly", f"{answer.status} {answer.body[:200]!r}")

    # Polling.

    async def _poll(self, ticket: Ticket) -> None:
        serve = ticket.home
        here = (serve.number, serve.epoch)
        began = time.monotonic()
        try:
            answer = await serve.wire.post(CHECK, {"generationId": ticket.generation_id}, ticket.account.key)
        except NoAnswer as exc:
            self._no_answer(ticket, serve, "poll", exc)
            return
        seconds = time.monotonic() - began
        self.poll_seconds.append(seconds)
        serve.answered()
        if seconds > SLOW_SECONDS and not serve.troubled():
            self._violation(ticket, "polls are answered in time", f"{seconds:.1f} s")
        if answer.status == 200:
            ticket.seen_in = here
            self._judge(ticket, answer.json())
        elif answer.status == 503 and self._database_disturbed() and ticket.seen_in != here:
            self.journal.count("polls answered 503, never seen there")
        else:
            self._violation(ticket, "polls never fail", f"{answer.status} {answer.body[:200]!r}")
            ticket.lost = answer.status == 404

    def _judge(self, ticket: Ticket, found: dict[str, Any]) -> None:
        """States and progress go forward only; the end says what it cost."""
        state, progress = found["status"], found["progress"]
        if found["generationId"] != ticket.generation_id:
            self._violation(ticket, "polls are answered rightly", repr(found))
        if ORDER[state] < ORDER[ticket.state]:
            self._violation(ticket, "states never go back", f"{ticket.state} {ticket.progress} then {state} {progress}")
        if state != "failed" and progress < ticket.progress:
            self._violation(ticket, "progress never goes back", f"{ticket.progress} then {state} {progress}")
        ticket.state, ticket.progress = state, progress
        if ORDER[state] < 2:
            return
        ticket.final = found
        charge = ticket.charge if state == "completed" else 0
        if found["creditsCharged"] != charge or progress != (100 if state == "completed" else 0):
            self._violation(ticket, "the end says what it cost", f"{charge} expected: {found}")
        if state == "failed" and not (found["success"] is False and found["error"] and found["errorCode"]):
            self._violation(ticket, "the end says what it cost", repr(found))
        if found.get("errorCode") == "EXPIRED" and self.service.clock_jumped_since(ticket.began):
            self.journal.count("expired by a clock that jumped")
            return
        if found.get("errorCode") == "CANCELLED" and ticket.cancels_after is not None:
            return
        # Many failures close together make a worker spare the engine: then the one behind it, which never fails, drew.
        spared = ticket.expected == "failed" and state == "completed" and found["engine"] in ("backup", "instant")
        if ticket.expected not in (state, "any") and not spared:
            self._violation(ticket, "the outcome is the engine's", f"{ticket.prompt}: {found}")

    async def _poll_again(self, ticket: Ticket) -> None:
        for serve in self.service.serves:
            try:
                answer = await serve.wire.post(CHECK, {"generationId": ticket.generation_id}, ticket.account.key)
            except NoAnswer as exc:
                self._no_answer(ticket, serve, "poll", exc)
                continue
            found = answer.json()
            same = ("status", "progress", "creditsCharged", "errorCode", "width", "height", "createdAt")
            if answer.status != 200 or any(found.get(name) != ticket.final.get(name) for name in same):
                self._violation(ticket, "the end stays", f"{ticket.final} then {answer.status} {found}")

    async def _fetch(self, ticket: Ticket) -> None:
        """The picture is there the moment that `completed` is answered."""
        final = ticket.final
        path = "/generations/" + final["imageUrl"].rsplit("/", 1)[1]
        for _ in range(200):
            serve = self.rng.choice(self.service.serves)
            try:
                answer = await serve.wire.get(path)
            except NoAnswer as exc:
                self._no_answer(ticket, serve, "fetch", exc)
                await asyncio.sleep(0.2)
                continue
            if answer.status == 503 and self.service.storage_troubled():
                self.journal.count("fetches answered 503")
                await asyncio.sleep(0.2)
                continue
            body = answer.body
            size, whole = picture(body)
            if answer.status != 200 or answer.headers.get("content-type") != final["mimeType"] or not whole:
                self._violation(ticket, "completed has its picture", f"{answer.status} {answer.headers} {body[:80]!r}")
            elif size != (final["width"], final["height"]):
                self._violation(ticket, "completed has its picture", f"{size} instead of {final}")
            return
        self._violation(ticket, "completed has its picture", "no answer after many tries")

    def _no_answer(self, ticket: Ticket, serve: Serve, what: str, exc: NoAnswer) -> None:
        """Fine while its process is being killed, frozen or restarted."""
        self.journal.count(f"{what} without an answer")
        if not serve.troubled():
            self._violation(ticket, "an API process that is well answers", f"{what} at serve {serve.number}: {exc}")

    def _database_disturbed(self) -> bool:
        return time.monotonic() - self.service.database_disturbed_at < DATABASE_SECONDS

    def _violation(self, ticket: Ticket, rule: str, detail: str) -> None:
        self.journal.violation(rule, f"ticket {ticket.number} {ticket.generation_id}: {detail}", ticket.generation_id)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.journal.violation("the harness works", f"{type(error).__name__}: {error}")


def picture(body: bytes) -> tuple[tuple[int, int], bool]:
    """Its size, and whether it is whole: PNGs by hand, for there are thousands; Google's JPEGs by Pillow."""
    if body[:8] == b"\x89PNG\r\n\x1a\n":
        return (int.from_bytes(body[16:20], "big"), int.from_bytes(body[20:24], "big")), body[-8:-4] == b"IEND"
    if body[:3] == b"\xff\xd8\xff":
        with Image.open(io.BytesIO(body)) as opened:
            return opened.size, body[-2:] == b"\xff\xd9"
    return (0, 0), False
