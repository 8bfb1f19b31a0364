"""The first minute: an account and a key on an empty database, and a line that works when pasted."""

from __future__ import annotations

import ipaddress
import urllib.parse

from cavendish.application.access import sign_in
from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.stores import accounts, audit, ledger

ACCOUNT = "default"
FIRST_CREDITS = 1000
_LOCK = "SELECT pg_advisory_xact_lock(217842991)"


async def first_key(services: Services) -> str | None:
    """Make account, credits and key where no account exists yet; the key, shown once, else None.

    The first account manages the service.
    """
    async with services.db.transaction() as transaction:
        await transaction.execute(_LOCK)
        if await accounts.any_exist(transaction):
            return None
        return await _make(transaction)


async def _make(transaction: Connection) -> str:
    account = await accounts.ensure(transaction, ACCOUNT)
    await sign_in.set_operator(transaction, account, True, actor=audit.COMMAND_LINE)
    await ledger.grant(transaction, account.id, FIRST_CREDITS, reason="welcome")
    key = await accounts.create_key(transaction, account, label="first key")
    assert key.secret is not None
    return key.secret


async def lines(services: Services) -> list[str]:
    """What a fresh server prints."""
    settings = services.settings
    routes = "; ".join(f"{model} by {', '.join(engines)}" for model, engines in settings.routes.items())
    printed = ["", f"  Cavendish is ready at {settings.public_url}", f"  Engines: {routes}"]
    if any(engines == ("sketch",) for engines in settings.routes.values()):
        printed.append("  sketch draws previews without a model; connect a real one in docs/engines.md")
    key = await first_key(services)
    minutes = round(settings.login_link_seconds / 60)
    if (link := await _link(services)) is not None:
        printed += [
            "",
            f"  Open this to sign in and make a picture; it works once, for {minutes} minutes:",
            f"  {link}",
        ]
    if key is None:
        return [*printed, "  Create a key: cavendish keys create --account NAME --credits 100", ""]
    return [
        *printed,
        "",
        f"  Your API key ({FIRST_CREDITS} credits, shown once): {key}",
        "",
        "  Make a picture:",
        "",
        f"""curl -X POST "{settings.public_url}/api/nano-banana-2/generate" \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer {key}" \\
  --data-raw '{{"prompt": "A futuristic cityscape at sunset with flying cars and neon lights", "mode": "generate"}}'""",
        "",
        "  Ask for it, with the generationId of that answer:",
        "",
        f"""curl -X POST "{settings.public_url}/api/nano-banana-2/check-status" \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer {key}" \\
  --data-raw '{{"generationId": "..."}}'""",
        "",
        f"  Everything else: {settings.public_url}/docs",
        "",
    ]


async def _link(services: Services) -> str | None:
    """A link for whoever sits before this machine; none where the log of a service is read by others."""
    settings = services.settings
    public = urllib.parse.urlsplit(settings.public_url).hostname or ""
    if not (_is_loopback(settings.host) and _is_loopback(public)):
        return None  # behind a proxy the log is read by others
    async with services.db.transaction() as transaction:
        account = await accounts.find(transaction, ACCOUNT)
        return await sign_in.link(transaction, settings, account, actor=audit.COMMAND_LINE) if account else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
