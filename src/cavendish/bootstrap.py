"""The composition root: settings in, services out. The only place where the parts meet."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable

from cavendish import storage as storages
from cavendish.application import start
from cavendish.application.access.authenticate import Authenticator, RateLimiter
from cavendish.application.finding import Finder
from cavendish.application.generations.notifications import Notifications
from cavendish.application.generations.routing import KnownEngines
from cavendish.application.generations.status import StatusReader
from cavendish.application.generations.submit_batch import Batcher
from cavendish.application.provenance.keys import Keys
from cavendish.application.room import FreeBytes, Room
from cavendish.application.services import Services
from cavendish.application.storage_watch import StorageWatch
from cavendish.db import migrate
from cavendish.db.patience import patiently
from cavendish.db.pool import Database
from cavendish.errors import DatabaseUnavailable
from cavendish.imaging.converter import Converter
from cavendish.imaging.decoder import Decoder
from cavendish.imaging.verifier import Verifier
from cavendish.marks.examiner import Examiner
from cavendish.marks.marker import Marker
from cavendish.postgres import home as cluster_home
from cavendish.postgres.cluster import Cluster
from cavendish.queue import announcer
from cavendish.settings import Settings
from cavendish.storage import local
from cavendish.storage.base import Storage
from cavendish.stores.rate_limits import LocalLimiter

START_SECONDS = 60.0  # for a database that is starting or recovering; a quarter for a mount that is late


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The migrated database of these settings; the embedded one is started or joined, and left at the end.

    Raises:
        ClusterUnavailable, ConfigurationError, DatabaseUnavailable: it cannot be used; the message says why.
    """
    async with _dsn(settings) as dsn:
        await _at_start(lambda: migrate.migrate(dsn))
        db = Database(dsn, settings)
        await _at_start(db.open)
        try:
            yield db
        finally:
            await db.close()


@contextlib.asynccontextmanager
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Everything the use cases need, checked: engines known to the queue, storage that belongs to the database."""
    async with database(settings) as db:
        storage = storages.build(settings)
        await _at_start(lambda: start.find_storage(db, storage, seconds=START_SECONDS / 4))
        await _at_start(lambda: start.know_engines(db, settings))
        async with assembled(settings, db, storage) as built:
            yield built


@contextlib.asynccontextmanager
async def administration(settings: Settings) -> AsyncIterator[Services]:
    """The same for commands that manage accounts: storage and engines are not looked at."""
    async with database(settings) as db, assembled(settings, db, storages.build(settings)) as built:
        yield built


@contextlib.asynccontextmanager
async def assembled(settings: Settings, db: Database, storage: Storage) -> AsyncIterator[Services]:
    """One process's services over an open database, with a memory of their own."""
    built = Services(
        settings,
        db,
        storage,
        storage_watch=StorageWatch(storage),
        authenticator=Authenticator(db, settings),
        rate_limiter=RateLimiter(db, settings),
        sign_ins=LocalLimiter(settings.account_sign_in_limit),
        statuses=StatusReader(db, settings),
        finder=Finder(db, settings),
        batcher=Batcher(db),
        wake=announcer.of_work(db),
        stops=announcer.of_stops(db),
        asks=announcer.of_asks(db),
        changed=announcer.of_changes(db),
        notifications=Notifications(db),
        decoder=Decoder(),
        verifier=Verifier(),
        converter=Converter(),
        marker=Marker(),
        examiner=Examiner(),
        keys=Keys(db, settings),
        known_engines=KnownEngines(db),
        room=Room(_volumes(settings, storage), settings.free_bytes_min),
    )
    try:
        yield built
    finally:
        await built.wake.close()
        await built.stops.close()
        await built.asks.close()
        await built.changed.close()
        await built.notifications.close()
        await built.decoder.close()
        await built.verifier.close()
        await built.converter.close()
        await built.marker.close()
        await built.examiner.close()


def _volumes(settings: Settings, storage: Storage) -> dict[str, FreeBytes]:
    """Where this process needs room. The disk of a database that the operator brought is not seen from here."""
    home = cluster_home.existing(settings.data) if settings.embedded_database else None
    volumes: dict[str, FreeBytes] = {"pictures": storage.free_bytes}
    if home is not None:
        volumes["the database"] = functools.partial(asyncio.to_thread, local.free_bytes, home.pg)
    return volumes


@contextlib.asynccontextmanager
async def _dsn(settings: Settings) -> AsyncIterator[str]:
    if not settings.embedded_database:
        yield settings.database_url
        return
    cluster = Cluster(settings.data)
    dsn = await asyncio.to_thread(cluster.join, timeout_seconds=START_SECONDS)
    try:
        yield dsn
    finally:
        await asyncio.to_thread(cluster.leave)


async def _at_start(step: Callable[[], Awaitable[object]]) -> None:
    """A step of the start that may be repeated: a database that is starting or recovering gets some time."""
    try:
        await patiently(step, seconds=START_SECONDS / 4)
    except DatabaseUnavailable as exc:
        raise DatabaseUnavailable(f"the database does not answer; check CAVENDISH_DATABASE_URL ({exc})") from exc
