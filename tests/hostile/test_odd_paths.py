"""Every route that there is, with every odd thing that a path can hold: never a server error, never a line in the log.

Sent raw, as no library would: they write some of it otherwise, and refuse the rest.
"""

from __future__ import annotations

import re

import httpx2
import orjson
import pytest
import wire

from harness.inprocess import App
from harness.served_app import ServedApp

pytestmark = pytest.mark.anyio

MARK = "7f3a9leak"
ODD = {
    "NUL": "a%00b", "NUL alone": "%00", "newline": "%0a", "a header": "%0d%0aX-Odd:%201", "escape": "%1b[31m",
    "delete": "%7f", "C1": "%c2%85", "no UTF-8": "%ff", "overlong": "%c0%af", "surrogate": "%ed%a0%80",
    "cut": "%e2%82", "lone percent": "%", "no hex": "%zz", "escaped unit": "%u0041", "long": "a" * 5000,
    "long in UTF-8": "%F0%9F%98%80" * 500, "up": "%2e%2e", "slash": "%2f", "slash inside": "a%2fb",
    "backslash": "..%5c", "quotes": "'\";--", "direction": "%e2%80%ae", "replacement": "%EF%BF%BD", "blank": "%20",
}  # fmt: skip
BODY = orjson.dumps({"label": "a", "name": "b", "amount": 1, "operator": True, "generationId": "0" * 32})
SIGNS_OUT = ("DELETE", "/api/v1/session")  # the last one, or all behind it would need a key


@pytest.fixture
def operator(server: ServedApp) -> dict[str, str]:
    """Headers of a signed-in person who may do everything."""
    account = server.account()
    server.fetch("UPDATE cavendish.accounts SET operator = true WHERE id = $1", account.id)
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = httpx2.post(f"{server.url}/api/v1/session", json={"key": account.key}, headers=own)
    assert answer.json()["operator"] is True
    return {**own, "Cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.fixture
async def routes(app: App) -> list[tuple[str, str]]:
    """Method and path of all that the application serves, as it lists them itself."""
    inside = app.client._transport.app._app  # type: ignore[attr-defined]  # no public way leads to the routes
    found = [(method, route.path) for route in inside.routes for method in sorted(route.methods)]
    return sorted(found, key=SIGNS_OUT.__eq__)


def odd_targets(method: str, path: str, odd: str) -> list[str]:
    """This odd thing in the place of each parameter; where there is none, behind the path and in the query."""
    names = re.findall(r"\{\w+\}", path)
    found = [re.sub(r"\{\w+\}", "0" * 32, path.replace(name, MARK + odd)) for name in names]
    if method == "GET" and not names:
        found += [f"{path.rstrip('/')}/{MARK}{odd}", *(f"{path}?{word}={MARK}{odd}" for word in ("cursor", "q"))]
    return found


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_no_route_breaks_on_it_or_writes_it_down(
    server: ServedApp, operator: dict[str, str], routes: list[tuple[str, str]], odd: str
) -> None:
    headers = [f"{name}: {value}" for name, value in operator.items()]
    assert len(routes) > 50
    before = len(server.logged)

    for method, path in routes:
        for target in odd_targets(method, path, odd):
            request = wire.head(
                *headers, f"Content-Length: {len(BODY)}", "Connection: close", path=target, method=method
            )
            heard = wire.talk(server.port, request + BODY, until=1)  # one stream does not end

            assert len(heard.statuses) == 1, (method, target, heard.data)
            assert heard.statuses[0] < 500, (method, target, heard.data)
            assert b"X-Odd" not in heard.data.partition(b"\r\n\r\n")[0]

    leaked = [line for line in server.logged[before:].splitlines() if MARK in line]
    assert leaked == []


@pytest.mark.parametrize("kind", ["NUL", "newline", "delete", "C1", "no UTF-8", "overlong", "surrogate", "cut", "long"])
def test_what_can_name_nothing_is_404_before_anything_is_asked(server: ServedApp, kind: str) -> None:
    """No key, no database: there is no id and no name like that."""
    odd = ODD[kind]
    for path in (f"/api/v1/keys/{odd}", f"/api/v1/operator/accounts/{odd}/grants", f"/generations/{odd}", f"/{odd}"):
        heard = wire.talk(server.port, wire.head("Connection: close", path=path, method="GET"))

        assert heard.statuses == [404], path
        assert orjson.loads(heard.data.partition(b"\r\n\r\n")[2])["errorCode"] == "NOT_FOUND"
