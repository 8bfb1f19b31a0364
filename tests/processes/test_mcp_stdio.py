"""`cavendish mcp`: the tools of a server on standard input and output, whatever becomes of a connection."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from process_helpers import Lab

from cavendish.cli import mcp_proxy
from harness.processes import Served, free_port

pytestmark = pytest.mark.anyio

TOOLS = ["generate_image", "edit_image", "get_generation", "list_models", "get_credits"]
COMMAND = [sys.executable, "-m", "cavendish.cli", "mcp"]


@pytest.fixture(scope="module")
def served(shared_lab: Lab) -> Iterator[Served]:
    yield shared_lab()


def environment(served: Served, **variables: str) -> dict[str, str]:
    return {**served.environment, "CAVENDISH_URL": served.url, "CAVENDISH_API_KEY": served.key, **variables}


def call(call_id: Any, name: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": call_id, "method": "tools/call", "params": params}


def spoken(served: Served, *lines: Any, **variables: str) -> tuple[list[Any], subprocess.CompletedProcess[bytes]]:
    """What the command answers to these lines, by id."""
    sent = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    done = subprocess.run(
        COMMAND, input=sent, capture_output=True, timeout=120, check=False, env=environment(served, **variables)
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
async def test_an_assistant_that_starts_it_has_the_servers_tools(served: Served, mode: str, version: str) -> None:
    server = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(served))
    async with Client(server, mode=mode, read_timeout_seconds=60) as client:
        listed = await client.list_tools()
        made = await client.call_tool("generate_image", {"prompt": "a kite"})
        refused = await client.call_tool("generate_image", {"prompt": "a kite", "quality": "9K"})

        assert client.protocol_version == version
        assert [tool.name for tool in listed.tools] == TOOLS
        assert [block.type for block in made.content] == ["text", "resource_link", "image"]
        assert made.structured_content["credits_charged"] == 4
        assert refused.is_error


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_whoever_wants_to_hear_of_progress_does(served: Served, mode: str) -> None:
    told: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)
        assert total == 100 and message

    server = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environment(served))
    async with Client(server, mode=mode, read_timeout_seconds=60) as client:
        asked = {"prompt": "slowly sleep=2 steps=8"}
        made = await client.call_tool("generate_image", asked, progress_callback=hear)

    assert made.structured_content["credits_charged"] == 4
    assert len(told) >= 3 and told == sorted(set(told)), told


def test_standard_output_has_the_protocol_and_nothing_else(served: Served) -> None:
    initialize = {"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
    lines = [
        initialize,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        b"no JSON\n",
        b"\n",
        b"[1]\n",
        call("b", "get_credits"),
    ]

    answers, done = spoken(served, *lines, CAVENDISH_NO_SUCH_SETTING="1")

    assert done.returncode == 0
    assert {answer["id"] for answer in answers} == {"a", "b", None}
    assert [answer["error"]["code"] for answer in answers if answer["id"] is None] == [-32700, -32700]
    [credits] = [answer["result"] for answer in answers if answer["id"] == "b"]
    assert "structuredContent" in credits, "the version agreed on goes with what follows"
    assert b"CAVENDISH_NO_SUCH_SETTING" in done.stderr


def test_a_key_that_is_not_good_is_told_in_the_answer(served: Served) -> None:
    [answer], _ = spoken(served, call(7, "get_credits"), CAVENDISH_API_KEY="cav_live_wrong")

    assert answer["id"] == 7 and answer["error"]["data"]["errorCode"] == "LOGIN_REQUIRED"


def test_without_a_key_or_with_no_address_it_does_not_start(served: Served) -> None:
    for variables, word in (
        ({"CAVENDISH_API_KEY": ""}, b"CAVENDISH_API_KEY"),
        ({"CAVENDISH_URL": "ftp://x"}, b"--url"),
    ):
        answers, done = spoken(served, call(1, "get_credits"), **variables)
        assert (answers, done.returncode) == ([], 1) and word in done.stderr


def test_without_an_address_it_finds_the_server_of_its_data_directory(served: Served) -> None:
    [answer], done = spoken(served, call(1, "get_credits"), CAVENDISH_URL="", CAVENDISH_DATA=str(served.data))

    assert answer["result"]["isError"] is False, done.stderr


async def test_where_nobody_serves_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_proxy, "_PAUSES", (0.01, 0.01))

    answer = await said(f"http://127.0.0.1:{free_port()}", "cav_live_x", call(1, "get_credits"))

    assert answer["id"] == 1 and "Is the server running?" in answer["error"]["message"]


async def said(url: str, key: str, message: dict[str, Any]) -> dict[str, Any]:
    """One message through the proxy, in this process."""
    target = io.BytesIO()
    await mcp_proxy.run(url, key, source=io.BytesIO(json.dumps(message).encode() + b"\n"), target=target)
    [line] = target.getvalue().splitlines()
    return dict(json.loads(line))


@contextlib.asynccontextmanager
async def telling(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """The address of a server that gives each connection the next of these streams and closes it; what was asked."""
    left, asked = list(answers), list[bytes]()

    async def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await _message(reader))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        writer.write(head + left.pop(0))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(arrived, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


def event(message: Any) -> bytes:
    """With what JSON may hold raw and Python takes for the end of a line."""
    return b"event: message\r\ndata: " + json.dumps(message, ensure_ascii=False).encode() + b"\r\n\r\n"


def progress(value: int) -> dict[str, Any]:
    params = {"progressToken": "t", "progress": value, "total": 100, "message": "two\u2028lines\x85"}
    return {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}


async def test_a_stream_that_ends_without_its_answer_is_asked_for_again_and_progress_never_falls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mcp_proxy, "_PAUSES", (0.01,) * 3)
    order = call(5, "generate_image", prompt="a kite")
    order["params"]["_meta"] = {"progressToken": "t"}
    result = {"jsonrpc": "2.0", "id": 5, "result": {"content": []}}
    cut = event(progress(10)) + b": still here\n\n" + event(progress(40))
    half = event(progress(40)) + event(result)[:-20]
    whole = event(progress(20)) + event(progress(60)) + event(result)
    target = io.BytesIO()

    async with telling(cut, half, whole) as (url, asked):
        await mcp_proxy.run(url, "key", source=io.BytesIO(json.dumps(order).encode() + b"\n"), target=target)

    lines = [json.loads(line) for line in target.getvalue().splitlines()]
    assert [line["params"]["progress"] for line in lines[:-1]] == [10, 40, 60]
    assert lines[-1] == result
    keys = {line for one in asked for line in one.lower().split(b"\r\n") if line.startswith(b"idempotency-key")}
    assert len(asked) == 3 and len(keys) == 1
    assert all(b"text/event-stream" in one for one in asked)


async def test_whoever_does_not_want_to_hear_gets_one_answer(served: Served) -> None:
    answers, _ = await asyncio.to_thread(spoken, served, call(1, "generate_image", prompt="slowly sleep=1 steps=4"))

    assert [answer["id"] for answer in answers] == [1]


@contextlib.asynccontextmanager
async def cutting(served: Served, stage: str, times: int) -> AsyncIterator[str]:
    """The address of something in front of the service that cuts its first connections at this stage."""
    left = [times]

    async def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cut, left[0] = left[0] > 0, left[0] - 1
        with contextlib.suppress(OSError):
            if not (cut and stage == "before the request"):
                far, near = await asyncio.open_connection("127.0.0.1", int(served.url.rpartition(":")[2]))
                near.write(await _message(reader))
                await near.drain()
                answer = await _message(far)
                if not cut:
                    writer.write(answer)
                elif stage == "in the answer":
                    writer.write(answer[: len(answer) // 2])
                await writer.drain()
                near.close()
        writer.transport.abort() if cut and stage != "in the answer" else writer.close()

    server = await asyncio.start_server(arrived, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One message of HTTP/1.1 with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head + await reader.readexactly(length)


@pytest.mark.parametrize("stage", ["before the request", "before the answer", "in the answer"])
async def test_an_order_whose_answer_is_lost_is_sent_again_and_paid_once(
    served: Served, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_proxy, "_PAUSES", (0.01,) * 5)

    async def left() -> int:
        found = await said(served.url, served.key, {**call(1, "get_credits"), "id": 1})
        return int(found["result"]["content"][0]["text"].split()[0])

    before = await left()
    async with cutting(served, stage, times=3) as url:
        made = await said(url, served.key, call("order", "generate_image", prompt=f"a kite, cut {stage}"))

    assert made["id"] == "order" and made["result"]["isError"] is False, made
    assert "4 credits were charged" in made["result"]["content"][0]["text"]
    assert before - await left() == 4
