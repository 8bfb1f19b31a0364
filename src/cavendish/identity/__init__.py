"""Single sign-on: who a person is by the word of an OpenID Connect issuer that the operator trusts."""

from __future__ import annotations

import structlog

from cavendish.errors import ConfigurationError
from cavendish.identity.base import SingleSignOn
from cavendish.settings import Settings

log = structlog.get_logger("cavendish.identity")

_PACKAGES = ("authlib", "joserfc")


def build(settings: Settings) -> SingleSignOn | None:
    """Single sign-on by these settings, which the caller closes; None where no issuer is set.

    The issuer is not asked before it is needed.

    Raises:
        ConfigurationError: a setting or a package is missing.
    """
    if not settings.oidc_issuer:
        if settings.oidc_client_id or settings.oidc_client_secret:
            log.warning("single sign-on is off: CAVENDISH_OIDC_ISSUER is empty, though its client is set")
        return None
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
    return Oidc(settings)
