"""Single sign-on as the settings want it: one issuer, or none."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import structlog

from cavendish.errors import ConfigurationError
from cavendish.identity.base import SingleSignOn
from cavendish.settings import Settings

log = structlog.get_logger("cavendish.identity")

_PACKAGES = ("authlib", "joserfc")


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SingleSignOn | None]:
    """Single sign-on while the block runs; None where no issuer is set. The issuer is not asked before it is needed.

    Raises:
        ConfigurationError: a setting or a package is missing.
    """
    if not settings.oidc_issuer:
        if settings.oidc_client_id or settings.oidc_client_secret:
            log.warning("single sign-on is off: CAVENDISH_OIDC_ISSUER is empty, though its client is set")
        yield None
        return
    if not settings.oidc_client_id:
        raise ConfigurationError("CAVENDISH_OIDC_ISSUER needs CAVENDISH_OIDC_CLIENT_ID, the issuer's name for us")
    try:
        # Loaded only where it is wanted: the HTTP client takes its time, and the library is an extra.
        from cavendish.identity.oidc import Oidc
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise ConfigurationError(
            "CAVENDISH_OIDC_ISSUER needs Authlib, which is not installed: pip install 'cavendish[oidc]'"
        ) from exc
    single = Oidc(settings)
    try:
        yield single
    finally:
        await single.close()
