"""What the routes share, and how a request proves its caller."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from cavendish.application.admit import Door, Gate
from cavendish.application.check import Checker
from cavendish.application.services import Services
from cavendish.errors import DatabaseUnavailable, ServiceBusy
from cavendish.models import Caller


@dataclass(slots=True)
class Web:
    """One API process's parts; every route finds it as `request.app.state.web`."""

    services: Services
    door: Door
    gate: Gate
    checker: Checker

    @property
    def public_url(self) -> str:
        return self.services.settings.public_url


def build(services: Services) -> Web:
    return Web(
        services,
        Door(services.db, services.settings),
        Gate(services.db, services.settings),
        Checker(services.db, services.settings),
    )


def web(request: Request) -> Web:
    found: Web = request.app.state.web
    return found


async def caller(request: Request, *, polling: bool = False) -> Caller:
    """Who sends this request. Raises LoginRequired, or ServiceBusy where it cannot be known now."""
    try:
        return await web(request).door.caller(_key(request), polling=polling)
    except DatabaseUnavailable as exc:
        raise ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2) from exc


def _key(request: Request) -> str | None:
    headers = request.headers
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    return headers.get("x-api-key") or None
