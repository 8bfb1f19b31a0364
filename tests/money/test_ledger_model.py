"""Any sequence of steps in the lives of generations, against a model of thirty lines and the invariants."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from money_helpers import EXAMPLES, WIDE, Lab, violations

from cavendish import bootstrap
from cavendish import settings as configuration
from cavendish.application.access.authenticate import Authenticator
from cavendish.application.generations.submit import Submitted
from cavendish.application.work import sweep
from cavendish.errors import InsufficientCredits, LoginRequired
from cavendish.models import Caller, Quality
from cavendish.stores import accounts, ledger
from cavendish.stores.generations import Claim
from harness import databases

T = TypeVar("T")

PRICES = {Quality.ONE_K: 4, Quality.TWO_K: 8, Quality.FOUR_K: 16}
DEADLINE_MINUTES = 10


@dataclass
class Life:
    """The model of one generation. `claims` are the real ones, kept so that zombies can act."""

    account: int
    price: int
    deadline: int
    state: str = "pending"
    claims: list[Claim] = field(default_factory=list)
    engine: str = "script"
    waits: bool = False  # after a move, for its next claim
    lost: int = 0  # claims that ended in no move
    charged: int = 0

    @property
    def entries(self) -> list[str]:
        """Its ledger rows."""
        settled = {"completed": [f"capture {self.charged}"], "failed": [f"release {self.price}"]}
        return [f"hold {self.price}", *settled.get(self.state, [])]

    @property
    def open(self) -> bool:
        return self.state in ("pending", "generating")


class World:
    """The real thing behind the machine: one loop, one database, one service for all examples."""

    def __init__(self, server_url: str, template: str, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.name = "cavendish_model"
        self.server_url = server_url
        self.minutes = 0  # by which the database's clock is shifted; it never goes back
        self.do(databases.drop(server_url, self.name))
        url = self.do(databases.copy(server_url, template, self.name))
        # Not about durability: nobody pulls a plug here, and each flush would cost milliseconds.
        self.do(_execute(server_url, f"ALTER DATABASE {self.name} SET synchronous_commit = off"))
        flags = {"data": str(folder), "database_url": url, "routes": "nano-banana-2=script,backup",
                 "key_cache_seconds": "0", "pool_max": "2"}  # fmt: skip
        self.opened = bootstrap.services(configuration.load(flags, environment={}))
        self.lab = Lab(self.do(self.opened.__aenter__()))
        self.authenticator = Authenticator(self.lab.db, self.lab.services.settings)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def close(self) -> None:
        self.do(self.opened.__aexit__(None, None, None))
        self.do(databases.drop(self.server_url, self.name))
        self.runner.close()

    async def advance(self, minutes: int) -> None:
        """Shift the clock of every session: of those there are, and of later ones."""
        self.minutes += minutes
        shift = f"SET cavendish.clock_offset = '{self.minutes} minutes'"
        async with self.lab.db.connection() as one, self.lab.db.connection() as other:
            await one.execute(f"ALTER DATABASE {self.name} {shift}")
            await one.execute(shift)
            await other.execute(shift)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


class Lives(RuleBasedStateMachine):
    """Rules are what callers, workers and operators do; each predicts what the service must answer."""

    world: World

    owners = Bundle("owners")
    lives = Bundle("lives")

    def __init__(self) -> None:
        super().__init__()
        self.balance: dict[int, int] = {}
        self.held: dict[int, int] = {}
        self.keys: dict[int, str] = {}
        self.generations: dict[uuid.UUID, Life] = {}
        self.named: dict[tuple[int, str], uuid.UUID] = {}

    # What operators do

    @initialize(target=owners)
    def open_two_accounts(self) -> Any:
        return multiple(self._opened(12), self._opened(60))

    @rule(
        target=owners, owner=owners, what=st.sampled_from(["grant", "roll the key", "open"]), credits=st.integers(1, 30)
    )
    def operate(self, owner: int, what: str, credits: int) -> Any:
        if what == "open":
            return self._opened(credits)
        if what == "grant":
            self.balance[owner] += credits
            assert self.world.do(self._grant(owner, credits)) == self.balance[owner]
        else:
            old, self.keys[owner] = self.keys[owner], self.world.do(self._roll(owner))
            with pytest.raises(LoginRequired):
                self.world.do(self.world.authenticator.caller(old))
        return multiple()

    def _opened(self, credits: int) -> int:
        owner, key = self.world.do(self._open(credits))
        self.balance[owner], self.held[owner], self.keys[owner] = credits, 0, key
        return owner

    # What callers do

    @rule(target=lives, owner=owners, quality=st.sampled_from(Quality), key=st.sampled_from([None, None, "a", "b"]))
    def submit(self, owner: int, quality: Quality, key: str | None) -> Any:
        name = (owner, f"{key} {quality}") if key else None
        if name is None or (first := self.named.get(name)) is None:
            return self._submitted(owner, quality, name)
        found = self.world.do(self._submit(owner, quality, name))

        assert isinstance(found, Submitted)
        assert (found.replayed, found.generation_id) == (True, first)
        return multiple()

    # What workers do, zombies among them: `which` is any claim there ever was

    @rule(life=lives)
    def claim(self, life: uuid.UUID) -> None:
        model, found = self.generations[life], self.world.do(self.world.lab.claim(life))

        assert (found is not None) is model.open
        if found is not None:
            model.claims.append(found)
            model.state, model.waits, model.lost = "generating", False, model.lost + 1
            assert found.fence == len(model.claims)

    @rule(life=lives, which=st.integers(0, 3), charge=st.sampled_from([None, 4, 8, 16]))
    def complete(self, life: uuid.UUID, which: int, charge: int | None) -> None:
        """The first to deliver is paid, for what it delivered."""
        model, claim = self.generations[life], self._claim(life, which)
        acted = claim is not None and self.world.do(self.world.lab.complete(claim, charge=charge))

        assert acted is (model.state == "generating")
        if acted:
            model.charged = min(model.price, charge or model.price)
            self._settle(model, "completed", returned=model.price - model.charged)

    @rule(life=lives, which=st.integers(0, 3))
    def fail(self, life: uuid.UUID, which: int) -> None:
        """Only the newest claim may."""
        model, claim = self.generations[life], self._claim(life, which)
        acted = claim is not None and self.world.do(self.world.lab.fail(claim))

        assert acted is (model.state == "generating" and claim is model.claims[-1])
        if acted:
            self._settle(model, "failed", returned=model.price)

    @rule(life=lives, which=st.integers(0, 3))
    def move(self, life: uuid.UUID, which: int) -> None:
        """Only the newest claim may."""
        model, claim = self.generations[life], self._claim(life, which)
        acted = claim is not None and self.world.do(self.world.lab.move(claim))

        assert acted is (model.state == "generating" and claim is model.claims[-1])
        if acted and claim is not None:
            model.engine, model.waits, model.lost = "backup", True, claim.claims - 1

    @rule(life=lives, stopping=st.sampled_from([(), ("script",), ("backup",)]))
    def cancel(self, life: uuid.UUID, stopping: tuple[str, ...]) -> None:
        """What nobody makes, or an engine that stops unbilled."""
        model = self.generations[life]
        free = model.state == "pending" or model.engine in stopping or (model.waits and not model.lost)
        acted = self.world.do(self.world.lab.cancel(life, stopping=stopping))

        assert acted is (model.open and free)
        if acted:
            self._settle(model, "failed", returned=model.price)

    @rule(life=lives)
    def expire(self, life: uuid.UUID) -> None:
        model = self.generations[life]
        overdue = model.open and model.deadline <= self.world.minutes

        assert self.world.do(self.world.lab.expire(life)) is overdue
        if overdue:
            self._settle(model, "failed", returned=model.price)

    def _claim(self, life: uuid.UUID, which: int) -> Claim | None:
        """The claim of this number from the newest on; a first one where there is none yet."""
        model = self.generations[life]
        if not model.claims:
            self.claim(life)
        return model.claims[-1 - which % len(model.claims)] if model.claims else None

    # What time and the sweep do

    @rule(minutes=st.sampled_from([0, 4, 11]), swept=st.booleans())
    def time_passes(self, minutes: int, swept: bool) -> None:
        if minutes:
            self.world.do(self.world.advance(minutes))
        if swept:
            self._sweep()

    def _sweep(self) -> None:
        self.world.do(sweep.once(self.world.lab.services))
        for model in self.generations.values():
            if model.open and model.deadline <= self.world.minutes:
                self._settle(model, "failed", returned=model.price)

    # What must hold after each

    @invariant()
    def the_database_is_as_the_model(self) -> None:
        found, states = self.world.do(self._read())

        model = {owner: (self.balance[owner], self.held[owner]) for owner in self.balance}
        assert found == {owner: (*sums, *sums) for owner, sums in model.items()}, "account, and sum of its ledger rows"
        assert states == {life: (one.state, one.entries) for life, one in self.generations.items()}

    def teardown(self) -> None:
        """Leave nothing open for the next example's sweep."""
        self.world.do(self.world.advance(DEADLINE_MINUTES + 1))
        self._sweep()
        self.the_database_is_as_the_model()
        assert all(held == 0 for held in self.held.values()), "at rest nothing is held"
        assert self.world.do(violations(self.world.lab.db)) == []

    def _settle(self, model: Life, state: str, *, returned: int) -> None:
        model.state = state
        self.held[model.account] -= model.price
        self.balance[model.account] += returned

    def _submitted(self, owner: int, quality: Quality, name: tuple[int, str] | None) -> Any:
        price = PRICES[quality]
        found = self.world.do(self._submit(owner, quality, name))
        if self.balance[owner] < price:
            assert isinstance(found, InsufficientCredits)
            return multiple()
        assert isinstance(found, Submitted)
        assert not found.replayed
        self.balance[owner] -= price
        self.held[owner] += price
        assert found.balance == self.balance[owner]
        self.generations[found.generation_id] = Life(owner, price, self.world.minutes + DEADLINE_MINUTES)
        if name is not None:
            self.named[name] = found.generation_id
        return found.generation_id

    async def _submit(self, owner: int, quality: Quality, name: tuple[int, str] | None) -> Any:
        caller = await self.world.authenticator.caller(self.keys[owner])
        assert caller.account_id == owner
        return await self.world.lab.try_submit(caller, quality=quality, key=name[1] if name else None)

    async def _open(self, credits: int) -> tuple[int, str]:
        caller = await self.world.lab.caller(credits=credits)
        return caller.account_id, await self._key(caller)

    async def _key(self, caller: Caller) -> str:
        async with self.world.lab.db.connection() as connection:
            owner = await accounts.get(connection, caller.account_id)
            key = await accounts.create_key(connection, owner, limit=WIDE)
        assert key.secret
        return key.secret

    async def _roll(self, owner: int) -> str:
        caller = await self.world.authenticator.caller(self.keys[owner])
        async with self.world.lab.db.connection() as connection:
            assert await accounts.revoke_key(connection, caller.key_id)
        return await self._key(caller)

    async def _grant(self, owner: int, amount: int) -> int:
        async with self.world.lab.db.connection() as connection:
            return await ledger.grant(connection, owner, amount, reason="model")

    async def _read(self) -> tuple[dict[int, Any], dict[uuid.UUID, Any]]:
        async with self.world.lab.db.connection() as connection:
            accounts_found = await connection.fetch(_ACCOUNTS, list(self.balance))
            generations_found = await connection.fetch(_GENERATIONS, list(self.balance))
        return {row[0]: tuple(row)[1:] for row in accounts_found}, {row[0]: tuple(row)[1:] for row in generations_found}


_ACCOUNTS = """
SELECT a.id, balance, held, coalesce(sum(balance_change), 0)::bigint, coalesce(sum(held_change), 0)::bigint
FROM cavendish.accounts a LEFT JOIN cavendish.ledger l ON l.account_id = a.id
WHERE a.id = ANY($1::bigint[]) GROUP BY a.id"""

_GENERATIONS = """
SELECT g.id, state, array_agg(kind || ' ' || amount ORDER BY l.id)
FROM cavendish.generations g LEFT JOIN cavendish.ledger l ON l.generation_id = g.id
WHERE g.account_id = ANY($1::bigint[]) GROUP BY g.id"""


@pytest.mark.fuzz
def test_after_every_step_the_database_is_as_the_model_and_the_invariants_hold(
    server_url: str, template: str, tmp_path: Path
) -> None:
    world = World(server_url, template, tmp_path)

    class Machine(Lives):
        pass

    Machine.world = world
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES or 30,
                stateful_step_count=100 if EXAMPLES else 30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=not EXAMPLES,
            ),
        )
    finally:
        world.close()
