"""Requests that two servers could read differently are refused by the first, and nothing behind them is answered."""

from __future__ import annotations

import httpx2
import pytest
import wire

from harness import expect
from harness.inprocess import Account
from harness.served_app import ServedApp

SMUGGLED = b"GET /healthz?smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"0\r\n\r\n"


def post(*lines: bytes, body: bytes, path: bytes = b"/nowhere", version: bytes = b"1.1", end: bytes = b"\r\n") -> bytes:
    return end.join([b"POST " + path + b" HTTP/" + version, b"Host: x", *lines, b"", b""]) + body


REFUSED = {
    "length and chunked": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=CHUNKED + SMUGGLED),
    "chunked and length": post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 44", body=SMUGGLED),
    "two equal lengths": post(b"Content-Length: 5", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "a list of lengths": post(b"Content-Length: 0, 44", body=SMUGGLED),
    "chunked is not the last": post(b"Transfer-Encoding: chunked, identity", body=CHUNKED + SMUGGLED),
    "chunked twice": post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked, x", body=CHUNKED + SMUGGLED),
    "an unknown coding": post(b"Transfer-Encoding: xchunked", body=CHUNKED + SMUGGLED),
    "chunked with a letter": post(b"Transfer-Encoding: chunkedx", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "vertical tab": post(b"Transfer-Encoding:\x0bchunked", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "space before the colon": post(b"Transfer-Encoding : chunked", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "space before a length's colon": post(b"Content-Length : 0", body=SMUGGLED),
    "a folded line": post(b"Transfer-Encoding:", b" chunked", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "NUL in a name": post(b"Transfer-\0Encoding: chunked", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "NUL in a value": post(b"X: a\0b", b"Content-Length: 0", body=SMUGGLED),
    "bare CR in a value": post(b"X: a\rTransfer-Encoding: chunked", b"Content-Length: 5", body=CHUNKED + SMUGGLED),
    "bare LF in a value": post(b"X: a\nContent-Length: 5", body=CHUNKED + SMUGGLED),
    "bare LF everywhere": post(b"Content-Length: 0", body=SMUGGLED, end=b"\n"),
    "no colon": post(b"Content-Length 0", b"Content-Length: 0", body=SMUGGLED),
    "a colon first": post(b": x", b"Content-Length: 0", body=SMUGGLED),
    "a space first": post(b" Content-Length: 0", b"Content-Length: 44", body=SMUGGLED),
    "chunk size too large": post(b"Transfer-Encoding: chunked", body=b"F" * 17 + b"\r\n" + SMUGGLED),
    "negative chunk size": post(b"Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n" + CHUNKED + SMUGGLED),
    "prefixed chunk size": post(b"Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n" + CHUNKED + SMUGGLED),
    "chunk without its end": post(b"Transfer-Encoding: chunked", body=b"5\r\nhelloXX" + CHUNKED + SMUGGLED),
    "chunk ended by bare LF": post(b"Transfer-Encoding: chunked", body=b"5\nhello\n0\n\n" + SMUGGLED),
    "chunk extension with bare LF": post(
        b"Transfer-Encoding: chunked", body=b"5;a\nb\r\nhello\r\n" + CHUNKED + SMUGGLED
    ),
    "no version": b"GET /nowhere\r\n\r\n" + SMUGGLED,
    "version 2.0": post(b"Content-Length: 0", body=SMUGGLED, version=b"2.0"),
    "version 1.10": post(b"Content-Length: 0", body=SMUGGLED, version=b"1.10"),
    "a tab": b"GET\t/healthz HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "an unknown method": b"FROBNICATE /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "a lower-case method": b"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED,
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
    "noise": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("request_bytes", REFUSED.values(), ids=REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(server: ServedApp, request_bytes: bytes) -> None:
    heard = wire.talk(server.port, request_bytes, silence=4)

    assert heard.closed, heard.data
    assert b'"status":"ok"' not in heard.data, "the smuggled request was answered"
    # A refusal may come before the offending byte was read: the path is nowhere.
    assert heard.statuses in ([400], [404], [404, 400], []), heard.data


def test_what_is_unambiguous_is_answered_in_order(server: ServedApp) -> None:
    """The other side of the rule: pipelining as such is fine."""
    asked = post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n" + CHUNKED)

    heard = wire.talk(server.port, asked + post(b"Content-Length: 5", body=b"hello") + SMUGGLED, until=3)

    assert heard.statuses == [404, 404, 200]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PURGE", "SOURCE"])
def test_no_odd_method_does_anything(server: ServedApp, method: str) -> None:
    target = "x:443" if method == "CONNECT" else "/healthz"
    heard = wire.talk(server.port, f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), until=1)

    assert set(heard.statuses) <= {400, 404, 405}


@pytest.mark.parametrize(
    "host", ["", "evil.example", "x/api", "[", "a b", "x:99999999", "cavendish.test, evil.example"]
)
def test_the_host_header_decides_nothing(server: ServedApp, host: str) -> None:
    """LiteLLM CVE-2026-49468: a path taken from Host went around the door."""
    for path, expected in (("/api/v1/credits", 401), ("/healthz", 200), ("/nowhere", 404)):
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"

        assert wire.talk(server.port, request.encode()).statuses in ([expected], [400])


def test_an_absolute_target_and_http_1_0_are_answered_like_any(server: ServedApp) -> None:
    absolute = b"GET http://evil.example/api/v1/credits HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    old = b"GET /healthz HTTP/1.0\r\n\r\n"

    assert wire.talk(server.port, absolute).statuses == [401]
    heard = wire.talk(server.port, old)
    assert heard.statuses == [200] and heard.closed


@pytest.mark.parametrize("upgrade", ["h2c", "websocket", "TLS/1.3"])
def test_an_offered_upgrade_is_passed_over(server: ServedApp, account: Account, upgrade: str) -> None:
    """Java's client offers HTTP/2 with each request; it is answered over HTTP/1.1, body and all, time after time."""
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": upgrade, "HTTP2-Settings": "AAMAAABkAAQ"}
    with httpx2.Client(base_url=server.url, headers={**account.headers, **headers}) as client:
        for _ in range(3):
            created = expect.success(client.post(wire.GENERATE, json={"prompt": "a lake", "mode": "generate"}))
            asked = client.post("/api/nano-banana-2/check-status", json={"generationId": created["generationId"]})
            assert expect.success(asked)["generationId"] == created["generationId"]
            assert client.get("/healthz").status_code == 200


def test_an_offered_upgrade_changes_nothing_about_where_a_request_ends(server: ServedApp) -> None:
    asked = post(b"Connection: Upgrade", b"upgrade: h2c", b"Content-Length: 12", body=b"\r\nUpgrade: x")

    assert wire.talk(server.port, asked + SMUGGLED, until=2).statuses == [404, 200]


def test_a_client_that_waits_for_100_continue_gets_it(server: ServedApp) -> None:
    request = wire.head("Authorization: Bearer nonsense", "Content-Length: 2", "Expect: 100-continue")

    heard = wire.talk(server.port, request, until=1)

    assert heard.statuses[0] in (100, 401), "a refusal may come at once"
