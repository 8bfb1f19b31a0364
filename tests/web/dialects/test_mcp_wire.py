"""Streamable HTTP at /mcp, rule by rule, in both eras. Source: MCP 2026-07-28 and 2025-11-25."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cavendish import settings as configuration
from harness import mcp_wire
from harness.inprocess import Account, App
from harness.mcp_wire import ask, handshake, message, stateless

pytestmark = pytest.mark.anyio

HANDSHAKE = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
TOOLS = ["generate_image", "edit_image", "get_generation", "list_models", "get_credits"]


@pytest.fixture
async def account(shared: App) -> Account:
    return await shared.account()


def refused(answer: Any, status: int, code: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    return dict(answer.json()["error"])


@pytest.mark.parametrize("version", HANDSHAKE)
async def test_a_handshake_agrees_on_the_clients_version(shared: App, account: Account, version: str) -> None:
    sent = message(
        "initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    )

    answer = await shared.post("/mcp", sent, account)

    result = answer.json()["result"]
    assert result["protocolVersion"] == version
    assert result["capabilities"] == {"tools": {}}
    assert "mcp-session-id" not in answer.headers


@pytest.mark.parametrize("version", ["2023-01-01", "2026-07-28", "2099-01-01", None, 5])
async def test_a_handshake_over_an_unknown_version_offers_the_newest(
    shared: App, account: Account, version: Any
) -> None:
    answer = await shared.post("/mcp", message("initialize", {"protocolVersion": version}), account)

    assert answer.json()["result"]["protocolVersion"] == HANDSHAKE[-1]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_nothing_but_post(shared: App, account: Account, method: str) -> None:
    answer = await shared.client.request(method, "/mcp", headers=account.headers)

    refused(answer, 405, -32600)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "headers", [{}, {"MCP-Protocol-Version": "2025-06-18"}, {"MCP-Protocol-Version": "2026-07-28"}]
)
@pytest.mark.parametrize(
    "body",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "id": 1, "result": {}},
    ],
    ids=["initialized", "cancelled", "an answer"],
)
async def test_what_nobody_waits_for_is_202_without_a_body(
    shared: App, account: Account, headers: Any, body: Any
) -> None:
    answer = await shared.post("/mcp", body, account, headers=headers)

    assert (answer.status_code, answer.content) == (202, b"")


async def test_sessions_and_resuming_are_ignored(shared: App, account: Account) -> None:
    headers = {"Mcp-Session-Id": "anything", "Last-Event-ID": "7"}

    answer = await shared.post("/mcp", message("ping"), account, headers=headers)

    assert answer.json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


async def test_a_page_of_another_site_is_refused(shared: App, account: Account) -> None:
    for origin in ("https://evil.example", "null", "http://cavendish.test.evil.example"):
        refused(await shared.post("/mcp", message("ping"), account, headers={"Origin": origin}), 403, -32600)

    own = await shared.post("/mcp", message("ping"), account, headers={"Origin": "http://cavendish.test"})
    assert own.status_code == 200


async def test_a_page_that_leads_its_own_name_here_is_refused(shared: App, account: Account) -> None:
    """DNS rebinding: origin and host agree, and both are the stranger's."""
    headers = {"Origin": "http://evil.example", "Host": "evil.example"}

    refused(await shared.post("/mcp", message("ping"), account, headers=headers), 421, -32600)


async def test_without_a_key_nothing_is_read(shared: App) -> None:
    answer = await shared.post("/mcp", b"{" * 100)

    assert refused(answer, 401, -32600)["data"] == {"errorCode": "LOGIN_REQUIRED"}
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_key_may_come_as_x_api_key(shared: App, account: Account) -> None:
    answer = await shared.post("/mcp", message("ping"), headers={"X-Api-Key": account.key})

    assert answer.status_code == 200


@pytest.mark.parametrize("version", [*HANDSHAKE, None])
async def test_in_the_handshake_era_a_good_message_is_always_200(
    shared: App, account: Account, version: str | None
) -> None:
    headers = {"MCP-Protocol-Version": version} if version else {}

    unknown = await shared.post("/mcp", message("resources/list"), account, headers=headers)
    wrong = await shared.post("/mcp", message("tools/call", {"name": "no_such_tool"}), account, headers=headers)

    refused(unknown, 200, -32601)
    assert "'no_such_tool'" in refused(wrong, 200, -32602)["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"", -32700),
        (b"[" * 5000, -32600),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600),
        ({"id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "method": "tools/list"}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "tools/list"}, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": {}, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}, -32602),
    ],
)
async def test_what_is_no_message_is_400(shared: App, account: Account, body: Any, code: int) -> None:
    refused(await shared.post("/mcp", body, account), 400, code)


async def test_accept_must_take_json(shared: App, account: Account) -> None:
    refused(await shared.post("/mcp", message("ping"), account, headers={"Accept": "image/png"}), 400, -32600)


async def test_discovery_says_what_is_spoken(shared: App, account: Account) -> None:
    result = (await ask(shared, account, "server/discover")).json()["result"]

    assert result["resultType"] == "complete"
    assert result["supportedVersions"] == ["2026-07-28"]
    assert result["capabilities"] == {"tools": {}, "extensions": {mcp_wire.TASKS: {}}}
    assert result["ttlMs"] > 0 and result["cacheScope"] == "public"
    assert result["_meta"][f"{mcp_wire.META}serverInfo"]["name"] == "cavendish"


async def test_the_tools_are_listed_in_one_order_in_both_eras(shared: App, account: Account) -> None:
    for _ in range(3):
        stateless_result = (await ask(shared, account, "tools/list")).json()["result"]
        handshake_result = (await handshake(shared, account, "tools/list")).json()["result"]

        assert [tool["name"] for tool in stateless_result["tools"]] == TOOLS
        assert stateless_result["tools"] == handshake_result["tools"]
        assert {"ttlMs", "cacheScope", "resultType"} <= set(stateless_result)
        assert set(handshake_result) == {"tools"}


@pytest.mark.parametrize("method", ["resources/list", "initialize", "ping", "nonsense"])
async def test_a_method_that_is_not_there_is_404(shared: App, account: Account, method: str) -> None:
    refused(await ask(shared, account, method), 404, -32601)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"MCP-Protocol-Version": "2025-11-25"},
        {"MCP-Protocol-Version": None},
        {"Mcp-Method": "tools/list"},
        {"Mcp-Method": None},
        {"Mcp-Name": "list_models"},
        {"Mcp-Name": None},
        {"Mcp-Name": "=?base64?!!!?="},
    ],
    ids=str,
)
async def test_headers_must_say_what_the_body_says(
    shared: App, account: Account, spoilt: dict[str, str | None]
) -> None:
    body, headers = stateless("tools/call", {"name": "get_credits"})
    sent = {name: value for name, value in {**headers, **spoilt}.items() if value is not None}

    refused(await shared.post("/mcp", body, account, headers=sent), 400, -32020)


async def test_a_routing_header_that_comes_twice_is_refused(shared: App, account: Account) -> None:
    body, headers = stateless("tools/call", {"name": "get_credits"})
    twice = [*headers.items(), *account.headers.items(), ("Mcp-Name", "get_credits")]

    refused(await shared.client.post("/mcp", json=body, headers=twice), 400, -32020)


async def test_a_name_beyond_ascii_comes_as_base64(shared: App, account: Account) -> None:
    name = "Bild größer"
    body, headers = stateless("tools/call", {"name": name})
    encoded = f"=?base64?{base64.b64encode(name.encode()).decode()}?="

    answer = await shared.post("/mcp", body, account, headers={**headers, "Mcp-Name": encoded})

    assert "no tool" in refused(answer, 400, -32602)["message"]  # and not that the header is another


async def test_a_version_that_is_not_spoken_is_named_beside_those_that_are(shared: App, account: Account) -> None:
    error = refused(await ask(shared, account, "tools/list", version="2099-01-01"), 400, -32022)

    assert error["data"] == {"supported": ["2026-07-28"], "requested": "2099-01-01"}
    alone = await shared.post("/mcp", message("tools/list"), account, headers={"MCP-Protocol-Version": "2099-01-01"})
    refused(alone, 400, -32022)
    unasked = {"jsonrpc": "2.0", "method": "notifications/x"}
    refused(await shared.post("/mcp", unasked, account, headers={"MCP-Protocol-Version": "2099-01-01"}), 400, -32022)


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities"])
async def test_the_envelope_must_be_whole(shared: App, account: Account, missing: str) -> None:
    body, headers = stateless("tools/list")
    del body["params"]["_meta"][mcp_wire.META + missing]

    assert missing in refused(await shared.post("/mcp", body, account, headers=headers), 400, -32602)["message"]


async def test_a_task_method_needs_a_client_that_knows_tasks(shared: App, account: Account) -> None:
    error = refused(await ask(shared, account, "tasks/get", {"taskId": "0" * 32}), 400, -32021)

    assert error["data"] == {"requiredCapabilities": {"extensions": {mcp_wire.TASKS: {}}}}
    refused(await handshake(shared, account, "tasks/get", {"taskId": "0" * 32}), 200, -32601)


async def test_a_message_may_be_as_large_as_a_picture_in_it_and_no_larger(shared: App, account: Account) -> None:
    most = configuration.load({"data": "/tmp"}, environment={}).mcp_body_bytes_max
    body = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"%s"}}'
    large, too_large = body % (b"a" * 1_000_000), body % (b"a" * most)

    assert (await shared.post("/mcp", large, account)).json()["result"] == {}
    assert refused(await shared.post("/mcp", too_large, account), 413, -32600)["data"] == {
        "errorCode": "PAYLOAD_TOO_LARGE"
    }


async def test_a_large_message_takes_a_place_among_the_uploads(shared: App, account: Account) -> None:
    web = shared.client._transport.app._app.state.web  # type: ignore[attr-defined]
    large = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"%s"}}' % (b"a" * 1_000_000)
    web.uploading[account.id] += 3
    try:
        refused(await shared.post("/mcp", large, account), 503, -32603)
        assert (await shared.post("/mcp", message("ping"), account)).status_code == 200
    finally:
        web.uploading.clear()

    assert (await shared.post("/mcp", large, account)).status_code == 200
    assert web.uploading == {}


async def test_requests_are_counted_by_their_route_and_not_stored(shared: App, account: Account) -> None:
    answer = await shared.post("/mcp", message("ping"), account)

    assert answer.headers["cache-control"] == "no-store"
    assert 'route="/mcp"' in (await shared.client.get("/metrics")).text
