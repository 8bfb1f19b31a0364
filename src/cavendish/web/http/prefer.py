"""`Prefer: wait=N`, for clients that would rather ask once than poll. Source: RFC 7240, section 4.3."""

from __future__ import annotations

import re

from starlette.requests import Request

from cavendish.application.generations import wait
from cavendish.models import Caller, Status
from cavendish.web.http.context import Web

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,6})\b", re.IGNORECASE)


async def preferred(request: Request, web: Web, caller: Caller, generation_id: str) -> tuple[Status, dict[str, str]]:
    """The state now or, where the request prefers to wait, once it has ended; and the headers that say so."""
    found = _WAIT.search(request.headers.get("prefer", ""))
    if found is None:
        return await web.services.statuses.read(caller, generation_id), {}
    status = await wait.until_ended(web.services, caller, generation_id, seconds=int(found[1]))
    return status, {"Preference-Applied": f"wait={found[1]}"}
