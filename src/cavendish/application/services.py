"""What the use cases work with; `bootstrap` puts it together once per process."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from cavendish.application.access.authenticate import Authenticator, RateLimiter
from cavendish.application.finding import Finder
from cavendish.application.generations.notifications import Notifications
from cavendish.application.generations.routing import KnownEngines
from cavendish.application.generations.status import StatusReader
from cavendish.application.generations.submit_batch import Batcher
from cavendish.application.provenance.keys import Keys
from cavendish.application.room import Room
from cavendish.application.storage_watch import StorageWatch
from cavendish.db.pool import Database
from cavendish.imaging.converter import Converter
from cavendish.imaging.decoder import Decoder
from cavendish.imaging.verifier import Verifier
from cavendish.marks.examiner import Examiner
from cavendish.marks.marker import Marker
from cavendish.queue.announcer import Announcer
from cavendish.settings import Settings
from cavendish.storage.base import Storage
from cavendish.stores.jobs import Change
from cavendish.stores.rate_limits import LocalLimiter


@dataclass(slots=True)
class Services:
    """One process's tools. `sign_ins`: good ones, by account. `draining`: no new generations, for this process is about
    to stop."""

    settings: Settings
    db: Database
    storage: Storage
    storage_watch: StorageWatch
    authenticator: Authenticator
    rate_limiter: RateLimiter
    sign_ins: LocalLimiter
    statuses: StatusReader
    finder: Finder
    batcher: Batcher
    wake: Announcer[uuid.UUID]
    stops: Announcer[uuid.UUID]
    asks: Announcer[uuid.UUID]
    changed: Announcer[Change]
    notifications: Notifications
    decoder: Decoder
    verifier: Verifier
    converter: Converter
    marker: Marker
    examiner: Examiner
    keys: Keys
    known_engines: KnownEngines
    room: Room
    draining: bool = field(default=False)
