"""Messages to `/mcp`, written out: what a client of either era puts on the wire."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson

from cavendish.application.generations import preview
from harness.inprocess import Account, App

STATELESS = "2026-07-28"
META = "io.modelcontextprotocol/"
TASKS = "io.modelcontextprotocol/tasks"
ACCEPT = "application/json, text/event-stream"


def message(method: str, params: dict[str, Any] | None = None, *, id: Any = 1) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}


async def handshake(
    app: App, account: Account | None, method: str, params: dict[str, Any] | None = None, *, version: str = "2025-11-25"
) -> httpx2.Response:
    """A request of a client that has shaken hands."""
    headers = {"Accept": ACCEPT, "MCP-Protocol-Version": version}
    return await app.post("/mcp", message(method, params), account, headers=headers)


def stateless(
    method: str,
    params: dict[str, Any] | None = None,
    *,
    version: str = STATELESS,
    extensions: tuple[str, ...] = (),
    progress: str | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Body and headers of a request without a handshake, to be spoilt by whoever likes."""
    capabilities = {"extensions": {name: {} for name in extensions}} if extensions else {}
    meta = {f"{META}protocolVersion": version, f"{META}clientCapabilities": capabilities}
    if progress:
        meta["progressToken"] = progress
    body = message(method, {**(params or {}), "_meta": meta})
    headers = {"Accept": ACCEPT, "MCP-Protocol-Version": version, "Mcp-Method": method}
    if method == "tools/call":
        headers["Mcp-Name"] = str((params or {}).get("name"))
    return body, headers


async def ask(
    app: App, account: Account | None, method: str, params: dict[str, Any] | None = None, **more: Any
) -> httpx2.Response:
    body, headers = stateless(method, params, **more)
    return await app.post("/mcp", body, account, headers=headers)


async def tool(app: App, account: Account, name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers, in the stateless era."""
    answer = await ask(app, account, "tools/call", {"name": name, "arguments": arguments})
    assert answer.status_code == 200, answer.text
    result = answer.json()["result"]
    is_small(answer.content, result)
    return dict(result)


def text(result: dict[str, Any]) -> str:
    """What the model reads of it."""
    return "\n".join(block["text"] for block in result["content"] if block["type"] == "text")


def block(result: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one block of this kind."""
    [found] = [block for block in result["content"] if block["type"] == kind]
    return dict(found)


def is_small(answer: bytes, result: dict[str, Any]) -> None:
    """Within what every known client takes: Claude Desktop counts characters, Claude Code tokens, of words too."""
    assert len(answer) < 1_048_576 / 2
    assert len(text(result)) < 25_000
    for one in result["content"]:
        if one["type"] == "image":
            assert len(one["data"]) <= preview.BYTES_MAX * 4 / 3 + 4
    assert all(_is_number(value) for value in _leaves(result.get("structuredContent", {})))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    return [value]


def _is_number(value: Any) -> bool:
    """Or an id, which has 32 digits."""
    return isinstance(value, int) or (isinstance(value, str) and len(value) == 32 and value.isalnum())


def events(answer: httpx2.Response) -> list[dict[str, Any]]:
    """The messages of a stream."""
    lines = answer.text.splitlines()
    return [orjson.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
