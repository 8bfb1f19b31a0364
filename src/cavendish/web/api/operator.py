"""What an operator sees of the whole service: everyone's generations, engines, failures, the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application import observe
from cavendish.errors import InvalidInput
from cavendish.ids import parse_generation_id
from cavendish.models import State
from cavendish.stores import reports, usage
from cavendish.stores.generation_lists import GenerationSummary
from cavendish.telemetry.metrics import Observation
from cavendish.web.api.account import UsageLine, shown_days
from cavendish.web.http import address, body, context, params, responses
from cavendish.web.http.operation import Operation, cursor, limit_parameter, query

_FAILURE_DAYS = 7
_OVERVIEW_DAYS = 30
_GENERATIONS_MAX = 200
_ENTRIES_MAX = 500


class AnyGenerationLine(BaseModel):
    """Anybody's generation; a key without a value is left out."""

    generationId: str
    account: str
    status: Literal["pending", "generating", "completed", "failed"]
    progress: int
    engine: str
    engineModel: str | None = None
    prompt: str
    aspectRatio: str
    imageQuality: Literal["1K", "2K", "4K"]
    price: Annotated[int, Field(description="Credits held when it was submitted")]
    creditsCharged: int | None = None
    error: str | None = None
    errorCode: str | None = None
    attempts: Annotated[int, Field(description="Failures of its present engine")]
    claims: Annotated[int, Field(description="How often a worker took it")]
    imageUrl: str | None = None
    createdAt: str
    finishedAt: str | None = None


class OverviewAnswer(BaseModel):
    """The whole service."""

    success: Literal[True]
    accounts: int
    balance: Annotated[int, Field(description="Credits that all accounts can spend")]
    held: Annotated[int, Field(description="Credits set aside for running generations")]
    waiting: Annotated[int, Field(description="Generations with no worker now, those too that wait for another try")]
    generating: Annotated[int, Field(description="With a worker now")]
    oldestSeconds: Annotated[int, Field(description="Since the oldest that waits was ordered")]
    days: Annotated[list[UsageLine], Field(description="Of all accounts, oldest first; days without any are missing")]


class EverythingAnswer(BaseModel):
    success: Literal[True]
    generations: list[AnyGenerationLine]
    nextCursor: str | None = None


class EngineLine(BaseModel):
    """One engine, over all workers that live."""

    name: str
    routes: Annotated[list[str], Field(description="Public models that it serves")]
    waiting: Annotated[int, Field(description="With no worker now, those too that wait for another try")]
    generating: Annotated[int, Field(description="With a worker now")]
    oldestSeconds: Annotated[int, Field(description="Since the oldest that waits was ordered")]
    completed: Annotated[int, Field(description="Since the workers started")]
    failed: Annotated[int, Field(description="Since the workers started")]
    open: Annotated[int, Field(description="Workers that leave it alone for a while")]
    secondsMean: Annotated[float | None, Field(description="Per picture; absent before the first")] = None


class WorkerLine(BaseModel):
    name: Annotated[str, Field(description="Machine and process")]
    alive: bool


class EnginesAnswer(BaseModel):
    success: Literal[True]
    engines: list[EngineLine]
    workers: list[WorkerLine]


class FailuresLine(BaseModel):
    errorCode: str
    engine: str
    count: int
    last: Annotated[str, Field(description="RFC 3339, UTC")]


class FailuresAnswer(BaseModel):
    success: Literal[True]
    failures: list[FailuresLine]


class AuditLine(BaseModel):
    id: str
    at: Annotated[str, Field(description="RFC 3339, UTC")]
    actor: Annotated[str, Field(description="An account, the command line, or single sign-on")]
    action: str
    subject: Annotated[str, Field(description="A key's id or an account's name")]
    detail: str


class AuditAnswer(BaseModel):
    success: Literal[True]
    entries: list[AuditLine]
    nextCursor: str | None = None


async def list_generations(request: Request) -> Response:
    """Everyone's generations, newest first."""
    caller = await context.operator(request)
    page = await observe.list_generations(
        context.services(request),
        caller.account_id,
        state=_state(request),
        account=params.query_text(request, "account"),
        text=params.query_text(request, "q"),
        after=_cursor(request),
        count=params.query_whole(request, "limit", 50, 1, _GENERATIONS_MAX),
    )
    here = address.of(request)
    content: dict[str, Any] = {"generations": [_generation(line, here) for line in page.found]}
    if page.last is not None:
        content["nextCursor"] = page.last.hex
    return responses.success(content)


async def overview(request: Request) -> Response:
    """What all accounts have, wait for and ordered."""
    await context.operator(request)
    days = params.query_whole(request, "days", _OVERVIEW_DAYS, 1, usage.DAYS_MAX)
    seen = await observe.overview(context.services(request), days=days)
    return responses.success(
        {
            "accounts": seen.totals.accounts,
            "balance": seen.totals.balance,
            "held": seen.totals.held,
            "waiting": sum(queue.waiting for queue in seen.queues),
            "generating": sum(queue.drawing for queue in seen.queues),
            "oldestSeconds": round(max((queue.oldest_seconds for queue in seen.queues), default=0.0)),
            "days": shown_days(seen.days),
        }
    )


async def list_engines(request: Request) -> Response:
    """Each engine's queue, counts and circuit, and the workers that live."""
    await context.operator(request)
    services = context.services(request)
    seen, queues = await observe.engines(services)
    routes_of = {
        name: [model for model, names in services.settings.routes.items() if name in names]
        for name in services.settings.engines
    }
    return responses.success({"engines": _engines(seen, queues, routes_of), "workers": _workers(seen)})


async def list_failures(request: Request) -> Response:
    """What failed lately, by code and engine."""
    await context.operator(request)
    days = params.query_whole(request, "days", _FAILURE_DAYS, 1, usage.DAYS_MAX)
    found = await observe.list_failures(context.services(request), days=days)
    shown = [
        {
            "errorCode": failures.error_code,
            "engine": failures.engine,
            "count": failures.count,
            "last": responses.instant(failures.last),
        }
        for failures in found
    ]
    return responses.success({"failures": shown})


async def list_audit(request: Request) -> Response:
    """Who did what, newest first."""
    await context.operator(request)
    count, before = params.query_whole(request, "limit", 50, 1, _ENTRIES_MAX), params.query_cursor(request)
    entries = await observe.list_audit(context.services(request), before=before, count=count + 1)
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


def _state(request: Request) -> str | None:
    wanted = request.query_params.get("status")
    if wanted is not None and wanted not in list(State):
        raise InvalidInput(f"status {body.shown(wanted)} is not valid: use {', '.join(State)}")
    return wanted


def _cursor(request: Request) -> uuid.UUID | None:
    cursor = request.query_params.get("cursor")
    if not cursor:
        return None
    found = parse_generation_id(cursor)
    if found is None:
        raise InvalidInput("cursor is not valid: send the nextCursor of the page before")
    return found


def _generation(line: GenerationSummary, public_url: str) -> dict[str, Any]:
    content = {
        "generationId": line.id.hex,
        "account": line.account,
        "status": line.state,
        "progress": line.progress,
        "engine": line.engine,
        "engineModel": line.engine_model,
        "prompt": line.prompt,
        "aspectRatio": line.aspect_ratio,
        "imageQuality": line.image_quality,
        "price": line.price,
        "creditsCharged": line.credits_charged,
        "error": line.error,
        "errorCode": line.error_code,
        "attempts": line.attempts,
        "claims": line.fence,
        "imageUrl": f"{public_url}/generations/{line.image_name}" if line.image_name else None,
        "createdAt": responses.instant(line.created_at),
        "finishedAt": responses.instant(line.finished_at) if line.finished_at else None,
    }
    return {name: value for name, value in content.items() if value is not None}


def _engines(seen: Observation, queues: list[reports.Queue], routes_of: dict[str, list[str]]) -> list[dict[str, Any]]:
    queue_of = {queue.engine: queue for queue in queues}
    named = sorted({*routes_of, *queue_of})
    nothing = reports.Queue("", 0, 0, 0.0)
    return [_engine(name, seen, queue_of.get(name, nothing), routes_of.get(name, [])) for name in named]


def _engine(name: str, seen: Observation, queue: reports.Queue, routes: list[str]) -> dict[str, Any]:
    alive = [worker.counters for worker in seen.workers if worker.alive]
    completed = _sum(counters.get("completed", {}).get(name, 0) for counters in alive)
    seconds = _sum(counters.get("seconds", {}).get(name, 0) for counters in alive)
    content: dict[str, Any] = {
        "name": name,
        "routes": routes,
        "waiting": queue.waiting,
        "generating": queue.drawing,
        "oldestSeconds": round(queue.oldest_seconds),
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
_STATUS = query("status", "Only these.", {"type": "string", "enum": [word.value for word in State]})
_DAYS = query("days", "How many days back.", {"type": "integer", "minimum": 1, "maximum": usage.DAYS_MAX})


def routes() -> list[Operation]:
    base, tag = "/api/v1/operator", "Operator"
    account = query("account", "Only this account's.", params.SEARCH)
    text = query("q", "Only prompts that hold this text, or the generation with this id.", params.SEARCH)
    pages = (_STATUS, account, text, limit_parameter(50, _GENERATIONS_MAX), cursor(params.ID_CURSOR))
    return [
        Operation("GET", f"{base}/overview", overview, "The whole service", OverviewAnswer, _INVALID,
                  parameters=(_DAYS,), tag=tag),
        Operation("GET", f"{base}/generations", list_generations, "Everyone's generations", EverythingAnswer,
                  (*_INVALID, errors.RateLimitExceeded), parameters=pages, tag=tag),
        Operation("GET", f"{base}/engines", list_engines, "Engines and workers", EnginesAnswer, _COMMON, tag=tag),
        Operation("GET", f"{base}/failures", list_failures, "What failed", FailuresAnswer, _INVALID,
                  parameters=(_DAYS,), tag=tag),
        Operation("GET", f"{base}/audit", list_audit, "Who did what", AuditAnswer, _INVALID,
                  parameters=(limit_parameter(50, _ENTRIES_MAX), cursor(params.NUMBER_CURSOR)), tag=tag),
    ]  # fmt: skip
