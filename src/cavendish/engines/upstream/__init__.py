"""Another server of this same API as an engine: a Cavendish node, or the hosted service.

Submitted once, polled as its good clients do, fetched with patience. A submission whose answer was lost is never sent
again: it may have been billed. One whose worker died is sent again under the same Idempotency-Key.
"""

from __future__ import annotations

import asyncio
import ipaddress
import urllib.parse
from typing import Any

import structlog

from cavendish import clock
from cavendish.engines import base
from cavendish.engines._http import client
from cavendish.engines._http.download import Results
from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.engines.upstream import wire
from cavendish.models import RateLimit
from cavendish.settings import parsers
from cavendish.settings.engine import EngineSetting, Options

log = structlog.get_logger("cavendish.upstream")

SUBMIT_SECONDS = 60.0  # generate answers at once; a server that needs longer is broken
POLL_ANSWER_SECONDS = 30.0  # one poll; a lost one is made up by the next
POLL_SECONDS_MAX = 60.0  # however long a server asks to wait between two
LOST_POLLS_MAX = 20  # in a row that say it knows neither generation nor key; a minute outlasts a restart or a new key

WITHDRAW_SECONDS = 4.0  # whoever wants it cancelled waits for the answer

# That API is this one: its models take there what they take here. Whether an order can still be taken back is known
# to the other server alone: a Cavendish answers, and where anything else does not, the picture comes.
CAPABILITIES = Capabilities(search=True, stops_if_asked=True)

BASE_URL = EngineSetting(
    "BASE_URL", "Where the other server is, such as https://images.example.com.", parse=parsers.url
)
API_KEY = EngineSetting("API_KEY", "A key of an account there; its credits pay.", secret=True, parse=parsers.header_key)
POLL = EngineSetting("POLL_SECONDS", "Between two polls; the API asks for 3 to 5.", "3", parse=parsers.duration)
CONCURRENCY = EngineSetting(
    "CONCURRENCY", "Generations there at once over all workers.", "16", parse=parsers.whole(1, 512)
)
RATE = EngineSetting(
    "RATE",
    "Generate calls in a time over all workers, such as 100/hour; empty: no limit of ours.",
    parse=parsers.limit,
)
SETTINGS = (BASE_URL, API_KEY, POLL, CONCURRENCY, RATE)


def build(options: Options) -> Upstream:
    """Raises ConfigurationError where address or key is missing."""
    return Upstream(
        options,
        base_url=options.required(BASE_URL),
        api_key=options.required(API_KEY),
        poll_seconds=options.value(POLL),
        concurrency=options.value(CONCURRENCY),
        rate=options.value(RATE),
    )


class Upstream:
    """One account at one server."""

    reports_progress = True
    capabilities = CAPABILITIES

    def __init__(
        self,
        options: Options,
        *,
        base_url: str,
        api_key: str,
        poll_seconds: float,
        concurrency: int | None,
        rate: RateLimit | None,
    ) -> None:
        self.name = options.name
        self.concurrency = concurrency
        self.rate = rate
        self._base_url = base_url
        self._poll_seconds = poll_seconds
        self._client = client.EngineClient(
            base_url, headers={"Authorization": f"Bearer {api_key}"}, concurrency=concurrency
        )
        self._results = Results(self._client, base_url, options)

    async def generate(self, request: EngineRequest) -> EngineResult:
        """One generation there, at most one submission.

        Raises:
            EngineError: by the tables in `wire`.
        """
        watch = clock.Stopwatch()
        urls = [await self._published(request, image) for image in request.input_images]
        if request.unwanted.is_set():
            raise base.EngineStopped("nothing was ordered yet")
        generation_id = await self._submit(request, urls)
        answer = await self._ended(request, generation_id, watch)
        seconds = max(1.0, request.timeout_seconds - watch.seconds)
        data = await self._results.fetch(wire.image_url(answer), seconds=seconds)
        return wire.result(request, answer, data)

    async def close(self) -> None:
        await self._client.close()

    async def _published(self, request: EngineRequest, image: Any) -> str:
        url = await request.publish(image)
        if _is_local(url) and not _is_local(self._base_url):
            log.warning("the upstream cannot fetch input images from here; set CAVENDISH_PUBLIC_URL", engine=self.name)
            raise base.EngineUnavailable("the image engine cannot reach this service's input images", asked=False)
        return url

    async def _submit(self, request: EngineRequest, urls: list[str]) -> str:
        answer = await self._client.call(
            "POST",
            f"/api/{request.model}/generate",
            json=wire.generate_body(request, urls),
            headers=_idempotency(request),
            seconds=min(SUBMIT_SECONDS, request.timeout_seconds),
        )
        if answer.status != 200:
            raise self._told(wire.refusal(answer))
        return wire.generation_id(answer)

    async def _ended(self, request: EngineRequest, generation_id: str, watch: clock.Stopwatch) -> dict[str, Any]:
        """The last answer of a completed generation; trouble with one poll is no trouble with the generation."""
        wait, lost, asked = self._poll_seconds, 0, False
        while watch.seconds + wait < request.timeout_seconds and lost < LOST_POLLS_MAX:
            asked = await self._pause(request, generation_id, wait, asked=asked)
            answer = await self._poll(request.model, generation_id)
            wait = self._poll_seconds
            if answer is None:
                continue
            lost = lost + 1 if answer.status in (401, 403, 404) else 0
            if answer.status == 429 or answer.status >= 500:
                wait = min(max(wait, answer.retry_after_seconds or 0.0), POLL_SECONDS_MAX)
                continue
            found = wire.status(answer)
            if found is None:
                continue
            if found["status"] == "completed":
                return found
            if found["status"] == "failed":
                raise wire.failure(found, unwanted=request.unwanted.is_set())
            request.progress(wire.percent(found))
        if lost:
            log.warning("the upstream lost a generation that it had accepted", engine=self.name, polls=lost)
        raise base.EngineTimeout("the image engine did not answer in time", sent=True)

    async def _pause(self, request: EngineRequest, generation_id: str, seconds: float, *, asked: bool) -> bool:
        """Between two polls; whether the server was asked to cancel it, which is done once.

        Raises:
            EngineStopped: it did.
        """
        if asked:
            await asyncio.sleep(seconds)
            return True
        try:
            await asyncio.wait_for(request.unwanted.wait(), seconds)
        except TimeoutError:
            return False
        await self._withdraw(generation_id)
        return True

    async def _withdraw(self, generation_id: str) -> None:
        """An answer that is lost or late is made up by the next poll. Raises EngineStopped."""
        path = f"/api/v1/generations/{urllib.parse.quote(generation_id, safe='')}/cancel"
        try:
            answer = await self._client.call("POST", path, json={}, seconds=WITHDRAW_SECONDS)
        except (base.EngineBusy, base.EngineTimeout):
            return
        if answer.status == 200 and wire.is_cancelled(wire.status(answer) or {}):
            raise base.EngineStopped("the other server cancelled it")

    async def _poll(self, model: str, generation_id: str) -> client.Answer | None:
        try:
            return await self._client.call(
                "POST",
                f"/api/{model}/check-status",
                json={"generationId": generation_id},
                seconds=POLL_ANSWER_SECONDS,
            )
        except (base.EngineBusy, base.EngineTimeout):
            return None

    def _told(self, error: base.EngineError) -> base.EngineError:
        if isinstance(error, base.EngineUnavailable):
            log.warning("the upstream turned this service away", engine=self.name, reason=str(error))
        return error


def _idempotency(request: EngineRequest) -> dict[str, str]:
    """A worker that takes over for a dead one gets the dead one's generation, where the server knows the header.

    Not for edits: their inputs are published at new addresses each time, and a key refuses another body.
    """
    return {"Idempotency-Key": request.reference} if request.reference and not request.input_images else {}


def _is_local(url: str) -> bool:
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
