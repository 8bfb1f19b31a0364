"""What the console shows a signed-in account: its keys, its credits, its use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.access import administer
from cavendish.errors import DatabaseUnavailable, Forbidden
from cavendish.models import Caller, RateLimit
from cavendish.stores import accounts, ledger, reports
from cavendish.stores.accounts import ApiKey
from cavendish.web.api import generations
from cavendish.web.http import context, params, responses
from cavendish.web.http.operation import Operation

LABEL_CHARACTERS_MAX = 100
_KEYS_SHOWN_MAX = 500
_DAYS_DEFAULT = 30


class KeyBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    label: Annotated[StrictStr, Field(description="A note for yourself")] = ""
    limit: Annotated[StrictStr | None, Field(description="Generate calls, such as 100/hour; the service's own")] = None


class KeysAnswer(BaseModel):
    success: Literal[True]
    keys: list[dict[str, Any]]


class NewKeyAnswer(BaseModel):
    success: Literal[True]
    key: Annotated[str, Field(description="The key itself; it is never shown again")]
    id: str
    label: str
    hint: str
    limit: dict[str, int] | None = None
    createdAt: str


class DoneAnswer(BaseModel):
    success: Literal[True]


class StatementAnswer(BaseModel):
    success: Literal[True]
    entries: list[dict[str, Any]]
    nextCursor: str | None = None


class UsageAnswer(BaseModel):
    success: Literal[True]
    days: list[dict[str, Any]]


async def list_keys(request: Request) -> Response:
    """The account's keys: those that work first."""
    caller = await context.caller(request)
    try:
        async with context.web(request).services.db.connection() as connection:
            keys = await accounts.keys_of(connection, caller.account_id, count=_KEYS_SHOWN_MAX)
    except DatabaseUnavailable as exc:
        raise generations.busy() from exc
    return responses.success({"keys": [_shown(key) for key in keys]})


async def make_key(request: Request) -> Response:
    """A new key of the account, shown once."""
    caller = await _person(request)
    values = await params.sent(request)
    label, limit = params.text(values, "label", characters_max=LABEL_CHARACTERS_MAX), params.limit(values)
    try:
        async with context.web(request).services.db.transaction() as transaction:
            key = await administer.make_key(transaction, caller, label=label, limit=limit, most=_most(request))
    except DatabaseUnavailable as exc:
        raise generations.busy() from exc
    return responses.success({"key": key.secret, **_shown(key)}, {"Cache-Control": "no-store"})


async def change_key(request: Request) -> Response:
    """Another label and limit for a key of the account; a member that is left out is emptied."""
    caller = await _person(request)
    values = await params.sent(request)
    label, limit = params.text(values, "label", characters_max=LABEL_CHARACTERS_MAX), params.limit(values)
    try:
        async with context.web(request).services.db.transaction() as transaction:
            key_id = request.path_params["key_id"]
            await administer.change_key(transaction, caller, key_id, label=label, limit=limit, most=_most(request))
    except DatabaseUnavailable as exc:
        raise generations.busy() from exc
    return responses.success({})


async def revoke_key(request: Request) -> Response:
    """Revoke a key of the account for good; sessions that act as it end."""
    caller = await _person(request)
    try:
        async with context.web(request).services.db.transaction() as transaction:
            await administer.revoke_key(transaction, caller, request.path_params["key_id"])
    except DatabaseUnavailable as exc:
        raise generations.busy() from exc
    return responses.success({})


async def statement(request: Request) -> Response:
    """Every credit that moved, newest first."""
    caller, count = await context.caller(request), params.query_whole(request, "limit", 50, 1, 500)
    before = params.query_cursor(request)
    try:
        async with context.web(request).services.db.connection() as connection:
            rows = await ledger.page(connection, caller.account_id, before=before, count=count + 1)
    except DatabaseUnavailable as exc:
        raise generations.busy() from exc
    content: dict[str, Any] = {"entries": [_entry(row) for row in rows[:count]]}
    if len(rows) > count:
        content["nextCursor"] = str(rows[count - 1]["id"])
    return responses.success(content)


async def usage(request: Request) -> Response:
    """Generations and credits by day and quality."""
    caller, days = (
        await context.caller(request),
        params.query_whole(request, "days", _DAYS_DEFAULT, 1, reports.DAYS_MAX),
    )
    try:
        async with context.web(request).services.db.connection() as connection:
            found = await reports.usage(connection, caller.account_id, days=days)
    except DatabaseUnavailable as exc:
        raise generations.busy() from exc
    return responses.success(
        {
            "days": [
                {
                    "day": line.day.isoformat(),
                    "quality": line.quality,
                    "completed": line.completed,
                    "failed": line.failed,
                    "credits": line.credits,
                }
                for line in found
            ]
        }
    )


def _most(request: Request) -> RateLimit:
    return context.web(request).services.settings.generate_limit


async def _person(request: Request) -> Caller:
    """A key that leaked must not make others: keys are managed by people."""
    caller = await context.caller(request)
    if not caller.session:
        raise Forbidden("Access denied: keys are managed by people; sign in at /console")
    return caller


def _shown(key: ApiKey) -> dict[str, Any]:
    content = {
        "id": key.id,
        "label": key.label,
        "hint": key.hint,
        "limit": shown_limit(key.limit),
        "createdAt": responses.instant(key.created_at),
        "revokedAt": responses.instant(key.revoked_at) if key.revoked_at else None,
    }
    return {name: value for name, value in content.items() if value is not None}


def shown_limit(limit: RateLimit | None) -> dict[str, int] | None:
    return {"count": limit.count, "seconds": limit.seconds} if limit else None


def _entry(row: Any) -> dict[str, Any]:
    content = {
        "id": str(row["id"]),
        "at": responses.instant(row["created_at"]),
        "kind": row["kind"],
        "amount": row["amount"],
        "balanceChange": row["balance_change"],
        "heldChange": row["held_change"],
        "generationId": row["generation_id"].hex if row["generation_id"] else None,
        "reason": row["reason"] or None,
    }
    return {name: value for name, value in content.items() if value is not None}


_COMMON = (errors.LoginRequired, errors.ServiceBusy, errors.InternalError)
_CHANGE = (*_COMMON, errors.Forbidden, errors.InvalidInput, errors.PayloadTooLarge)
_KEY_ID = {"name": "key_id", "in": "path", "required": True, "schema": {"type": "string"}}
_EXAMPLE = {"label": "my phone", "limit": "100/hour"}


def _query(name: str, low: int, high: int, what: str) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": low, "maximum": high}
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": what}


def routes() -> list[Operation]:
    one = "/api/v1/keys/{key_id}"
    found = (*_CHANGE, errors.NotFound)
    pages = (
        _query("limit", 1, 500, "Entries per page, 50 by default."),
        {
            "name": "cursor",
            "in": "query",
            "required": False,
            "schema": {"type": "string"},
            "description": "nextCursor.",
        },
    )
    invalid = (*_COMMON, errors.InvalidInput)
    return [
        Operation("GET", "/api/v1/keys", list_keys, "Your keys", KeysAnswer, _COMMON, tag="Account"),
        Operation(
            "POST", "/api/v1/keys", make_key, "Make a key", NewKeyAnswer, _CHANGE, KeyBody, _EXAMPLE, tag="Account"
        ),
        Operation(
            "PATCH", one, change_key, "Change a key", DoneAnswer, found, KeyBody, _EXAMPLE, (_KEY_ID,), tag="Account"
        ),
        Operation("DELETE", one, revoke_key, "Revoke a key", DoneAnswer, found, parameters=(_KEY_ID,), tag="Account"),
        Operation(
            "GET", "/api/v1/statement", statement, "Every credit that moved", StatementAnswer, invalid,
            parameters=pages, tag="Account",
        ),
        Operation(
            "GET", "/api/v1/usage", usage, "Use by day", UsageAnswer, invalid,
            parameters=(_query("days", 1, reports.DAYS_MAX, "How many days back, 30 by default."),), tag="Account",
        ),
    ]  # fmt: skip
