"""The official MCP client against a real service: in both eras, with progress, and a task that outlives a killed API."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

import anyio
import httpx2
import mcp_types
import pytest
from mcp import Client, MCPError
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.streamable_http import streamable_http_client
from PIL import Image
from process_helpers import Lab

from harness.processes import Served, wait_until_ready

pytestmark = pytest.mark.anyio

TASKS = "io.modelcontextprotocol/tasks"
TOOLS = ["generate_image", "edit_image", "get_generation", "list_models", "get_credits"]
SECONDS = 60


@pytest.fixture(scope="module")
def served(shared_lab: Lab) -> Iterator[Served]:
    yield shared_lab(CAVENDISH_MCP_WAIT_SECONDS="8")


@contextlib.asynccontextmanager
async def connected(served: Served, mode: str, **options: Any) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {served.key}"}
    each_anew = httpx2.Limits(max_keepalive_connections=0)  # the SDK's session ends with the first broken connection
    async with httpx2.AsyncClient(headers=headers, timeout=SECONDS, limits=each_anew) as http:
        transport = streamable_http_client(f"{served.url}/mcp", http_client=http)
        async with Client(transport, mode=mode, read_timeout_seconds=SECONDS, **options) as client:
            yield client


def picture(served: Served, result: mcp_types.CallToolResult) -> Image.Image:
    """The picture behind the link, once the preview beside it has been looked at."""
    [link] = [block for block in result.content if block.type == "resource_link"]
    [small] = [block for block in result.content if block.type == "image"]
    with Image.open(io.BytesIO(base64.b64decode(small.data))) as preview:
        assert preview.format == "JPEG" and max(preview.size) <= 768
    whole = httpx2.get(str(link.uri))
    assert whole.headers["content-type"] == link.mime_type
    return Image.open(io.BytesIO(whole.content))


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25"), ("2026-07-28",) * 2])
async def test_a_client_lists_the_tools_and_makes_a_picture(served: Served, mode: str, version: str) -> None:
    async with connected(served, mode) as client:
        listed = await client.list_tools()
        before = (await client.call_tool("get_credits")).structured_content["credits_left"]
        made = await client.call_tool("generate_image", {"prompt": "a kite", "aspect_ratio": "1:1"})
        after = (await client.call_tool("get_credits")).structured_content["credits_left"]

        assert client.protocol_version == version
        assert [tool.name for tool in listed.tools] == TOOLS
        assert not made.is_error and made.structured_content["credits_charged"] == 4
        assert picture(served, made).size == (1024, 1024)
        assert before - after == 4


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_edits_a_picture_it_has_at_hand(served: Served, mode: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (900, 900), "navy").save(file, "PNG")
    # 5 MB: over the limit of other bodies, and over the SDK's own default for servers.
    padded = file.getvalue() + bytes(5_000_000)
    async with connected(served, mode) as client:
        made = await client.call_tool(
            "edit_image",
            {"prompt": "a kite", "images": [f"data:image/png;base64,{base64.b64encode(padded).decode()}"]},
        )

        assert not made.is_error, made.content
        assert picture(served, made).size == (1376, 768)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_hears_of_progress(served: Served, mode: str) -> None:
    told: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async with connected(served, mode) as client:
        made = await client.call_tool("generate_image", {"prompt": "sleep=2 steps=10"}, progress_callback=note)

    assert not made.is_error
    assert len(told) >= 3 and told == sorted(told) and told[-1] == 100


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_refusal_is_a_result_and_an_unknown_tool_an_error(served: Served, mode: str) -> None:
    async with connected(served, mode) as client:
        refused = await client.call_tool("generate_image", {"prompt": "a kite", "quality": "9K"})

        assert refused.is_error and "1K, 2K or 4K" in refused.content[0].text
        with pytest.raises(MCPError, match="no_such_tool"):
            await client.call_tool("no_such_tool")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_what_takes_longer_is_fetched_by_its_id(lab: Lab, mode: str) -> None:
    served = lab(CAVENDISH_MCP_WAIT_SECONDS="0")
    async with connected(served, mode) as client:
        ordered = await client.call_tool("generate_image", {"prompt": "sleep=0.5"})
        generation_id = ordered.structured_content["generation_id"]

        assert ordered.structured_content["credits_held"] == 4
        made = await client.call_tool("get_generation", {"id": generation_id, "wait_s": 30})
        assert picture(served, made).size == (1376, 768)


class _Task(mcp_types.Result):
    result_type: Literal["task"] = "task"
    task_id: str
    status: str


class _TaskParams(mcp_types.RequestParams):
    task_id: str


class _GetTask(mcp_types.Request[_TaskParams, Literal["tasks/get"]]):
    method: Literal["tasks/get"] = "tasks/get"
    params: _TaskParams


class _Got(mcp_types.Result):
    status: str
    result: dict[str, Any] | None = None


async def _asked(session: Any, task_id: str) -> _Got:
    return await session.send_request(_GetTask(params=_TaskParams(task_id=task_id)), _Got)


class _Tasks(ClientExtension):
    """A client's side of the extension, which the SDK leaves to others; in the midst of it the API process is killed."""

    identifier = TASKS

    def __init__(self, served: Served) -> None:
        self._served = served
        self.seen: list[str] = []

    def claims(self) -> list[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=_Task, resolve=self._resolve)]

    async def _resolve(self, task: _Task, context: ClaimContext) -> mcp_types.CallToolResult:
        self.seen.append(task.status)
        [api] = self._served.children("cavendish.processes.api")
        api.kill()
        api.wait()
        await anyio.to_thread.run_sync(wait_until_ready, self._served)
        with anyio.fail_after(SECONDS):
            while True:
                found = await _asked(context.session, task.task_id)
                self.seen.append(found.status)
                if found.result is not None:
                    return mcp_types.CallToolResult.model_validate(found.result)
                await anyio.sleep(0.1)


async def test_a_task_outlives_the_process_that_told_of_it(lab: Lab) -> None:
    served = lab(CAVENDISH_MCP_WAIT_SECONDS="0")
    tasks = _Tasks(served)
    async with connected(served, "auto", extensions=[tasks]) as client:
        made = await client.call_tool("generate_image", {"prompt": "sleep=3"})

    assert tasks.seen[0] == "working" and tasks.seen[-1] == "completed"
    assert made.structured_content["credits_charged"] == 4
    assert picture(served, made).size == (1376, 768)
    assert served.stop() == 0
    assert lab.is_sound("--at-rest")
