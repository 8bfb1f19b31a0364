"""Lines of JSON-RPC in, lines out, each forwarded to a server's `/mcp`. It knows no tool, and remembers a version.

Every call of a tool goes out under an Idempotency-Key of its own, and is sent again under the same one where its
connection broke: an order whose answer was lost is found, and paid once.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import orjson

from cavendish.egress.json_client import Answer, CallFailed, JsonClient, NotJson, Unanswered

LINE_BYTES_MAX = 64 * 1024**2  # more than the server takes: its refusal is the better answer
ANSWER_BYTES_MAX = 8 * 1024**2  # twenty times the largest
CALLS_AT_ONCE = 16
SECONDS = 60.0  # for one try: twice the longest wait that can be asked for
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # before each further try: a server that restarts is back by then
_AGAIN = frozenset({502, 503, 504})
_PARSE_ERROR, _INTERNAL_ERROR = -32700, -32603
_VERSION = "io.modelcontextprotocol/protocolVersion"
_NAMES = ("name", "uri", "taskId")
_STREAMED = "application/json, text/event-stream"

Message = dict[str, Any]


async def run(url: str, key: str, *, source: BinaryIO | None = None, target: BinaryIO | None = None) -> None:
    """Forward until standard input ends, and all that came before it is answered."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    client = JsonClient(seconds=SECONDS, answer_bytes_max=ANSWER_BYTES_MAX, headers=headers)
    try:
        await _Proxy(client, f"{url}/mcp", target or sys.stdout.buffer).forward(_lines(source or sys.stdin.buffer))
    finally:
        await client.close()


def _lines(source: BinaryIO) -> asyncio.Queue[bytes]:
    """Its lines, then an empty one; read by a thread that nobody waits for, because a read cannot be broken off."""
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes](CALLS_AT_ONCE)

    def read() -> None:
        line = b"\n"
        while line:
            line = source.readline(LINE_BYTES_MAX)
            asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    threading.Thread(target=read, daemon=True).start()
    return lines


class _Proxy:
    def __init__(self, client: JsonClient, url: str, target: BinaryIO) -> None:
        self._client = client
        self._url = url
        self._target = target
        self._version: str | None = None
        self._room = asyncio.Semaphore(CALLS_AT_ONCE)

    async def forward(self, lines: asyncio.Queue[bytes]) -> None:
        async with asyncio.TaskGroup() as tasks:
            while line := await lines.get():
                if not line.strip():
                    continue
                message = _message(line)
                if message is None:
                    self._write(_error(None, _PARSE_ERROR, "This line is not one JSON-RPC message"))
                elif message.get("method") == "initialize":
                    await self._answer(message)  # the version that it agrees on goes with all that follows
                else:
                    await self._room.acquire()
                    tasks.create_task(self._answer(message)).add_done_callback(lambda _: self._room.release())

    async def _answer(self, message: Message) -> None:
        found = await self._asked(message)
        if "id" not in message or "method" not in message:
            return
        if message["method"] == "initialize":
            self._version = found.get("result", {}).get("protocolVersion")
        self._write({**found, "id": message["id"]})

    async def _asked(self, message: Message) -> Message:
        """The server's answer, tried several times where none comes. Who wants to hear of progress does."""
        headers, why, news = self._headers(message), "", _News(self._write)
        for pause in (*_PAUSES, None):
            try:
                answer = await self._client.follow("POST", self._url, told=news.hear, json=message, headers=headers)
                if news.is_last(answer):
                    raise Unanswered("its stream ended early")
                if answer.status not in _AGAIN or pause is None:
                    return _read(answer)
                why = f"status {answer.status}"
            except CallFailed as exc:
                why = str(exc)
            if pause is not None:
                await asyncio.sleep(pause)
        return _error(None, _INTERNAL_ERROR, f"No answer from {self._url}: {why}. Is the server running?")

    def _headers(self, message: Message) -> dict[str, str]:
        """What the server compares with the message, and the name of this call."""
        found, method, params = {}, message.get("method"), message.get("params")
        params = params if isinstance(params, dict) else {}
        version = _version(params) or self._version
        if version is not None:
            found["MCP-Protocol-Version"] = _headed(version)
        if _version(params) is not None:
            found["Mcp-Method"] = _headed(str(method))
            name = next((params[key] for key in _NAMES if isinstance(params.get(key), str)), None)
            found |= {} if name is None else {"Mcp-Name": _headed(name)}
        if method != "tools/call":
            return found
        if "progressToken" in _meta(params):
            found["Accept"] = _STREAMED
        return {**found, "Idempotency-Key": uuid.uuid4().hex}

    def _write(self, message: Message) -> None:
        """One line; JSON has no raw line breaks."""
        self._target.write(orjson.dumps(message) + b"\n")
        self._target.flush()


class _News:
    """What is told before an answer. A call that is sent again begins anew, and progress never falls."""

    def __init__(self, write: Callable[[Message], None]) -> None:
        self._write = write
        self._highest = -1.0

    def hear(self, data: bytes) -> None:
        message = _message(data)
        if message is None or "id" in message or "method" not in message:
            return
        params = message.get("params")
        progress = params.get("progress") if isinstance(params, dict) else None
        if isinstance(progress, int | float):
            if progress <= self._highest:
                return
            self._highest = progress
        self._write(message)

    @staticmethod
    def is_last(answer: Answer) -> bool:
        """Whether a stream had no more to say than news, or nothing."""
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            return False
        return "id" not in (_message(answer.body) or {})


def _message(line: bytes) -> Message | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _meta(params: Mapping[str, Any]) -> Mapping[str, Any]:
    found = params.get("_meta")
    return found if isinstance(found, dict) else {}


def _version(params: Mapping[str, Any]) -> str | None:
    found = _meta(params).get(_VERSION)
    return found if isinstance(found, str) else None


def _headed(text: str) -> str:
    """As a header can carry it."""
    if text.isascii() and text.isprintable() and text == text.strip() and not text.startswith("=?"):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def _read(answer: Answer) -> Message:
    if answer.status == 202:
        return {}
    try:
        found = answer.object()
    except NotJson as exc:
        return _error(None, _INTERNAL_ERROR, f"The server's answer is {exc}, with status {answer.status}")
    if "result" in found or "error" in found:
        return found
    return _error(None, _INTERNAL_ERROR, f"There is no MCP at this address: status {answer.status}")


def _error(call_id: object, code: int, message: str) -> Message:
    return {"jsonrpc": "2.0", "id": call_id, "error": {"code": code, "message": message}}
