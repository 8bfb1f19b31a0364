"""The one client for APIs that settings name: one request, one bounded answer, and what a failure may have cost.

Who uses it translates its failures into errors of its own. None of them quotes an address, a header, what was sent or
what came: the message is the name of the failure, and may stand in any log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

import orjson

from cavendish.egress import clients
from cavendish.errors import CavendishError

_JSON = {"Content-Type": "application/json"}
_EVENTS = "text/event-stream"
Told = Callable[[bytes], None]


class CallFailed(CavendishError):
    """A call came to nothing."""


class NotSent(CallFailed):
    """Not one byte of the request went out: nothing was asked for, nothing can have been billed."""


class Unanswered(CallFailed):
    """It may have been asked, and no whole answer came: in time, or at all. It may have been billed."""


class TooLarge(Unanswered):
    """The answer has more bytes than its reader could use."""


class StatusRefused(CallFailed):
    """It was answered with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status

    @property
    def is_redirect(self) -> bool:
        return 300 <= self.status < 400


class NotJson(CallFailed):
    """The answer is not what was asked for. The message says what it is instead, made to follow "the answer is"."""


class Sent(TypedDict, total=False):
    """What a request may carry: at most one of `json`, `content`, and `form` with or without `files`."""

    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    json: Any
    content: str | bytes
    form: Mapping[str, str] | None
    files: list[tuple[str, tuple[str, bytes, str]]] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. `compressed`: the body is not readable as it stands."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    compressed: bool = False

    def json(self) -> Any:
        """The body as JSON. Raises NotJson."""
        if self.compressed:
            raise NotJson("compressed, though identity was asked for")
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as exc:
            raise NotJson("no JSON") from exc

    def object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises NotJson."""
        found = self.json()
        if not isinstance(found, dict):
            raise NotJson("no JSON object")
        return found


class JsonClient:
    """One API of an operator's. Safe to use concurrently; the caller closes it.

    Args:
        seconds: Of silence, and of a whole call that names no time of its own.
        connect_seconds: To dial, and to wait for a free connection.
        answer_bytes_max: Of one body, on the wire and as it is read.
        decompresses: Take an answer that comes compressed though none was asked for. A small one could be huge, so it
            is refused by default; what is paid for should not be lost to a zealous proxy.
    """

    def __init__(
        self,
        base_url: str = "",
        *,
        seconds: float,
        answer_bytes_max: int,
        connect_seconds: float = 10.0,
        connections_max: int = 64,
        headers: Mapping[str, str] | None = None,
        decompresses: bool = False,
    ) -> None:
        self._seconds = seconds
        self._answer_bytes_max = answer_bytes_max
        self._decompresses = decompresses
        self._client = clients.operator(
            base_url=base_url,
            timeout_seconds=seconds,
            connect_seconds=connect_seconds,
            connections_max=connections_max,
            answer_bytes_max=answer_bytes_max,
            headers={"Accept-Encoding": "identity", **(headers or {})},
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def call(self, method: str, url: str, *, seconds: float | None = None, **sent: Unpack[Sent]) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises:
            NotSent: nothing was sent: refused, not found, not trusted, no free connection.
            Unanswered, TooLarge: something was sent and no whole answer came in `seconds`.
        """
        return await self._exchange(method, url, seconds, sent, only_ok=False)

    async def follow(
        self, method: str, url: str, *, told: Told, seconds: float | None = None, **sent: Unpack[Sent]
    ) -> Answer:
        """The same, where server-sent events may be answered: `told` hears each as it comes, and the last is the body.

        Raises:
            NotSent, Unanswered, TooLarge: see `call`.
        """
        return await self._exchange(method, url, seconds, sent, only_ok=False, told=told)

    async def object(
        self, method: str, url: str, *, seconds: float | None = None, **sent: Unpack[Sent]
    ) -> dict[str, Any]:
        """The JSON object of an answer with status 200.

        Raises:
            NotSent, Unanswered, TooLarge: see `call`.
            StatusRefused: another status; its body is not read.
            NotJson: something else than a JSON object.
        """
        return (await self._exchange(method, url, seconds, sent, only_ok=True)).object()

    async def _exchange(
        self, method: str, url: str, seconds: float | None, sent: Sent, *, only_ok: bool, told: Told | None = None
    ) -> Answer:
        try:
            async with (
                asyncio.timeout(self._seconds if seconds is None else seconds),
                self._client.stream(method, url, **_wired(sent)) as response,
            ):
                if only_ok and response.status_code != 200:
                    raise StatusRefused(response.status_code)
                if told is not None and response.headers.get("content-type", "").startswith(_EVENTS):
                    return Answer(response.status_code, response.headers, await self._last_event(response, told))
                return await self._read(response)
        except clients.OPERATOR_NOT_SENT as exc:
            raise NotSent(type(exc).__name__) from exc
        except clients.OperatorTooLarge as exc:
            raise TooLarge(type(exc).__name__) from exc
        except (TimeoutError, clients.OperatorError) as exc:
            raise Unanswered(type(exc).__name__) from exc

    async def _read(self, response: clients.OperatorResponse) -> Answer:
        body = bytearray()
        async for piece in response.aiter_bytes() if self._decompresses else response.aiter_raw():
            body += piece
            if len(body) > self._answer_bytes_max:  # on the wire it was less
                raise TooLarge("decompressed")
        is_plain = self._decompresses or response.headers.get("content-encoding", "identity").lower() == "identity"
        return Answer(response.status_code, response.headers, bytes(body), compressed=not is_plain)

    async def _last_event(self, response: clients.OperatorResponse, told: Told) -> bytes:
        last, count = b"", 0
        async for data in _events(response.aiter_raw()):
            last, count = data, count + len(data)
            if count > self._answer_bytes_max:
                raise TooLarge("too many events")
            told(data)
        return last


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What each event says, once it is whole. Its lines end as bytes do: JSON may hold what a text takes for an end."""
    rest, said = b"", list[bytes]()
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                said.append(line.removeprefix(b"data:").removeprefix(b" "))
            elif not line and said:
                yield b"\n".join(said)
                said = []


def _wired(sent: Sent) -> dict[str, Any]:
    """As httpx2 names it."""
    headers = dict(sent.get("headers", {}))
    wired: dict[str, Any] = {"params": sent.get("parameters"), "data": sent.get("form"), "files": sent.get("files")}
    if "json" in sent:
        return {**wired, "content": orjson.dumps(sent["json"]), "headers": {**_JSON, **headers}}
    return {**wired, "content": sent.get("content"), "headers": headers}
