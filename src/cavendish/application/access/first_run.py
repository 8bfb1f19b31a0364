"""The first minute: an account and a key on an empty database, and a line that works when pasted."""

from __future__ import annotations

import urllib.parse

from cavendish.application.access import administer, sign_in
from cavendish.application.access.administer import COMMAND_LINE
from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.errors import NotFound
from cavendish.models import Caller, RateLimit
from cavendish.settings import Settings, parsers
from cavendish.stores import accounts
from cavendish.stores.accounts import Account

ACCOUNT = "default"
FIRST_CREDITS = 1000
_SHELL_LABEL = "command line"
_SHELL_LIMIT = RateLimit(1_000_000, 3600)  # whoever may read the database may generate


async def first_key(services: Services) -> str | None:
    """Make account, credits and key where no account exists yet; the key, shown once, else None.

    The first account manages the service.
    """
    async with services.db.transaction() as transaction:
        await accounts.lock_first(transaction)
        if await accounts.any_exist(transaction):
            return None
        account = await _make(transaction, may_manage=True)
        key = await administer.add_key(transaction, COMMAND_LINE, account, label="first key")
    return key.secret


async def shell_caller(services: Services) -> Caller:
    """Who makes pictures by `cavendish generate`: the first account, made where it is missing, by a key of its own.

    Nobody is shown that key. The limit and the log need to know who called.
    """
    async with services.db.transaction() as transaction:
        await accounts.lock_first(transaction)
        first = not await accounts.any_exist(transaction)
        account = await accounts.find(transaction, ACCOUNT) or await _make(transaction, may_manage=first)
        key_id = await accounts.key_labelled(transaction, account.id, _SHELL_LABEL)
        if key_id is None:
            key_id = (await administer.add_key(transaction, COMMAND_LINE, account, label=_SHELL_LABEL)).id
    return Caller(account.id, account.name, key_id, _SHELL_LIMIT)


async def _make(transaction: Connection, *, may_manage: bool) -> Account:
    account = await administer.ensured(transaction, COMMAND_LINE, ACCOUNT)
    if may_manage:
        await administer.set_operator(transaction, COMMAND_LINE, account, True)
    await administer.add_credits(transaction, COMMAND_LINE, account, FIRST_CREDITS, reason="welcome", told="welcome")
    return account


async def lines(services: Services) -> list[str]:
    """What a fresh server prints."""
    settings = services.settings
    routes = "; ".join(f"{model} by {', '.join(engines)}" for model, engines in settings.routes.items())
    printed = [
        "",
        f"  Cavendish is ready at {settings.public_url}",
        *_warning(settings),
        *_open_to(settings),
        f"  Engines: {routes}",
    ]
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


def _warning(settings: Settings) -> list[str]:
    if not settings.follows_host:
        return []
    return [
        "",
        f"  WARNING: others can call this service at {settings.host}, and CAVENDISH_PUBLIC_URL is not set: picture",
        "  addresses begin with the host that each request names. Set it to what clients call, for instance",
        "  https://images.example.com, or listen on 127.0.0.1.",
        "",
    ]


def _open_to(settings: Settings) -> list[str]:
    if not settings.anonymous:
        return []
    told = [f"  {one.account} pays for whoever calls /sdapi from {one.network}" for one in settings.anonymous]
    return ["", "  WARNING: anonymous use is on (CAVENDISH_ANONYMOUS):", *told, ""]


async def _link(services: Services) -> str | None:
    """A link for whoever sits before this machine; none where the log of a service is read by others."""
    settings = services.settings
    public = urllib.parse.urlsplit(settings.public_url).hostname or ""
    if not (parsers.is_loopback(settings.host) and parsers.is_loopback(public)):
        return None  # behind a proxy the log is read by others
    try:
        return await sign_in.link(services, COMMAND_LINE, ACCOUNT)
    except NotFound:
        return None
