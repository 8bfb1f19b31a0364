"""What nobody waits for: passed deadlines, sums of past hours, old pictures, orphaned files. One worker at a time."""

from __future__ import annotations

import asyncio
import datetime

import structlog

from cavendish import clock, ids
from cavendish.application import pictures
from cavendish.application.services import Services
from cavendish.application.work import settle
from cavendish.errors import DatabaseUnavailable
from cavendish.storage.base import StorageError
from cavendish.stores import generations, jobs, previews, register, retention, sessions, uploads, usage

log = structlog.get_logger("cavendish.sweep")

_AT_ONCE = 500  # rows per sweep: the rest waits for the next
_FILES_EVERY_SECONDS = 300.0
_USAGE_EVERY_SECONDS = 60.0
_HOURS_AT_ONCE = 200  # whose sums are kept in a row: eight days, should nobody have done it for so long


async def run(services: Services) -> None:
    """Sweep until cancelled; trouble ends one round only, for nobody else ends what is overdue."""
    files_swept, usage_kept = -_FILES_EVERY_SECONDS, -_USAGE_EVERY_SECONDS
    while True:
        try:
            await once(services)
            if clock.monotonic() - usage_kept > _USAGE_EVERY_SECONDS:
                usage_kept = clock.monotonic()
                await keep_usage(services)
            if clock.monotonic() - files_swept > _FILES_EVERY_SECONDS:
                files_swept = clock.monotonic()
                await sweep_files(services)
        except (DatabaseUnavailable, StorageError) as exc:
            log.warning("sweep interrupted", error=str(exc)[:200])
        except Exception:
            log.error("sweep broke", exc_info=True)
        await asyncio.sleep(services.settings.sweep_seconds)


async def once(services: Services) -> None:
    """Fail what is overdue, and forget sign-ins past their time and unfinished pictures of what has ended."""
    async with services.db.transaction() as transaction:
        if not await jobs.sweep_turn(transaction):
            return
        ahead = await generations.bring_back(transaction)
        await usage.take_back(transaction)
        overdue = await generations.overdue(transaction, count=_AT_ONCE)
        await sessions.trim(transaction, count=_AT_ONCE)
        await sessions.trim_links(transaction, count=_AT_ONCE)
        await previews.trim(transaction, count=_AT_ONCE)
    if ahead:
        log.warning("the database's clock jumped and came back", brought_back=ahead)
    for generation_id in overdue:
        if await settle.expire(services, generation_id):
            log.warning("generation expired", generation_id=generation_id.hex)


async def keep_usage(services: Services) -> None:
    """Keep the sums of hours that are over and settled, each in a transaction of its own."""
    for _ in range(_HOURS_AT_ONCE):
        async with services.db.transaction() as transaction:
            if not await usage.keep_an_hour(transaction):
                return


async def sweep_files(services: Services) -> None:
    """Delete pictures past their time, files that no generation names, and leftovers of interrupted writes."""
    if services.settings.keep_images:
        await _retire(services, datetime.timedelta(seconds=services.settings.keep_images))
    if services.settings.keep_register:
        await _forget(services, datetime.timedelta(seconds=services.settings.keep_register))
    await _drop_uploads(services)
    # A write under way is no orphan, nor is an upload or a published input that has no row yet.
    age = max(services.settings.orphan_seconds, 1.5 * services.settings.deadline_seconds)
    removed = await services.storage.clean(older_than_seconds=age)
    async for names in services.storage.names(older_than_seconds=age):
        async with services.db.connection() as connection:
            whole = list({ids.original(name) for name in names})
            wanted = await generations.wanted_images(connection, whole) | await uploads.known(connection, whole)
        for name in names:
            if ids.original(name) not in wanted:
                await services.storage.delete(name)
                removed += 1
    if removed:
        log.info("orphaned files removed", count=removed)


async def _drop_uploads(services: Services) -> None:
    """What people sent is deleted after its time. Should this process die between, the file is an orphan."""
    while True:
        async with services.db.connection() as connection:
            names = await uploads.take_expired(connection, count=_AT_ONCE)
        for name in names:
            await services.storage.delete(name)
        if len(names) < _AT_ONCE:
            return


async def _forget(services: Services, keep: datetime.timedelta) -> None:
    while True:
        async with services.db.transaction() as transaction:
            if await register.trim(transaction, older_than=keep, count=_AT_ONCE) < _AT_ONCE:
                return


async def _retire(services: Services, keep: datetime.timedelta) -> None:
    """Mark first, delete second: an answer never links a picture that is about to go."""
    while True:
        async with services.db.transaction() as transaction:
            names = await retention.take(transaction, older_than=keep, count=_AT_ONCE)
        for name in names:
            await pictures.delete(services.storage, name)
        if len(names) < _AT_ONCE:
            return
