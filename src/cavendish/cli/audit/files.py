"""Does the storage hold what the database says, and nothing else?"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cavendish.cli.audit import image_headers
from cavendish.cli.audit.findings import SHOWN_MAX, Finding, judged
from cavendish.db.pool import Database, Record
from cavendish.settings import Settings

_GRACE_SECONDS = 900.0  # files are swept every five minutes
_PAGE = 1000
_READ_BYTES = 1024 * 1024
_HEADER_BYTES = 256 * 1024  # a JPEG's size stands behind its EXIF and colour profile

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


async def check(db: Database, settings: Settings) -> list[Finding]:
    """Identity, pictures and orphans of the storage, in this order."""
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
    return judged("storage-id", "this storage belongs to this database", 1, "storage", len(offenders), offenders)


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
    shown = [f"{row_id.hex} ({trouble})" for row_id, trouble in list(bad.items())[:SHOWN_MAX]]
    promise = "each completed generation's file is there, with the recorded size, SHA-256, type, width and height"
    return judged("files", promise, checked, "files", len(bad), shown)


async def _check_orphans(db: Database, settings: Settings) -> Finding:
    """Files without a row are left by killed workers; a live worker deletes them after `orphan_seconds`."""
    root, now = settings.storage_root, time.time()
    limit = settings.orphan_seconds + _GRACE_SECONDS
    files = young = 0
    old: list[str] = []
    for folder in _folders(root / "generations"):
        found = list(_ages(folder, now))
        files += len(found)
        for start in range(0, len(found), _PAGE):
            ages = await _nameless(db, dict(found[start : start + _PAGE]))
            late = [name for name, age in ages.items() if age > limit]
            old, young = old + late, young + len(ages) - len(late)
    unfinished = sum(1 for _ in _ages(root / "tmp", now))
    if old and not await db.fetchval(_SWEEPING, limit):
        young, old = young + len(old), []  # nobody lived long enough to delete them
    promise = "no file without a generation outlives the sweep"
    finding = judged("orphans", promise, files, "files", len(old), sorted(old)[:SHOWN_MAX])
    waiting = f"{young} without a row and {unfinished} unfinished wait for the sweep"
    return Finding(finding.name, promise, finding.ok, f"{finding.detail}; {waiting}")


async def _nameless(db: Database, ages: dict[str, float]) -> dict[str, float]:
    """Those of these files that no row names, nor the picture that they are a copy of."""
    rows = await db.fetch(_NAMED, list({_picture(name) for name in ages}))
    named = {row["image_name"] for row in rows}
    return {name: age for name, age in ages.items() if _picture(name) not in named}


def _picture(name: str) -> str:
    """The picture of a smaller copy, whose name goes on behind it; any other file is itself."""
    return ".".join(name.split(".")[:2])


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
    if (header := image_headers.read(head)) != expected:
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
