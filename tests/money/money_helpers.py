"""What the money tests share: an independent auditor in plain SQL, and short words for the use cases."""

from __future__ import annotations

import dataclasses
import datetime
import os
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cavendish import ids
from cavendish.application.access.authenticate import RateLimiter
from cavendish.application.generations import submit as submitting
from cavendish.application.services import Services
from cavendish.application.work import settle
from cavendish.db.pool import Connection, Database, Record
from cavendish.db.sql import Statement
from cavendish.errors import ApiError
from cavendish.models import Caller, Image, Mode, Quality, RateLimit, Submission
from cavendish.stores import accounts, ledger
from cavendish.stores.generations import Claim, IdempotencyKey
from harness.claims import claim_one

EXAMPLES = int(os.environ.get("CAVENDISH_TEST_EXAMPLES", "0"))  # 0: the size for every commit
WIDE = RateLimit(1_000_000, 3600)

# Each gives one row per violation. Nothing here is shared with the service, `cavendish check` included.
_RULES = {
    "I1 an account is the sum of its ledger rows": """
        SELECT a.id, a.balance, a.held, sum(l.balance_change), sum(l.held_change)
        FROM cavendish.accounts a LEFT JOIN cavendish.ledger l ON l.account_id = a.id GROUP BY a.id
        HAVING a.balance <> coalesce(sum(l.balance_change), 0) OR a.held <> coalesce(sum(l.held_change), 0)""",
    "I2 held is what open generations cost": """
        SELECT a.id, a.held, sum(g.price) FROM cavendish.accounts a
        LEFT JOIN cavendish.generations g ON g.account_id = a.id AND g.state IN ('pending', 'generating')
        GROUP BY a.id HAVING a.held <> coalesce(sum(g.price), 0)""",
    "nothing is negative": "SELECT id, balance, held FROM cavendish.accounts WHERE balance < 0 OR held < 0",
    "I3 one hold of the price per generation": """
        SELECT g.id, count(l.id) FROM cavendish.generations g LEFT JOIN cavendish.ledger l
            ON l.generation_id = g.id AND l.kind = 'hold' AND l.amount = g.price AND l.account_id = g.account_id
        GROUP BY g.id HAVING count(l.id) <> 1""",
    "I3 one settlement per finished generation, none for an open one": """
        SELECT g.id, g.state, count(l.id) FROM cavendish.generations g
        LEFT JOIN cavendish.ledger l ON l.generation_id = g.id AND l.kind IN ('capture', 'release')
        GROUP BY g.id HAVING count(l.id) <> CASE WHEN g.state IN ('completed', 'failed') THEN 1 ELSE 0 END""",
    "I4 completed is captured for its charge and has a picture": """
        SELECT g.id FROM cavendish.generations g WHERE g.state = 'completed' AND NOT EXISTS (
            SELECT FROM cavendish.ledger l WHERE l.generation_id = g.id AND l.kind = 'capture'
                AND l.amount = g.credits_charged AND l.held_change = -g.price
                AND l.balance_change = g.price - g.credits_charged AND g.image_name IS NOT NULL)""",
    "I4 failed is released in full and has no picture": """
        SELECT g.id FROM cavendish.generations g WHERE g.state = 'failed' AND (g.image_name IS NOT NULL
            OR NOT EXISTS (SELECT FROM cavendish.ledger l
                           WHERE l.generation_id = g.id AND l.kind = 'release' AND l.amount = g.price))""",
    "I6 an Idempotency-Key stands for one generation that exists": """
        SELECT i.key FROM cavendish.idempotency_keys i LEFT JOIN cavendish.generations g ON g.id = i.generation_id
        WHERE g.id IS NULL OR g.account_id <> i.account_id
        UNION ALL
        SELECT generation_id::text FROM cavendish.idempotency_keys GROUP BY generation_id HAVING count(*) > 1""",
    "credits are whole numbers": """
        SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'cavendish'
            AND column_name IN
                ('balance', 'held', 'amount', 'balance_change', 'held_change', 'price', 'credits_charged')
            AND data_type <> 'bigint'""",
}


async def violations(db: Database | Connection) -> list[str]:
    """Every broken invariant with an example; empty: all hold."""
    broken = []
    for promise, query in _RULES.items():
        if rows := await db.fetch(query):
            broken.append(f"{promise}: {len(rows)}, such as {tuple(rows[0])}")
    return broken


async def execute_on(connection: Connection, statement: Statement, **values: object) -> Record | None:
    """One of the service's statements inside a transaction of the test's; its first row."""
    return await connection.fetchrow(statement.text, *statement.arguments(values))


@dataclass
class Lab:
    """Services with an account or many, and one word for each step of a generation's life."""

    services: Services

    def __post_init__(self) -> None:
        """Each has a rate limiter of its own, as each process has."""
        limiter = RateLimiter(self.services.db, self.services.settings)
        self.services = dataclasses.replace(self.services, rate_limiter=limiter)

    @property
    def db(self) -> Database:
        return self.services.db

    async def caller(self, *, credits: int, limit: RateLimit | None = WIDE) -> Caller:
        """A new account with a key, as its caller."""
        async with self.db.transaction() as transaction:
            owner = await accounts.ensure(transaction, f"account-{secrets.token_hex(6)}")
            if credits:
                await ledger.grant(transaction, owner.id, credits, reason="test")
            key = await accounts.create_key(transaction, owner, limit=limit)
        return Caller(owner.id, owner.name, key.id, limit)

    async def submit(
        self, caller: Caller, *, quality: Quality = Quality.ONE_K, key: str | None = None, prompt: str = "a test"
    ) -> submitting.Submitted:
        named = None
        if key is not None:
            named = IdempotencyKey(caller.account_id, "/generate", key, f"{prompt} {quality}".encode().ljust(32)[:32])
        return await submitting.submit(self.services, caller, submission(quality, prompt), named)

    async def try_submit(self, caller: Caller, **options: Any) -> submitting.Submitted | ApiError:
        try:
            return await self.submit(caller, **options)
        except ApiError as error:
            return error

    async def claim(self, generation_id: uuid.UUID) -> Claim | None:
        return await claim_one(self.db, generation_id)

    async def claimed(self, caller: Caller, *, quality: Quality = Quality.ONE_K) -> Claim:
        """A new generation that a worker has."""
        claim = await self.claim((await self.submit(caller, quality=quality)).generation_id)
        assert claim is not None
        return claim

    async def complete(self, claim: Claim, *, charge: int | None = None) -> bool:
        return await settle.complete(
            self.services,
            claim,
            picture(claim.fence),
            engine="script",
            engine_model="script-1",
            seed=None,
            charge=claim.generation.price if charge is None else charge,
            warnings=(),
        )

    async def fail(self, claim: Claim) -> bool:
        return await settle.fail(self.services, claim, error="it failed", error_code="GENERATION_FAILED")

    async def move(self, claim: Claim, engine: str = "backup") -> bool:
        return await settle.move(self.services, claim, engine=engine, delay=datetime.timedelta(0))

    async def expire(self, generation_id: uuid.UUID) -> bool:
        return await settle.expire(self.services, generation_id)

    async def cancel(self, generation_id: uuid.UUID, *, stopping: Sequence[str] = ()) -> bool:
        return await settle.cancel(self.services, generation_id, stopping=stopping)

    async def balance(self, caller: Caller) -> tuple[int, int]:
        async with self.db.connection() as connection:
            found = await accounts.get(connection, caller.account_id)
        return found.balance, found.held

    async def state(self, generation_id: uuid.UUID) -> str:
        return str(await self.db.fetchval("SELECT state FROM cavendish.generations WHERE id = $1", generation_id))

    async def entries(self, generation_id: uuid.UUID) -> list[str]:
        query = "SELECT kind FROM cavendish.ledger WHERE generation_id = $1 ORDER BY id"
        return [row["kind"] for row in await self.db.fetch(query, generation_id)]

    async def count(self, caller: Caller) -> int:
        """The account's generations."""
        query = "SELECT count(*) FROM cavendish.generations WHERE account_id = $1"
        return int(await self.db.fetchval(query, caller.account_id))

    async def overdue(self, *claims: Claim) -> None:
        """Let their deadlines have passed a second ago."""
        await self.db.fetch(
            "UPDATE cavendish.generations SET deadline_at = cavendish.cavendish_now() - interval '1 second'"
            " WHERE id = ANY($1::uuid[])",
            [claim.generation.id for claim in claims],
        )


def submission(quality: Quality = Quality.ONE_K, prompt: str = "a test") -> Submission:
    return Submission("nano-banana-2", prompt, Mode.GENERATE, "16:9", quality, False, (), None)


def picture(fence: int) -> Image:
    return Image(
        ids.new_image_name(fence=fence, media_type="image/png"), "image/png", 1376, 768, 1000, secrets.token_bytes(32)
    )
