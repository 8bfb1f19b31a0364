"""What the console shows an operator: accounts, everyone's generations, engines, failures, the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application import observe
from cavendish.application.access import administer, sign_in
from cavendish.db.sql import containing
from cavendish.errors import DatabaseUnavailable, Forbidden, InvalidInput
from cavendish.ids import parse_generation_id
from cavendish.models import Caller, State
from cavendish.stores import audit, generations, ledger, reports
from cavendish.telemetry.metrics import Observation
from cavendish.web.api import generations as native
from cavendish.web.http import body, context, params, responses
from cavendish.web.http.operation import Operation

_NAME_CHARACTERS_MAX = 100
_REASON_CHARACTERS_MAX = 200
_FAILURE_DAYS = 7


class AccountBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    name: StrictStr


class RoleBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    operator: Annotated[StrictBool, Field(description="May manage the service")]


class GrantBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    amount: Annotated[StrictInt, Field(description="Credits to add")]
    reason: Annotated[StrictStr, Field(description="Stands in the account's statement")] = ""


class AccountsAnswer(BaseModel):
    success: Literal[True]
    accounts: list[dict[str, Any]]
    nextCursor: str | None = None


class AccountAnswer(BaseModel):
    success: Literal[True]
    account: str


class GrantAnswer(BaseModel):
    success: Literal[True]
    account: str
    balance: int


class LinkAnswer(BaseModel):
    success: Literal[True]
    link: Annotated[str, Field(description="Signs in once; send it to the person")]
    seconds: Annotated[int, Field(description="How long it works")]


class EverythingAnswer(BaseModel):
    success: Literal[True]
    generations: list[dict[str, Any]]
    nextCursor: str | None = None


class EnginesAnswer(BaseModel):
    success: Literal[True]
    engines: list[dict[str, Any]]
    workers: list[dict[str, Any]]


class FailuresAnswer(BaseModel):
    success: Literal[True]
    failures: list[dict[str, Any]]


class AuditAnswer(BaseModel):
    success: Literal[True]
    entries: list[dict[str, Any]]
    nextCursor: str | None = None


async def list_accounts(request: Request) -> Response:
    """All accounts, in the order in which they were made."""
    await _operator(request)
    count, after = params.query_whole(request, "limit", 50, 1, 500), params.query_cursor(request)
    name = containing(params.query_text(request, "q"))
    try:
        async with context.web(request).services.db.connection() as connection:
            rows = await reports.accounts(connection, name=name, after=after, count=count + 1)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    content: dict[str, Any] = {"accounts": [_account(row) for row in rows[:count]]}
    if len(rows) > count:
        content["nextCursor"] = str(rows[count - 1]["id"])
    return responses.success(content)


async def make_account(request: Request) -> Response:
    """A new account, without credits and keys."""
    caller = await _operator(request)
    name = params.text(await params.sent(request), "name", characters_max=_NAME_CHARACTERS_MAX, needed=True)
    if "/" in name:
        raise InvalidInput(f"name {body.shown(name)} is not valid: it stands in addresses; leave out the /")
    try:
        async with context.web(request).services.db.transaction() as transaction:
            made = await administer.make_account(transaction, caller, name)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    return responses.success({"account": made.name})


async def grant(request: Request) -> Response:
    """Add credits to an account."""
    caller = await _operator(request)
    values = await params.sent(request)
    amount = params.whole(values, "amount", 1, ledger.GRANT_MAX)
    reason = params.text(values, "reason", characters_max=_REASON_CHARACTERS_MAX) or "granted by the operator"
    name = request.path_params["name"]
    try:
        async with context.web(request).services.db.transaction() as transaction:
            balance = await administer.grant(transaction, caller, name, amount, reason=reason)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    return responses.success({"account": name, "balance": balance})


async def make_link(request: Request) -> Response:
    """A link by which a person signs in to an account, once."""
    caller = await _operator(request)
    settings = context.web(request).services.settings
    try:
        async with context.web(request).services.db.transaction() as transaction:
            owner = await administer.account(transaction, request.path_params["name"])
            link = await sign_in.link(transaction, settings, owner, actor=caller.account)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    content = {"link": link, "seconds": round(settings.login_link_seconds)}
    return responses.success(content, {"Cache-Control": "no-store"})


async def change_role(request: Request) -> Response:
    """Let an account manage the service, or no longer."""
    caller = await _operator(request)
    wanted = (await params.sent(request)).get("operator")
    if not isinstance(wanted, bool):
        raise InvalidInput(f"operator {body.shown(wanted)} is not valid: use true or false")
    name = request.path_params["name"]
    if name == caller.account and not wanted:
        raise InvalidInput("You cannot take your own role away; another operator can")
    try:
        async with context.web(request).services.db.transaction() as transaction:
            owner = await administer.account(transaction, name)
            await sign_in.set_operator(transaction, owner, wanted, actor=caller.account)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    return responses.success({"account": name})


async def list_generations(request: Request) -> Response:
    """Everyone's generations, newest first."""
    await _operator(request)
    web = context.web(request)
    count, cursor = params.query_whole(request, "limit", 50, 1, 200), request.query_params.get("cursor")
    try:
        async with web.services.db.connection() as connection:
            after = await generations.get(connection, parse_generation_id(cursor) or _no_cursor()) if cursor else None
            rows = await reports.generations(
                connection,
                state=_state(request),
                account=params.query_text(request, "account"),
                text=containing(params.query_text(request, "q")),
                after=(after.created_at, after.id) if after else None,
                count=count + 1,
            )
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    content: dict[str, Any] = {"generations": [_generation(row, web.public_url) for row in rows[:count]]}
    if len(rows) > count:
        content["nextCursor"] = rows[count - 1]["id"].hex
    return responses.success(content)


async def list_engines(request: Request) -> Response:
    """Each engine's queue, counts and circuit, and the workers that live."""
    await _operator(request)
    services = context.web(request).services
    try:
        seen = await observe.observe(services)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    routes_of = {
        name: [model for model, names in services.settings.routes.items() if name in names]
        for name in services.settings.engines
    }
    return responses.success({"engines": _engines(seen, routes_of), "workers": _workers(seen)})


async def list_failures(request: Request) -> Response:
    """What failed lately, by code and engine."""
    await _operator(request)
    days = params.query_whole(request, "days", _FAILURE_DAYS, 1, reports.DAYS_MAX)
    try:
        async with context.web(request).services.db.connection() as connection:
            rows = await reports.failures(connection, days=days)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    shown = [
        {
            "errorCode": row["error_code"],
            "engine": row["engine"],
            "count": row["count"],
            "last": responses.instant(row["last"]),
        }
        for row in rows
    ]
    return responses.success({"failures": shown})


async def list_audit(request: Request) -> Response:
    """Who did what, newest first."""
    await _operator(request)
    count, before = params.query_whole(request, "limit", 50, 1, 500), params.query_cursor(request)
    try:
        async with context.web(request).services.db.connection() as connection:
            entries = await audit.page(connection, before=before, count=count + 1)
    except DatabaseUnavailable as exc:
        raise native.busy() from exc
    shown = [
        {
            "id": str(entry.id),
            "at": responses.instant(entry.at),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": entry.detail,
        }
        for entry in entries[:count]
    ]
    content: dict[str, Any] = {"entries": shown}
    if len(entries) > count:
        content["nextCursor"] = str(entries[count - 1].id)
    return responses.success(content)


async def _operator(request: Request) -> Caller:
    caller = await context.caller(request)
    if not caller.operator:
        raise Forbidden("Access denied: this account does not manage the service")
    return caller


def _state(request: Request) -> str | None:
    wanted = request.query_params.get("status")
    if wanted is not None and wanted not in list(State):
        raise InvalidInput(f"status {body.shown(wanted)} is not valid: use {', '.join(State)}")
    return wanted


def _no_cursor() -> Any:
    raise InvalidInput("cursor is not valid: send the nextCursor of the page before")


def _account(row: dict[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in ("name", "balance", "held", "operator", "keys", "generations")}
    return {**plain, "createdAt": responses.instant(row["created_at"])}


def _generation(row: dict[str, Any], public_url: str) -> dict[str, Any]:
    content = {
        "generationId": row["id"].hex,
        "account": row["account"],
        "status": row["state"],
        "progress": row["progress"],
        "engine": row["engine"],
        "engineModel": row["engine_model"],
        "prompt": row["prompt"],
        "aspectRatio": row["aspect_ratio"],
        "imageQuality": row["image_quality"],
        "price": row["price"],
        "creditsCharged": row["credits_charged"],
        "error": row["error"],
        "errorCode": row["error_code"],
        "attempts": row["attempts"],
        "claims": row["fence"],
        "imageUrl": f"{public_url}/generations/{row['image_name']}" if row["image_name"] else None,
        "createdAt": responses.instant(row["created_at"]),
        "finishedAt": responses.instant(row["finished_at"]) if row["finished_at"] else None,
    }
    return {name: value for name, value in content.items() if value is not None}


def _engines(seen: Observation, routes_of: dict[str, list[str]]) -> list[dict[str, Any]]:
    named = set(routes_of) | {engine for engine, *_ in seen.open_generations}
    return [_engine(name, seen, routes_of.get(name, [])) for name in sorted(named)]


def _engine(name: str, seen: Observation, routes: list[str]) -> dict[str, Any]:
    alive = [worker.counters for worker in seen.workers if worker.alive]
    completed = _sum(counters.get("completed", {}).get(name, 0) for counters in alive)
    seconds = _sum(counters.get("seconds", {}).get(name, 0) for counters in alive)
    states = {state: count for engine, state, count in seen.open_generations if engine == name}
    content: dict[str, Any] = {
        "name": name,
        "routes": routes,
        "waiting": states.get(State.PENDING, 0),
        "generating": states.get(State.GENERATING, 0),
        "oldestSeconds": round(max((age for engine, _, _, age in seen.jobs if engine == name), default=0)),
        "completed": round(completed),
        "failed": round(_sum(counters.get("failed", {}).get(name, 0) for counters in alive)),
        "open": sum(bool(counters.get("open", {}).get(name)) for counters in alive),
    }
    if completed:
        content["secondsMean"] = round(seconds / completed, 2)
    return content


def _sum(numbers: Iterable[float]) -> float:
    return sum(numbers)


def _workers(seen: Observation) -> list[dict[str, Any]]:
    return [{"name": worker.name, "alive": worker.alive} for worker in seen.workers]


_COMMON = (errors.LoginRequired, errors.Forbidden, errors.ServiceBusy, errors.InternalError)
_INVALID = (*_COMMON, errors.InvalidInput)
_CHANGE = (*_INVALID, errors.PayloadTooLarge)
_FOUND = (*_CHANGE, errors.NotFound)
_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}, "description": "An account."}


def _query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": False, "schema": schema or {"type": "string"},
        "description": description,
    }  # fmt: skip


_CURSOR = _query("cursor", "nextCursor of the page before.")
_LIMIT = _query("limit", "Entries per page, 50 by default.", {"type": "integer", "minimum": 1, "maximum": 200})
_STATUS = _query("status", "Only these.", {"type": "string", "enum": [word.value for word in State]})
_DAYS = _query("days", "How many days back.", {"type": "integer", "minimum": 1, "maximum": reports.DAYS_MAX})


def routes() -> list[Operation]:
    base, tag = "/api/v1/operator", "Operator"
    one = f"{base}/accounts/{{name}}"
    grant_example = {"amount": 1000, "reason": "March"}
    return [
        Operation("GET", f"{base}/accounts", list_accounts, "Accounts", AccountsAnswer, _INVALID,
                  parameters=(_query("q", "Only names that hold this text."), _LIMIT, _CURSOR), tag=tag),
        Operation("POST", f"{base}/accounts", make_account, "Make an account", AccountAnswer, _CHANGE,
                  AccountBody, {"name": "design-team"}, tag=tag),
        Operation("PATCH", one, change_role, "Change a role", AccountAnswer, _FOUND, RoleBody, {"operator": True},
                  (_NAME,), tag=tag),
        Operation("POST", f"{one}/grants", grant, "Grant credits", GrantAnswer, _FOUND, GrantBody, grant_example,
                  (_NAME,), tag=tag),
        Operation("POST", f"{one}/links", make_link, "Make a login link", LinkAnswer, (*_COMMON, errors.NotFound),
                  parameters=(_NAME,), tag=tag),
        Operation("GET", f"{base}/generations", list_generations, "Everyone's generations", EverythingAnswer, _INVALID,
                  parameters=(_STATUS, _query("account", "Only this account's."),
                              _query("q", "Only prompts that hold this text."), _LIMIT, _CURSOR), tag=tag),
        Operation("GET", f"{base}/engines", list_engines, "Engines and workers", EnginesAnswer, _COMMON, tag=tag),
        Operation("GET", f"{base}/failures", list_failures, "What failed", FailuresAnswer, _INVALID,
                  parameters=(_DAYS,), tag=tag),
        Operation("GET", f"{base}/audit", list_audit, "Who did what", AuditAnswer, _INVALID,
                  parameters=(_LIMIT, _CURSOR), tag=tag),
    ]  # fmt: skip
