"""The extension `io.modelcontextprotocol/tasks`: a generation that is not finished yet is a task of the same id.

So a task needs no table and outlives every process: it was committed with its hold before anybody hears of it. Only
clients that declare the extension see one. Source: ext-tasks 2026-07-28.
"""

from __future__ import annotations

import contextlib
from typing import Any

from cavendish.application.generations import cancel as cancelling
from cavendish.application.generations import preview
from cavendish.errors import Cancelled, Forbidden, NotFound, TooLateToCancel, shown
from cavendish.models import State, Status
from cavendish.settings import Settings
from cavendish.web.dialects.mcp import results
from cavendish.web.dialects.mcp.calls import Asker
from cavendish.web.dialects.mcp.results import Result
from cavendish.web.dialects.mcp.wire import INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CAPABILITY, Call, Refused
from cavendish.web.http import responses

EXTENSION = "io.modelcontextprotocol/tasks"
_POLL_MILLISECONDS = 2000
_PREVIEW_SECONDS = 5.0


def are_known(call: Call) -> bool:
    """Whether this request's client takes a task for an answer."""
    extensions = call.capabilities.get("extensions")
    return call.is_stateless and isinstance(extensions, dict) and EXTENSION in extensions


def created(status: Status, settings: Settings) -> Result:
    """In place of a tool's answer: the generation goes on as a task."""
    return {"resultType": "task", **_task(status, settings)}


async def get(asker: Asker) -> Result:
    """The task as it stands; once it has ended, with what the tool would have answered."""
    status = await _owned(asker)
    task = _task(status, asker.services.settings)
    if task["status"] == "completed":
        small = await preview.made(asker.services, status, seconds=_PREVIEW_SECONDS)
        task["result"] = {"resultType": "complete", **results.of_status(asker.shown, status, small)}
    return task


async def acknowledge(asker: Asker) -> Result:
    """No task asks for input, so `tasks/update` changes nothing."""
    await _owned(asker)
    return {}


async def cancel(asker: Asker) -> Result:
    """A wish: free where nobody is paid for it yet, else the picture comes. The task says which."""
    status = await _owned(asker)
    with contextlib.suppress(TooLateToCancel):
        await cancelling.cancel(asker.services, asker.caller, status.id.hex)
    return {}


async def _owned(asker: Asker) -> Status:
    if not asker.call.is_stateless:
        raise Refused(METHOD_NOT_FOUND, f"{asker.call.method} came with 2026-07-28", status=404)
    if not are_known(asker.call):
        needed: Result = {"requiredCapabilities": {"extensions": {EXTENSION: {}}}}
        raise Refused(MISSING_CAPABILITY, f"{asker.call.method} needs a client that declares {EXTENSION}", data=needed)
    task_id = asker.call.params.get("taskId")
    try:
        if isinstance(task_id, str):
            return await asker.services.statuses.read(asker.caller, task_id)
    except (NotFound, Forbidden):
        pass
    raise Refused(INVALID_PARAMS, f"There is no task {shown(task_id)} of yours")


def _task(status: Status, settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {
        "taskId": status.id.hex,
        "status": _word(status),
        "createdAt": responses.instant(status.created_at),
        "lastUpdatedAt": responses.instant(status.finished_at or status.created_at),
        "ttlMs": round(settings.keep_images * 1000) or None,
        "pollIntervalMs": _POLL_MILLISECONDS,
    }
    if found["status"] == "working":
        found["statusMessage"] = results.state_of(status)
    return found


def _word(status: Status) -> str:
    """A failed generation is a completed task whose result is an error: `failed` is for the protocol's own."""
    if status.error_code == Cancelled.code:
        return "cancelled"
    return "completed" if State(status.state).terminal else "working"
