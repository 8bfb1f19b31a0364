"""What the console shows a signed-in account: its keys, its credits, its use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.access import account, administer
from cavendish.errors import Forbidden
from cavendish.models import Caller, RateLimit
from cavendish.stores import ledger
from cavendish.stores import usage as usages
from cavendish.stores.accounts import ApiKey
from cavendish.web.http import context, params, responses
from cavendish.web.http.operation import Operation, cursor, limit_parameter, query

LABEL_CHARACTERS_MAX = 100
_KEYS_SHOWN_MAX = 500
_DAYS_DEFAULT = 30


class KeyBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    label: Annotated[
        StrictStr,
        Field(
            description="A note for yourself",
            json_schema_extra={"maxLength": LABEL_CHARACTERS_MAX, "pattern": params.LINE},
        ),
    ] = ""
    limit: Annotated[
        StrictStr | None,
        Field(
            description="Generate calls, such as 100/hour; the service's own",
            json_schema_extra={"pattern": "^[1-9][0-9]{0,5}/(second|minute|hour|day)$"},
        ),
    ] = None


class LimitAnswer(BaseModel):
    count: Annotated[int, Field(description="Generate calls")]
    seconds: Annotated[int, Field(description="In this time")]


class KeyLine(BaseModel):
    """A key as it may be shown: never the key itself."""

    id: str
    label: str
    hint: Annotated[str, Field(description="Its first and last characters")]
    limit: Annotated[LimitAnswer | None, Field(description="Its own; absent: the service's")] = None
    createdAt: Annotated[str, Field(description="RFC 3339, UTC")]
    revokedAt: Annotated[str | None, Field(description="Absent while it works")] = None
    madeWith: Annotated[str | None, Field(description="The key it was made with; revoked with it")] = None


class KeysAnswer(BaseModel):
    success: Literal[True]
    keys: list[KeyLine]


class NewKeyAnswer(KeyLine):
    success: Literal[True]
    key: Annotated[str, Field(description="The key itself; it is never shown again")]


class DoneAnswer(BaseModel):
    success: Literal[True]


class RevokedAnswer(BaseModel):
    success: Literal[True]
    keys: Annotated[int, Field(description="Revoked: this one, and those that were made with it")]
    sessions: Annotated[int, Field(description="Browsers that were signed in with one of them")]


class EntryLine(BaseModel):
    """Credits that moved. Every entry stays as it was written."""

    id: str
    at: Annotated[str, Field(description="RFC 3339, UTC")]
    kind: Literal["grant", "hold", "capture", "release"]
    amount: int
    balanceChange: Annotated[int, Field(description="Of what can be spent")]
    heldChange: Annotated[int, Field(description="Of what is set aside for running generations")]
    generationId: str | None = None
    reason: str | None = None


class StatementAnswer(BaseModel):
    success: Literal[True]
    entries: list[EntryLine]
    nextCursor: str | None = None


class UsageLine(BaseModel):
    """One day and quality; a generation counts on the day on which it was submitted."""

    day: Annotated[str, Field(description="In UTC")]
    quality: Literal["1K", "2K", "4K"]
    completed: int
    failed: int
    credits: Annotated[int, Field(description="Charged")]


class UsageAnswer(BaseModel):
    success: Literal[True]
    days: list[UsageLine]


async def list_keys(request: Request) -> Response:
    """The account's keys: those that work first."""
    caller = await context.caller(request)
    keys = await account.keys(context.services(request), caller, count=_KEYS_SHOWN_MAX)
    return responses.success({"keys": [_shown(key) for key in keys]})


async def make_key(request: Request) -> Response:
    """A new key of the account, shown once."""
    caller = await _person(request)
    values = await params.sent(request)
    label, limit = params.text(values, "label", characters_max=LABEL_CHARACTERS_MAX), params.limit(values)
    key = await administer.make_key(context.services(request), caller, label=label, limit=limit)
    return responses.success({"key": key.secret, **_shown(key)}, {"Cache-Control": "no-store"})


async def change_key(request: Request) -> Response:
    """Another label and limit for a key of the account; a member that is left out is emptied."""
    caller = await _person(request)
    values = await params.sent(request)
    label, limit = params.text(values, "label", characters_max=LABEL_CHARACTERS_MAX), params.limit(values)
    key_id = request.path_params["key_id"]
    await administer.change_key(context.services(request), caller, key_id, label=label, limit=limit)
    return responses.success({})


async def revoke_key(request: Request) -> Response:
    """Revoke a key of the account for good, and the keys made with it; sessions that act as one of them end."""
    caller = await _person(request)
    revoked = await administer.revoke_key(context.services(request), caller, request.path_params["key_id"])
    return responses.success({"keys": revoked.keys, "sessions": revoked.sessions})


async def statement(request: Request) -> Response:
    """Every credit that moved, newest first."""
    caller, count = await context.caller(request), params.query_whole(request, "limit", 50, 1, 500)
    before = params.query_cursor(request)
    rows = await account.movements(context.services(request), caller, before=before, count=count + 1)
    content: dict[str, Any] = {"entries": [_entry(row) for row in rows[:count]]}
    if len(rows) > count:
        content["nextCursor"] = str(rows[count - 1].id)
    return responses.success(content)


async def usage(request: Request) -> Response:
    """Generations and credits by day and quality."""
    caller, days = (
        await context.caller(request),
        params.query_whole(request, "days", _DAYS_DEFAULT, 1, usages.DAYS_MAX),
    )
    return responses.success({"days": shown_days(await account.usage(context.services(request), caller, days=days))})


async def _person(request: Request) -> Caller:
    """Keys are managed by people. One that leaked can pass for one, so what it makes falls with it."""
    caller = await context.caller(request)
    if not caller.session:
        raise Forbidden("Access denied: keys are managed by people; sign in at /console")
    return caller


def shown_days(found: list[usages.Usage]) -> list[dict[str, Any]]:
    """As `UsageLine` says."""
    return [
        {
            "day": line.day.isoformat(),
            "quality": line.quality,
            "completed": line.completed,
            "failed": line.failed,
            "credits": line.credits,
        }
        for line in found
    ]


def _shown(key: ApiKey) -> dict[str, Any]:
    content = {
        "id": key.id,
        "label": key.label,
        "hint": key.hint,
        "limit": shown_limit(key.limit),
        "createdAt": responses.instant(key.created_at),
        "revokedAt": responses.instant(key.revoked_at) if key.revoked_at else None,
        "madeWith": key.made_with,
    }
    return {name: value for name, value in content.items() if value is not None}


def shown_limit(limit: RateLimit | None) -> dict[str, int] | None:
    return {"count": limit.count, "seconds": limit.seconds} if limit else None


def _entry(row: ledger.Row) -> dict[str, Any]:
    content = {
        "id": str(row.id),
        "at": responses.instant(row.created_at),
        "kind": row.kind,
        "amount": row.amount,
        "balanceChange": row.balance_change,
        "heldChange": row.held_change,
        "generationId": row.generation_id.hex if row.generation_id else None,
        "reason": row.reason or None,
    }
    return {name: value for name, value in content.items() if value is not None}


_COMMON = (errors.LoginRequired, errors.ServiceBusy, errors.InternalError)
_CHANGE = (*_COMMON, errors.Forbidden, errors.InvalidInput, errors.PayloadTooLarge)
_KEY_ID = {"name": "key_id", "in": "path", "required": True, "schema": {"type": "string"}}
_DAYS = query(
    "days",
    "How many days back, 30 by default.",
    {"type": "integer", "minimum": 1, "maximum": usages.DAYS_MAX},
)
_EXAMPLE = {"label": "my phone", "limit": "100/hour"}


def routes() -> list[Operation]:
    one = "/api/v1/keys/{key_id}"
    found = (*_CHANGE, errors.NotFound)
    pages = (
        limit_parameter(50, 500),
        cursor(params.NUMBER_CURSOR),
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
        Operation(
            "DELETE", one, revoke_key, "Revoke a key", RevokedAnswer, found, parameters=(_KEY_ID,), tag="Account"
        ),
        Operation(
            "GET", "/api/v1/statement", statement, "Every credit that moved", StatementAnswer, invalid,
            parameters=pages, tag="Account",
        ),
        Operation(
            "GET", "/api/v1/usage", usage, "Use by day", UsageAnswer, invalid,
            parameters=(_DAYS,), tag="Account",
        ),
    ]  # fmt: skip
