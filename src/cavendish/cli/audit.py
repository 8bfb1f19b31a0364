"""`cavendish check`: do credits, states and stored files agree? Changes nothing, and works while `serve` runs.

An auditor must not repeat the mistakes of those it audits: the statements and the readers of image headers here are
its own, and nothing that writes credits, states or files is imported.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from cavendish import settings as configuration
from cavendish.cli import common, data_option
from cavendish.db.pool import Connection, Database, Record
from cavendish.settings import Settings

_SHOWN_MAX = 5  # offenders named per invariant
_QUERY_SECONDS = 600.0  # far more than ten million generations need
_GRACE_SECONDS = 60.0  # what is due may be this late: a sweep comes every few seconds
_FILES_GRACE_SECONDS = 900.0  # files are swept every five minutes
_PAGE = 1000
_READ_BYTES = 1024 * 1024
_HEADER_BYTES = 256 * 1024  # a JPEG's size stands behind its EXIF and colour profile


@dataclass(frozen=True)
class Finding:
    """One invariant and how it is: `detail` counts what was looked at, or names what breaks it."""

    name: str
    promise: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class _Rule:
    """An invariant in SQL: `offenders` selects one column, the ids that break it; `scope` counts what it is about."""

    name: str
    promise: str
    noun: str
    scope: str
    offenders: str


_ACCOUNTS = "SELECT count(*) FROM cavendish.accounts"
_GENERATIONS = "SELECT count(*) FROM cavendish.generations"
_OPEN = "SELECT count(*) FROM cavendish.generations WHERE state IN ('pending', 'generating')"
_ENTRIES = "SELECT count(*) FROM cavendish.ledger"
_PICTURES = "SELECT count(*) FROM cavendish.generations WHERE image_name IS NOT NULL"

# One row per generation that has ledger entries: how many holds and settlements, and their amounts.
_SETTLED = """
    SELECT generation_id,
           count(*) FILTER (WHERE kind = 'hold') AS holds,
           count(*) FILTER (WHERE kind = 'capture') AS captures,
           count(*) FILTER (WHERE kind = 'release') AS releases,
           coalesce(sum(amount) FILTER (WHERE kind = 'hold'), 0) AS held,
           coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0) AS captured,
           coalesce(sum(amount) FILTER (WHERE kind = 'release'), 0) AS released,
           min(id) FILTER (WHERE kind = 'hold') AS first_hold,
           min(id) FILTER (WHERE kind <> 'hold') AS first_settlement
    FROM cavendish.ledger WHERE generation_id IS NOT NULL GROUP BY generation_id"""

_RULES = (
    _Rule(
        "ledger-rows",
        "each entry moves balance and held as its kind and amount say",
        "entries",
        _ENTRIES,
        """
        SELECT l.id FROM cavendish.ledger l
        WHERE (CASE l.kind
            WHEN 'grant' THEN l.generation_id IS NULL AND l.balance_change = l.amount AND l.held_change = 0
            WHEN 'hold' THEN l.generation_id IS NOT NULL AND l.balance_change = -l.amount AND l.held_change = l.amount
            WHEN 'release' THEN l.generation_id IS NOT NULL AND l.balance_change = l.amount
                AND l.held_change = -l.amount
            WHEN 'capture' THEN l.generation_id IS NOT NULL AND l.balance_change + l.held_change = -l.amount
                AND l.balance_change >= 0
            ELSE false END AND l.amount > 0) IS NOT TRUE""",
    ),
    _Rule(
        "account-sums",
        "balance and held are the sums of the account's entries",
        "accounts",
        _ACCOUNTS,
        """
        SELECT a.id FROM cavendish.accounts a
        LEFT JOIN (SELECT account_id, sum(balance_change) AS balance, sum(held_change) AS held
                   FROM cavendish.ledger GROUP BY account_id) l ON l.account_id = a.id
        WHERE a.balance <> coalesce(l.balance, 0) OR a.held <> coalesce(l.held, 0)""",
    ),
    _Rule(
        "account-kinds",
        "balance and held follow from kinds and amounts alone",
        "accounts",
        _ACCOUNTS,
        f"""
        WITH of_generations AS (
            SELECT g.account_id,
                   sum(CASE WHEN captures + releases = 0 THEN held ELSE 0 END) AS open,
                   sum(captured - released + CASE WHEN releases > 0 THEN held ELSE 0 END) AS spent
            FROM ({_SETTLED}) s JOIN cavendish.generations g ON g.id = s.generation_id GROUP BY g.account_id
        ),
        granted AS (
            SELECT account_id, sum(amount) AS amount FROM cavendish.ledger WHERE kind = 'grant' GROUP BY account_id
        )
        SELECT a.id FROM cavendish.accounts a
        LEFT JOIN of_generations o ON o.account_id = a.id LEFT JOIN granted r ON r.account_id = a.id
        WHERE a.held <> coalesce(o.open, 0)
           OR a.balance <> coalesce(r.amount, 0) - coalesce(o.open, 0) - coalesce(o.spent, 0)""",
    ),
    _Rule(
        "account-history",
        "no account was ever below zero, in balance or in held",
        "accounts",
        _ACCOUNTS,
        """
        SELECT DISTINCT account_id AS id FROM (
            SELECT account_id, sum(balance_change) OVER history AS balance, sum(held_change) OVER history AS held
            FROM cavendish.ledger WINDOW history AS (PARTITION BY account_id ORDER BY id)
        ) after_each_entry WHERE balance < 0 OR held < 0""",
    ),
    _Rule(
        "all-credits",
        "all that was granted is in an account or was captured",
        "accounts",
        _ACCOUNTS,
        """
        SELECT concat('granted ', g.credits, ', captured ', c.credits, ', in accounts ', a.credits) AS id
        FROM (SELECT coalesce(sum(balance + held), 0) AS credits FROM cavendish.accounts) a,
             (SELECT coalesce(sum(amount), 0) AS credits FROM cavendish.ledger WHERE kind = 'grant') g,
             (SELECT coalesce(sum(amount), 0) AS credits FROM cavendish.ledger WHERE kind = 'capture') c
        WHERE g.credits - c.credits <> a.credits""",
    ),
    _Rule(
        "held-open",
        "an account's held credits are the prices of its open generations",
        "accounts",
        _ACCOUNTS,
        """
        SELECT a.id FROM cavendish.accounts a
        LEFT JOIN (SELECT account_id, sum(price) AS prices FROM cavendish.generations
                   WHERE state IN ('pending', 'generating') GROUP BY account_id) g ON g.account_id = a.id
        WHERE a.held <> coalesce(g.prices, 0)""",
    ),
    _Rule(
        "one-hold",
        "each generation has one hold, of its price, on its own account",
        "generations",
        _GENERATIONS,
        f"""
        SELECT g.id FROM cavendish.generations g LEFT JOIN ({_SETTLED}) s ON s.generation_id = g.id
        WHERE s.holds IS DISTINCT FROM 1 OR s.held <> g.price OR s.first_hold > s.first_settlement
        UNION
        SELECT l.generation_id FROM cavendish.ledger l LEFT JOIN cavendish.generations g ON g.id = l.generation_id
        WHERE l.generation_id IS NOT NULL AND g.account_id IS DISTINCT FROM l.account_id""",
    ),
    _Rule(
        "one-settlement",
        "a finished generation has one capture or release, an open one has none",
        "generations",
        _GENERATIONS,
        f"""
        SELECT g.id FROM cavendish.generations g LEFT JOIN ({_SETTLED}) s ON s.generation_id = g.id
        WHERE coalesce(s.captures + s.releases, 0) <> CASE WHEN g.state IN ('completed', 'failed') THEN 1 ELSE 0 END""",
    ),
    _Rule(
        "settled-rightly",
        "completed is captured, and never above its price; failed is released, in full",
        "generations",
        _GENERATIONS,
        f"""
        SELECT g.id FROM cavendish.generations g LEFT JOIN ({_SETTLED}) s ON s.generation_id = g.id
        WHERE (g.state = 'completed') <> (coalesce(s.captures, 0) > 0)
           OR (g.state = 'failed') <> (coalesce(s.releases, 0) > 0)
           OR g.state = 'completed' AND (s.captured = g.credits_charged AND g.credits_charged BETWEEN 1 AND g.price)
              IS NOT TRUE
           OR g.state = 'failed' AND s.released <> g.price""",
    ),
    _Rule(
        "states",
        "each row says what its state says",
        "generations",
        _GENERATIONS,
        """
        SELECT id FROM cavendish.generations
        WHERE (CASE state
            WHEN 'pending' THEN finished_at IS NULL AND credits_charged IS NULL AND fence = 0 AND error_code IS NULL
            WHEN 'generating' THEN finished_at IS NULL AND credits_charged IS NULL AND fence > 0 AND error_code IS NULL
                AND started_at IS NOT NULL
            WHEN 'completed' THEN finished_at IS NOT NULL AND progress = 100 AND fence > 0 AND error_code IS NULL
            WHEN 'failed' THEN finished_at IS NOT NULL AND progress = 0 AND credits_charged IS NULL AND error <> ''
            ELSE false END AND fence >= 0 AND attempts <= fence) IS NOT TRUE""",
    ),
    _Rule(
        "pictures",
        "completed has a whole description of its own picture; nothing else has one",
        "generations",
        _GENERATIONS,
        r"""
        SELECT id FROM cavendish.generations
        WHERE (CASE state WHEN 'completed' THEN
                image_name ~ '^[0-9a-f]{32}-[0-9]{1,9}\.(png|jpg|webp)$' AND image_type ~ '^image/(png|jpeg|webp)$'
                AND image_width > 0 AND image_height > 0 AND image_bytes > 0 AND length(image_sha256) = 32
                AND substring(image_name FROM '-([0-9]{1,9})\.')::bigint BETWEEN 1 AND fence
            ELSE num_nonnulls(image_name, image_type, image_width, image_height, image_bytes, image_sha256,
                              image_deleted_at) = 0 END) IS NOT TRUE
        UNION
        SELECT id FROM cavendish.generations WHERE image_name IN (
            SELECT image_name FROM cavendish.generations GROUP BY image_name HAVING count(*) > 1)""",
    ),
    _Rule(
        "idempotency",
        "each Idempotency-Key stands for a generation of its account, each generation for one key at most",
        "keys",
        "SELECT count(*) FROM cavendish.idempotency_keys",
        """
        SELECT i.generation_id AS id FROM cavendish.idempotency_keys i
        LEFT JOIN cavendish.generations g ON g.id = i.generation_id
        WHERE g.account_id IS DISTINCT FROM i.account_id
        UNION
        SELECT generation_id FROM cavendish.idempotency_keys GROUP BY generation_id HAVING count(*) > 1""",
    ),
    _Rule(
        "deadlines",
        "nothing is open long past its deadline while a worker lives to end it",
        "open generations",
        _OPEN,
        f"""
        SELECT id FROM cavendish.generations
        WHERE state IN ('pending', 'generating')
          AND deadline_at < cavendish.cavendish_now() - interval '{_GRACE_SECONDS} seconds'
          AND EXISTS (SELECT FROM cavendish.workers
                      WHERE seen_at > cavendish.cavendish_now() - interval '{_GRACE_SECONDS / 2} seconds'
                        AND started_at < cavendish.cavendish_now() - interval '{_GRACE_SECONDS} seconds')""",
    ),
)

_AT_REST = _Rule(
    "at-rest",
    "nothing is open and nothing is held",
    "generations",
    _GENERATIONS,
    """
    SELECT id::text FROM cavendish.generations WHERE state IN ('pending', 'generating')
    UNION SELECT 'account ' || id FROM cavendish.accounts WHERE held <> 0""",
)

_FOUND = f"SELECT count(*), (array_agg(id::text ORDER BY id::text))[1:{_SHOWN_MAX}] FROM ({{}}) AS offenders (id)"

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PATIENCE = "SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true)"

_STORED = """
SELECT id, image_name, image_type, image_width, image_height, image_bytes, image_sha256 FROM cavendish.generations
WHERE state = 'completed' AND image_deleted_at IS NULL AND id > $1 ORDER BY id LIMIT $2"""

_STILL_KEPT = """
SELECT id FROM cavendish.generations WHERE id = ANY($1::uuid[]) AND image_deleted_at IS NULL"""

_NAMED = """
SELECT image_name FROM cavendish.generations WHERE image_name = ANY($1::text[]) AND image_deleted_at IS NULL
UNION ALL SELECT name FROM cavendish.uploads WHERE name = ANY($1::text[])"""

_SWEEPING = """
SELECT EXISTS (SELECT FROM cavendish.workers
               WHERE seen_at > cavendish.cavendish_now() - interval '1 minute'
                 AND started_at < cavendish.cavendish_now() - $1::float8 * interval '1 second')"""

_STORAGE_ID = "SELECT value FROM cavendish.facts WHERE name = 'storage_id'"


@click.command()
@click.option("--at-rest", is_flag=True, help="Also demand that no generation is open.")
@click.option("--no-files", is_flag=True, help="Leave out the stored files: credits and states only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
def check(at_rest: bool, no_files: bool, as_json: bool, data: str | None) -> None:
    """Check every rule about credits, states and stored files; exit 1 if one is broken.

    Changes nothing. The database is read in one snapshot, so it may be in use.
    """
    settings = configuration.load({"data": data})

    async def work() -> list[Finding]:
        async with common.database(data) as db:
            findings = await _check_database(db, (*_RULES, _AT_REST) if at_rest else _RULES)
            return findings if no_files else [*findings, *await _check_files(db, settings)]

    findings: list[Finding] = common.run(work)
    broken = [finding for finding in findings if not finding.ok]
    if as_json:
        rows = [{"name": finding.name, "ok": finding.ok, "detail": finding.detail} for finding in findings]
        common.show_json({"ok": not broken, "invariants": rows})
    else:
        for finding in findings:
            click.echo(f"{'ok    ' if finding.ok else 'FAILED'}  {finding.name}: {finding.promise} ({finding.detail})")
    if broken:
        click.echo(f"cavendish: {broken[0].name} is broken: {broken[0].detail}", err=True)
        sys.exit(1)


async def _check_database(db: Database, rules: Sequence[_Rule]) -> list[Finding]:
    """All rules on one snapshot: what commits meanwhile is seen by all of them or by none."""
    async with db.transaction() as transaction:
        await transaction.execute(_SNAPSHOT)
        await transaction.execute(_PATIENCE)
        return [await _judge(transaction, rule) for rule in rules]


async def _judge(connection: Connection, rule: _Rule) -> Finding:
    scope = await connection.fetchval(rule.scope, timeout=_QUERY_SECONDS)
    row = await connection.fetchrow(_FOUND.format(rule.offenders), timeout=_QUERY_SECONDS)
    assert row is not None
    return _finding(rule.name, rule.promise, scope, rule.noun, row[0], [_shown(text) for text in row[1] or ()])


async def _check_files(db: Database, settings: Settings) -> list[Finding]:
    root = settings.storage_root
    return [await _check_identity(db, root), await _check_pictures(db, root), await _check_orphans(db, settings)]


async def _check_identity(db: Database, root: Path) -> Finding:
    """Nothing stored yet is fine."""
    known = await db.fetchval(_STORAGE_ID)
    try:
        found: str | None = (root / "storage-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        found = None
    offenders = [] if known == found else [f"database {known}, storage {found}"]
    return _finding("storage-id", "this storage belongs to this database", 1, "storage", len(offenders), offenders)


async def _check_pictures(db: Database, root: Path) -> Finding:
    """Page by page outside the snapshot: a finished row changes only when its picture is deleted for its age."""
    checked, bad = 0, dict[uuid.UUID, str]()
    last = uuid.UUID(int=0)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        while rows := await db.fetch(_STORED, last, _PAGE):
            troubles = threads.map(lambda row: _trouble(root, row), rows)
            found = {row["id"]: trouble for row, trouble in zip(rows, troubles, strict=True) if trouble}
            # Retention may have deleted a file since its row was read.
            kept = {row["id"] for row in await db.fetch(_STILL_KEPT, list(found))} if found else set()
            bad |= {row_id: trouble for row_id, trouble in found.items() if row_id in kept}
            checked, last = checked + len(rows), rows[-1]["id"]
    shown = [f"{row_id.hex} ({trouble})" for row_id, trouble in list(bad.items())[:_SHOWN_MAX]]
    promise = "each completed generation's file is there, with the recorded size, SHA-256, type, width and height"
    return _finding("files", promise, checked, "files", len(bad), shown)


async def _check_orphans(db: Database, settings: Settings) -> Finding:
    """Files without a row are left by killed workers; a live worker deletes them after `orphan_seconds`."""
    root, now = settings.storage_root, time.time()
    limit = settings.orphan_seconds + _FILES_GRACE_SECONDS
    files = young = 0
    old: list[str] = []
    for folder in _folders(root / "generations"):
        found = list(_ages(folder, now))
        files += len(found)
        for start in range(0, len(found), _PAGE):
            page = dict(found[start : start + _PAGE])
            named = {row["image_name"] for row in await db.fetch(_NAMED, list(page))}
            for name in page.keys() - named:
                if page[name] > limit:
                    old.append(name)
                else:
                    young += 1
    unfinished = sum(1 for _ in _ages(root / "tmp", now))
    if old and not await db.fetchval(_SWEEPING, limit):
        young, old = young + len(old), []  # nobody lived long enough to delete them
    promise = "no file without a generation outlives the sweep"
    finding = _finding("orphans", promise, files, "files", len(old), sorted(old)[:_SHOWN_MAX])
    waiting = f"{young} without a row and {unfinished} unfinished wait for the sweep"
    return Finding(finding.name, promise, finding.ok, f"{finding.detail}; {waiting}")


def _finding(name: str, promise: str, scope: int, noun: str, count: int, offenders: Sequence[str]) -> Finding:
    if not count:
        return Finding(name, promise, True, f"{scope} {noun}")
    more = ", …" if count > len(offenders) else ""
    return Finding(name, promise, False, f"{count} of {scope} {noun}: {', '.join(offenders)}{more}")


def _shown(text: str) -> str:
    """An id as the API shows it: a generation's without hyphens."""
    return text.replace("-", "") if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) else text


def _folders(pictures: Path) -> list[Path]:
    return sorted(entry for entry in pictures.iterdir() if entry.is_dir()) if pictures.is_dir() else []


def _ages(folder: Path, now: float) -> Iterator[tuple[str, float]]:
    """Names and ages in seconds; what vanishes meanwhile is left out."""
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        try:
            yield entry.name, now - entry.stat().st_mtime
        except FileNotFoundError:
            continue


def _trouble(root: Path, row: Record) -> str:
    """What is wrong with the file of this row; empty: nothing."""
    name, size_bytes = row["image_name"], row["image_bytes"]
    try:
        found_bytes, digest, head = _read(root / "generations" / name[:2] / name)
    except FileNotFoundError:
        return "missing"
    except OSError as exc:
        return f"unreadable: {exc.strerror}"
    if found_bytes != size_bytes:
        return f"{found_bytes} bytes instead of {size_bytes}"
    if digest != row["image_sha256"]:
        return "other bytes than recorded"
    expected = (row["image_type"], row["image_width"], row["image_height"])
    if (header := _header(head)) != expected:
        return f"its header says {header}, its row {expected}"
    return ""


def _read(path: Path) -> tuple[int, bytes, bytes]:
    """Size, SHA-256 and the first bytes, in one pass that never holds more than a part."""
    digest, size, head = hashlib.sha256(), 0, b""
    with path.open("rb") as file:
        while part := file.read(_READ_BYTES):
            digest.update(part)
            size += len(part)
            head = head or part[:_HEADER_BYTES]
    return size, digest.digest(), head


def _header(head: bytes) -> tuple[str, int, int] | None:
    """Type, width and height from the first bytes of a PNG, JPEG or WebP."""
    try:
        if head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR":
            return ("image/png", *struct.unpack(">II", head[16:24]))
        if head[:2] == b"\xff\xd8":
            return ("image/jpeg", *_jpeg_size(head))
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return ("image/webp", *_webp_size(head))
    except (struct.error, IndexError, KeyError):
        return None
    return None


def _jpeg_size(head: bytes) -> tuple[int, int]:
    """Walk the segments to the first frame: SOF0 to SOF15 without the tables that share the range."""
    at = 2
    while True:
        while head[at + 1] == 0xFF:
            at += 1
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]


def _webp_size(head: bytes) -> tuple[int, int]:
    """The three forms of RFC 9649: lossy, lossless, extended."""
    form = head[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    raise KeyError(form)
