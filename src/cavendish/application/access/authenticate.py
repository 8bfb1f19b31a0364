"""Who calls, and may they call now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cavendish import clock, ids
from cavendish.db.batch import Batch
from cavendish.db.patience import away_after, patiently
from cavendish.db.pool import Connection, Database
from cavendish.errors import DatabaseUnavailable, LoginRequired, RateLimitExceeded
from cavendish.models import Caller, KeyLimit
from cavendish.settings import Settings
from cavendish.stores import accounts, rate_limits, sessions
from cavendish.stores.rate_limits import Budget, Quota

_CALLERS_MAX = 10_000  # keys remembered per process; a caller is about 300 bytes
_NO_KEY = (
    "send your API key as 'Authorization: Bearer cav_live_…' or as 'x-api-key'; create one with 'cavendish keys create'"
)
_BAD_KEY = "this API key is unknown, mistyped or revoked; create one with 'cavendish keys create'"


_ENDED = "this session has ended; sign in again"

_Read = Callable[[Connection, list[bytes]], Awaitable[dict[bytes, Caller]]]


@dataclass(slots=True)
class _Known:
    caller: Caller
    read_at: float


class Authenticator:
    """Proves callers by keys and by sessions. Each is read again when its last read is `key_cache_seconds` old."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._keys: Batch[bytes, Caller] = Batch(self._read(accounts.callers))
        self._sessions: Batch[bytes, Caller] = Batch(self._read(sessions.callers))

    async def caller(self, key: str | None, *, polling: bool = False) -> Caller:
        """The caller behind a key.

        Args:
            polling: While the database is away, let in who was let in before, and wait a while for it otherwise.

        Raises:
            LoginRequired: no key, or not one that is valid now.
            DatabaseUnavailable: it cannot be known.
        """
        if not key:
            raise LoginRequired(f"Authentication required: {_NO_KEY}")
        digest = ids.key_digest(key)
        # A session's token is no key, though it is remembered beside them.
        known = self._known.get(digest) if key.startswith(ids.KEY_PREFIX) else None
        if known is not None and clock.monotonic() - known.read_at < self._settings.key_cache_seconds:
            return known.caller
        if not ids.is_well_formed_key(key):
            raise LoginRequired(f"Authentication failed: {_BAD_KEY}")
        if not polling:
            return await self._look_up(self._keys, digest, _BAD_KEY)
        return await self._look_up_patiently(self._keys, digest, known, _BAD_KEY)

    async def person(self, token: str, *, polling: bool = False) -> Caller:
        """The caller behind a session's cookie; arguments and errors as for `caller`."""
        if not sessions.TOKEN_PATTERN.fullmatch(token):
            raise LoginRequired(f"Authentication failed: {_ENDED}")
        digest = sessions.digest(token)
        known = self._known.get(digest)
        if known is not None and clock.monotonic() - known.read_at < self._settings.key_cache_seconds:
            return known.caller
        if not polling:
            return await self._look_up(self._sessions, digest, _ENDED)
        return await self._look_up_patiently(self._sessions, digest, known, _ENDED)

    def forget(self, token: str) -> None:
        """A session that has just ended is not remembered a moment longer by this process."""
        self._known.pop(sessions.digest(token), None)

    async def _look_up(self, batch: Batch[bytes, Caller], digest: bytes, otherwise: str) -> Caller:
        started = clock.monotonic()
        caller = await batch.load(digest)
        if caller is None:
            self._known.pop(digest, None)
            raise LoginRequired(f"Authentication failed: {otherwise}")
        self._known[digest] = _Known(caller, started)
        self._known.move_to_end(digest)
        if len(self._known) > _CALLERS_MAX:
            self._known.popitem(last=False)
        return caller

    async def _look_up_patiently(
        self, batch: Batch[bytes, Caller], digest: bytes, fallback: _Known | None, otherwise: str
    ) -> Caller:
        try:
            patience = self._settings.outage_seconds if fallback is None else 0.0
            return await patiently(lambda: self._look_up(batch, digest, otherwise), seconds=patience)
        except DatabaseUnavailable:
            if fallback is None:
                raise
            return fallback.caller

    def _read(self, read: _Read) -> Callable[[list[bytes]], Awaitable[dict[bytes, Caller]]]:
        async def reading(digests: list[bytes]) -> dict[bytes, Caller]:
            async with away_after(self._settings.outage_seconds / 2), self._db.connection() as connection:
                return await read(connection, digests)

        return reading


class RateLimiter:
    """The limits on generate, as far as they can be told without taking anything."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._closed_until: dict[tuple[str, str], float] = {}

    def budgets(self, caller: Caller) -> tuple[Budget, ...]:
        """What the caller's calls count against: its key and those that this counts with, its account, its failures."""
        return (*self.key_budgets(caller), *self._of_account(caller))

    def key_budgets(self, caller: Caller) -> tuple[Budget, ...]:
        """Those of keys. A key without a limit of its own has the service's, or that of the keys it counts with."""
        first, *others = (*caller.counts_with, KeyLimit(caller.key_id, caller.limit))
        default = self._settings.generate_limit
        return (
            Budget(first.key_id, first.limit or default),
            *(Budget(key.key_id, key.limit) for key in others if key.limit),
        )

    def _of_account(self, caller: Caller) -> tuple[Budget, ...]:
        whose, limit = str(caller.account_id), self._settings.account_limit
        failures = Budget(whose, self._settings.failure_limit, "failures")
        return (Budget(whose, limit, "account"), failures) if limit else (failures,)

    def check(self, caller: Caller) -> None:
        """Refuse at once a caller that this process refused a moment ago; the database is not asked."""
        if not self._closed_until:
            return
        for budget in self.budgets(caller):
            seconds = self._closed_until.get((budget.kind, budget.whose), 0.0) - clock.monotonic()
            if seconds > 0:
                limit = budget.limit
                raise self.refusal(caller, Quota(budget, seconds + limit.seconds - limit.seconds / limit.count))

    async def standing(self, caller: Caller) -> Quota:
        """Where the key stands; raises RateLimitExceeded when nothing is left."""
        async with self._db.connection() as connection:
            quota = await rate_limits.read(connection, caller.account_id, self.budgets(caller))
        if quota.exhausted:
            raise self.closed(caller, quota)
        return quota

    def closed(self, caller: Caller, quota: Quota) -> RateLimitExceeded:
        """Remember the refusal, for all whose calls count there, and give the error for it."""
        if len(self._closed_until) >= _CALLERS_MAX:
            self._closed_until.clear()
        wait = quota.full_in_seconds + quota.interval_seconds - quota.limit.seconds
        self._closed_until[quota.budget.kind, quota.budget.whose] = clock.monotonic() + max(0.0, wait)
        return self.refusal(caller, quota)

    @staticmethod
    def refusal(caller: Caller, quota: Quota) -> RateLimitExceeded:
        why, seconds = _refused(caller, quota), quota.reset_seconds
        error = RateLimitExceeded(f"{why}. Try again in {seconds} s; polls do not count.", retry_after_seconds=seconds)
        error.quota = quota
        return error


def _refused(caller: Caller, quota: Quota) -> str:
    if quota.budget.kind == "failures":
        return f"Failure limit exceeded: {quota.limit} generations of an account may fail for what they ask, refunded"
    if quota.budget.kind == "account":
        return f"Account rate limit exceeded: {quota.limit} generate calls with all keys of the account together"
    together = "" if quota.budget.whose == caller.key_id else f" together with {quota.budget.whose}"
    return f"API key rate limit exceeded: {quota.limit} generate calls{together}"
