"""Generations: the truth about every request for an image. States only ever move forward."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from cavendish import clock
from cavendish.db.pool import Connection, Record
from cavendish.models import Generation, Gone, Image, Mode, Output, Quality, State, Status

# Takes `input` (one row per submission, `position` within its account), `held` and `lane`; gives `created`.
INSERT = """
created AS (
    INSERT INTO cavendish.generations (id, task_id, account_id, key_id, model, engine, mode, prompt, aspect_ratio,
        image_quality, google_search, input_image_urls, seed, price, virtual_tag, warnings, deadline_at,
        output_width, output_height, output_type, output_quality, label, batch_id, batch_index, previews)
    SELECT i.id, i.task_id, i.account_id, i.key_id, i.model, i.engine, i.mode, i.prompt, i.aspect_ratio,
        i.image_quality, i.google_search, i.input_image_urls, i.seed, i.price, l.start_tag + i.position * l.cost,
        i.warnings, cavendish.cavendish_now() + make_interval(secs => i.deadline_seconds),
        i.output_width, i.output_height, i.output_type, i.output_quality, i.label, i.batch_id, i.batch_index,
        i.previews
    FROM input i JOIN held h ON h.account_id = i.account_id JOIN lane l ON l.account_id = i.account_id
    WHERE i.position <= h.covered
    RETURNING id, account_id, price, virtual_tag, engine
)"""

# The first claim that delivers wins, even when a newer one is under way: the picture is good and is paid once.
# Only a claim that exists may deliver (fence), and only while nothing settled the generation (state).
COMPLETE = """
settled AS (
    UPDATE cavendish.generations SET state = 'completed', progress = 100, engine = :engine,
        engine_model = :engine_model, seed = coalesce(:seed, seed), warnings = :warnings,
        credits_charged = least(price, :charge), image_name = :image_name, image_type = :image_type,
        image_width = :image_width, image_height = :image_height, image_bytes = :image_bytes,
        image_sha256 = :image_sha256, grounding = :grounding::jsonb,
        notes = :notes::jsonb, finished_at = cavendish.cavendish_now()
    WHERE id = :id AND state = 'generating' AND :fence BETWEEN 1 AND fence
    RETURNING id, account_id, price, credits_charged, model
)"""

# Only the newest claim may give up: an older one's failure must not refund a generation that is still being made.
FAIL = """
settled AS (
    UPDATE cavendish.generations SET state = 'failed', progress = 0, error = :error, error_code = :error_code,
        finished_at = cavendish.cavendish_now()
    WHERE id = :id AND state IN ('pending', 'generating') AND fence = :fence
    RETURNING id, account_id, price
)"""

# Whoever holds it: its time is over.
EXPIRE = """
settled AS (
    UPDATE cavendish.generations SET state = 'failed', progress = 0, error = :error, error_code = 'EXPIRED',
        finished_at = cavendish.cavendish_now()
    WHERE id = :id AND state IN ('pending', 'generating') AND deadline_at <= cavendish.cavendish_now()
    RETURNING id, account_id, price
)"""

# What nobody makes, and what an engine makes that stops unbilled. Nobody makes what was never claimed, nor what waits
# for its next try where every claim ended by a move (claims): one that was given back, or whose worker died, may have
# been ordered and billed, and is still to be fetched.
CANCEL = """
settled AS (
    UPDATE cavendish.generations SET state = 'failed', progress = 0, error = :error, error_code = 'CANCELLED',
        finished_at = cavendish.cavendish_now()
    WHERE id = :id AND (state = 'pending'
        OR state = 'generating' AND (engine = ANY (:stopping::text[]) OR NOT leased AND claims = 0))
    RETURNING id, account_id, price
)"""

# There is another try: to the front of that engine's queue, for it waited its turn already.
# Takes `place`; gives `moved`. State and progress stay: neither ever goes back. What it counts is set, not added to:
# a move whose answer was lost is made again.
MOVE = """
moved AS (
    UPDATE cavendish.generations SET engine = place.name, virtual_tag = place.virtual_time,
        attempts = :attempts::smallint, claims = :claims::smallint, leased = false,
        ready_at = cavendish.cavendish_now() + :delay::interval, touched_at = cavendish.cavendish_now()
    FROM place
    WHERE id = :id AND state = 'generating' AND fence = :fence
    RETURNING id, virtual_tag
)"""

# Of a generation that had a picture; `Gone` in the models.
_GONE = "CASE WHEN image_deleted_at IS NULL THEN NULL WHEN hidden_at IS NULL THEN 'expired' ELSE 'deleted' END"

_STATUS = f"""
SELECT g.id, account_id, state, progress, model, engine, engine_model, seed, price, credits_charged, warnings, error,
       error_code, image_name, image_type, image_width, image_height, image_bytes,
       {_GONE} AS gone, g.created_at, finished_at, grounding, notes, a.balance
FROM cavendish.generations g JOIN cavendish.accounts a ON a.id = g.account_id"""

_POLL = f"{_STATUS} WHERE g.id = ANY($1::uuid[])"

# Two branches, so that each is found by its index.
_OF_CALL = f"""
{_STATUS} WHERE g.account_id = $1 AND g.id IN (
    SELECT $2::uuid UNION ALL
    SELECT other.id FROM cavendish.generations first
    JOIN cavendish.generations other ON other.batch_id = first.batch_id
    WHERE first.id = $2 AND first.batch_index = 0)
ORDER BY g.batch_index"""

_GET = "SELECT * FROM cavendish.generations WHERE id = $1"

_HIDE = """
UPDATE cavendish.generations SET hidden_at = coalesce(hidden_at, cavendish.cavendish_now()),
    image_deleted_at = CASE WHEN image_name IS NULL THEN NULL
                            ELSE coalesce(image_deleted_at, cavendish.cavendish_now()) END
WHERE id = $1 AND state IN ('completed', 'failed')
RETURNING image_name"""

_PROGRESS = """
UPDATE cavendish.generations g SET progress = p.progress
FROM unnest($1::uuid[], $2::integer[], $3::smallint[]) AS p (id, fence, progress)
WHERE g.id = p.id AND g.fence = p.fence AND g.state = 'generating' AND g.progress < p.progress
RETURNING g.id, g.account_id"""

_OVERDUE = """
SELECT id FROM cavendish.generations
WHERE finished_at IS NULL AND deadline_at <= cavendish.cavendish_now()
ORDER BY deadline_at LIMIT $1"""

# What was written by a clock that has come back since: it has all its time again, from now. Then its deadline is before
# its creation, which says that this was done.
_BRING_BACK = """
UPDATE cavendish.generations SET deadline_at = cavendish.cavendish_now() + (deadline_at - created_at)
WHERE finished_at IS NULL AND created_at > cavendish.cavendish_now() + interval '1 minute' AND deadline_at > created_at
RETURNING id"""

_EXISTS = "SELECT account_id FROM cavendish.generations WHERE id = $1"

_KNOWN_IMAGES = """
SELECT image_name FROM cavendish.generations
WHERE image_name = ANY($1::text[]) AND image_deleted_at IS NULL"""

# One statement, one moment: a picture that is completed between two would be neither open nor known.
_WANTED = """
SELECT image_name FROM cavendish.generations
WHERE image_name = ANY($1::text[]) AND image_deleted_at IS NULL
UNION ALL
SELECT name FROM unnest($1::text[]) AS name JOIN cavendish.generations g ON g.picture_stem = split_part(name, '-', 1)
WHERE g.finished_at IS NULL"""

_IMAGE_GONE = f"SELECT {_GONE} FROM cavendish.generations WHERE image_name = $1"

_OPEN_COUNTS = """
SELECT engine, state, count(*) FROM cavendish.generations
WHERE finished_at IS NULL GROUP BY engine, state ORDER BY engine, state"""

_IDEMPOTENT_INSERT = """
INSERT INTO cavendish.idempotency_keys (account_id, endpoint, key, fingerprint, generation_id)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING true"""

# For a key that names a request for some time only: it is free again when what it named is as old as that. What was
# committed while this waited is not seen here, and so is not old.
_IDEMPOTENT_RENEW = """
INSERT INTO cavendish.idempotency_keys AS i (account_id, endpoint, key, fingerprint, generation_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id, endpoint, key) DO UPDATE SET
    fingerprint = excluded.fingerprint, generation_id = excluded.generation_id
    WHERE $7 OR (SELECT g.created_at < cavendish.cavendish_now() - $6::interval
                 FROM cavendish.generations g WHERE g.id = i.generation_id)
RETURNING true"""

# All that the call with this key ordered, in order.
_IDEMPOTENT_FIND = """
WITH named AS (
    SELECT i.fingerprint, g.id, g.batch_id
    FROM cavendish.idempotency_keys i JOIN cavendish.generations g ON g.id = i.generation_id
    WHERE i.account_id = $1 AND i.endpoint = $2 AND i.key = $3
        AND ($4::interval IS NULL OR g.created_at >= cavendish.cavendish_now() - $4::interval))
SELECT n.fingerprint, g.id AS generation_id, g.task_id, g.price, g.batch_index
FROM named n JOIN cavendish.generations g ON g.id = n.id
UNION ALL
SELECT n.fingerprint, g.id, g.task_id, g.price, g.batch_index
FROM named n JOIN cavendish.generations g ON g.batch_id = n.batch_id AND g.id <> n.id
ORDER BY batch_index"""

_IDEMPOTENT_DELETE = """
DELETE FROM cavendish.idempotency_keys WHERE account_id = $1 AND endpoint = $2 AND key = $3 AND generation_id = $4"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's hold on a generation.

    Attributes:
        fence: Its number.
        attempts: Failures so far of the engine it is queued for.
        claims: This one, and those before it that ended in no further try: a worker died, or was stopped.
        given_seconds: Until the deadline, at claim time.
        picture_stem: What the generation's pictures are called, before the fence.
    """

    generation: Generation
    fence: int
    picture_stem: str
    attempts: int
    claims: int
    given_seconds: float
    since: clock.Stopwatch = field(default_factory=clock.Stopwatch)

    @property
    def seconds_left(self) -> float:
        """Until the deadline, from now."""
        return self.given_seconds - self.since.seconds


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Names one request, per account and endpoint.

    Attributes:
        lifetime: How long, from its generation on; None: for ever.
        anew: It is a new request, whatever the key stood for before; it says so to those that come after it.
    """

    account_id: int
    endpoint: str
    key: str
    fingerprint: bytes
    lifetime: datetime.timedelta | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """One of the generations that an Idempotency-Key already stands for."""

    fingerprint: bytes
    generation_id: uuid.UUID
    task_id: str
    price: int
    batch_index: int | None


def from_row(row: Record) -> Generation:
    """A generation from a whole row of its table."""
    image = None
    if row["image_name"] is not None:
        image = Image(
            name=row["image_name"],
            media_type=row["image_type"],
            width=row["image_width"],
            height=row["image_height"],
            size_bytes=row["image_bytes"],
            sha256=row["image_sha256"],
        )
    same = {
        name: row[name]
        for name in (
            "id", "task_id", "account_id", "model", "engine", "engine_model", "prompt", "aspect_ratio",
            "google_search", "seed", "price", "credits_charged", "progress", "fence", "error", "error_code",
            "created_at", "started_at", "finished_at", "grounding", "notes",
        )
    }  # fmt: skip
    return Generation(
        **same,
        state=State(row["state"]),
        mode=Mode(row["mode"]),
        image_quality=Quality(row["image_quality"]),
        input_image_urls=tuple(row["input_image_urls"]),
        warnings=tuple(row["warnings"]),
        image=image,
        gone=_gone(row),
        batch_id=row["batch_id"],
        output=Output(
            row["output_width"], row["output_height"], row["output_type"], row["output_quality"], row["label"]
        ),
        previews=row["previews"] or 0,
    )


def _gone(row: Record) -> Gone | None:
    """As `_GONE`, from a whole row."""
    if row["image_deleted_at"] is None:
        return None
    return Gone.EXPIRED if row["hidden_at"] is None else Gone.DELETED


def claim_from_row(row: Record) -> Claim:
    # Where a clock jumped and came back, the deadline is further away than it ever was.
    whole = (row["deadline_at"] - row["created_at"]).total_seconds()
    return Claim(
        generation=from_row(row),
        fence=row["fence"],
        picture_stem=row["picture_stem"],
        attempts=row["attempts"],
        claims=row["claims"],
        given_seconds=min(row["seconds_left"], whole) if whole > 0 else row["seconds_left"],
    )


async def poll(connection: Connection, generation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Status]:
    """What check-status shows of many generations, by one indexed read."""
    return {row[0]: Status(*row) for row in await connection.fetch(_POLL, generation_ids)}


async def of_call(connection: Connection, account_id: int, first: uuid.UUID) -> list[Status]:
    """The same of all that one call of the account ordered, by the id of its first generation, in order."""
    return [Status(*row) for row in await connection.fetch(_OF_CALL, account_id, first)]


async def get(connection: Connection, generation_id: uuid.UUID) -> Generation | None:
    row = await connection.fetchrow(_GET, generation_id)
    return from_row(row) if row else None


async def owner(connection: Connection, generation_id: uuid.UUID) -> int | None:
    """The account of a generation, None where there is no such generation."""
    found: int | None = await connection.fetchval(_EXISTS, generation_id)
    return found


async def hide(connection: Connection, generation_id: uuid.UUID) -> tuple[bool, str | None]:
    """Take a finished generation out of every list and give up its picture; whether it was finished, and the file."""
    row = await connection.fetchrow(_HIDE, generation_id)
    return (False, None) if row is None else (True, row["image_name"])


async def write_progress(
    connection: Connection, marks: Sequence[tuple[uuid.UUID, int, int]]
) -> list[tuple[uuid.UUID, int]]:
    """Raise the progress of many running claims (id, fence, percent) at once; never lowers one.

    Returns:
        Those that were raised, each with its account.
    """
    rows = await connection.fetch(_PROGRESS, *map(list, zip(*marks, strict=True)))
    return [(row["id"], row["account_id"]) for row in rows]


async def overdue(connection: Connection, *, count: int) -> list[uuid.UUID]:
    """Open generations whose deadline passed."""
    return [row["id"] for row in await connection.fetch(_OVERDUE, count)]


async def bring_back(connection: Connection) -> int:
    """Give open generations from the future, which a clock that jumped has made, their time from now; how many."""
    return len(await connection.fetch(_BRING_BACK))


async def known_images(connection: Connection, names: Sequence[str]) -> set[str]:
    """Which of these file names a generation refers to."""
    return {row["image_name"] for row in await connection.fetch(_KNOWN_IMAGES, names)}


async def wanted_images(connection: Connection, names: Sequence[str]) -> set[str]:
    """Which of these files a generation refers to, or may yet: one of its claims may have stored it to complete."""
    return {row["image_name"] for row in await connection.fetch(_WANTED, names)}


async def image_gone(connection: Connection, name: str) -> str | None:
    """Why this picture is no more (`Gone`); None: no generation ever had it, or it is there."""
    gone: str | None = await connection.fetchval(_IMAGE_GONE, name)
    return gone


async def open_counts(connection: Connection) -> list[tuple[str, str, int]]:
    """Engine, state and count of what is not finished."""
    return [tuple(row) for row in await connection.fetch(_OPEN_COUNTS)]


async def remember_key(connection: Connection, key: IdempotencyKey, generation_id: uuid.UUID) -> bool:
    """Claim the key for this generation; False: it is taken. Waits while another transaction claims it."""
    values = key.account_id, key.endpoint, key.key, key.fingerprint, generation_id
    if key.lifetime is None:
        return bool(await connection.fetchval(_IDEMPOTENT_INSERT, *values))
    return bool(await connection.fetchval(_IDEMPOTENT_RENEW, *values, key.lifetime, key.anew))


async def forget_key(connection: Connection, key: IdempotencyKey, generation_id: uuid.UUID) -> None:
    """Undo `remember_key` in the same transaction, when nothing was created."""
    await connection.execute(_IDEMPOTENT_DELETE, key.account_id, key.endpoint, key.key, generation_id)


async def find_key(connection: Connection, key: IdempotencyKey) -> list[Replay]:
    """What it stands for; nothing where it is free."""
    found = await connection.fetch(_IDEMPOTENT_FIND, key.account_id, key.endpoint, key.key, key.lifetime)
    return [Replay(**row) for row in found]
