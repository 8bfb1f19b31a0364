"""What signs pictures and what hides watermarks, as one process knows them: read anew every minute."""

from __future__ import annotations

import asyncio
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

from cavendish import clock
from cavendish.db.pool import Database
from cavendish.marks import marker, signing
from cavendish.marks.examiner import KEYS_MAX
from cavendish.marks.signing import SigningKey
from cavendish.settings import Settings, parsers
from cavendish.stores import register

if TYPE_CHECKING:
    from cavendish.marks.identity import Identity

_KNOWN_SECONDS = 60.0  # a key that was changed is used after that
FOLDER = "marks"


class Keys:
    """One process's view of both. Safe to use concurrently from one event loop."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._identity: SigningKey | None = None
        self._identity_read = -_KNOWN_SECONDS
        self._watermarks: tuple[bytes, ...] = ()
        self._watermarks_read = -_KNOWN_SECONDS
        self._lock = asyncio.Lock()

    async def identity(self) -> SigningKey | None:
        """What signs manifests; made at the first start of all. None: none are signed here.

        Raises:
            ConfigurationError, OSError: it cannot be read or made.
        """
        if "c2pa" not in self._settings.marks or not marker.signs():
            return None
        async with self._lock:
            if clock.monotonic() - self._identity_read > _KNOWN_SECONDS:
                self._identity = await asyncio.to_thread(_signing_key, self._settings)
                self._identity_read = clock.monotonic()
            return self._identity

    async def watermarks(self) -> tuple[bytes, ...]:
        """What hides watermarks, the newest first; the first one is made where there is none.

        Raises:
            DatabaseUnavailable: they are not known, and never were.
        """
        async with self._lock:
            if not self._watermarks or clock.monotonic() - self._watermarks_read > _KNOWN_SECONDS:
                self._watermarks = tuple(await self._read())
                self._watermarks_read = clock.monotonic()
            return self._watermarks

    async def renew(self) -> str:
        """New ones of both; what was marked before stays valid, and is still found. In a line for the operator.

        Raises:
            ConfigurationError, OSError, DatabaseUnavailable: it cannot be done.
        """
        told = await asyncio.to_thread(_renewed, self._settings)
        async with self._db.transaction() as transaction:
            await register.add_key(transaction, only_first=False)
        self._identity_read = self._watermarks_read = -_KNOWN_SECONDS
        return told

    async def _read(self) -> list[bytes]:
        async with self._db.connection() as connection:
            found = await register.keys(connection, count=KEYS_MAX)
        if found:
            return found
        async with self._db.transaction() as transaction:
            await register.add_key(transaction, only_first=True)
            return await register.keys(transaction, count=KEYS_MAX)


def identity(settings: Settings) -> Identity:
    """The operator's certificate, or the service's own, made where there is none. Raises as `Keys.identity`."""
    from cavendish.marks import identity as identities  # 11 MB that no worker needs

    if settings.certificate:
        return identities.loaded(Path(settings.certificate), Path(settings.certificate_key))
    return identities.made_or_found(settings.data / FOLDER, issuer=issuer(settings))


def _signing_key(settings: Settings) -> SigningKey:
    """The operator's, judged before it signs, or the service's own, which nobody needs to understand. As `identity`."""
    if settings.certificate:
        return identity(settings)
    return signing.made_or_found(settings.data / FOLDER, issuer=issuer(settings))


def _renewed(settings: Settings) -> str:
    """A new certificate in place of the service's own. An operator's is nobody else's to replace."""
    from cavendish.marks import identity as identities

    if settings.certificate:
        return f"the certificate {settings.certificate} is yours: put another one there; watermarks have a new key"
    made = identities.made_anew(settings.data / FOLDER, issuer=issuer(settings))
    return f"pictures are signed as {made.issuer} by a new certificate from within a minute, {made.fingerprint[:16]}…"


def issuer(settings: Settings) -> str:
    """Whose name the service's own certificate carries: its public host, or our own on a machine that has none."""
    return _public_host(settings) or "Cavendish"


def verify_url(settings: Settings) -> str:
    """Where anybody may have a picture looked at; empty where the service has no address that others reach."""
    return f"{settings.public_url}/verify" if _public_host(settings) else ""


def _public_host(settings: Settings) -> str:
    """Empty: only this machine reaches the service, or by addresses that nobody told it."""
    host = urllib.parse.urlsplit(settings.public_url).hostname or ""
    return "" if settings.public_url_assumed or parsers.is_loopback(host) else host
