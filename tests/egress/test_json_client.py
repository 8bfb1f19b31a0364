"""The client for a bounded JSON answer: every failure has its kind, and its words tell no secret."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from egress_helpers import Host, answering

from cavendish.egress import json_client
from cavendish.egress.json_client import CallFailed, JsonClient, NotJson, NotSent, StatusRefused, TooLarge, Unanswered
from emulators.server import Emulator, Reply, Request

pytestmark = pytest.mark.anyio

SECRET = "a-very-secret-key"
BYTES_MAX = 10_000


async def asked(
    reply: Reply, *, method: str = "object", seconds: float = 5.0, **options: Any
) -> tuple[Any, list[Request]]:
    with Emulator(lambda _: reply) as emulator:
        client = JsonClient(
            emulator.url,
            seconds=seconds,
            answer_bytes_max=BYTES_MAX,
            headers={"Authorization": f"Bearer {SECRET}"},
            **options,
        )
        try:
            found = await getattr(client, method)("POST", "/ask?tenant=1", json={"prompt": "a cat"})
            return found, emulator.requests
        finally:
            await client.close()


async def test_a_question_and_its_answer_are_json() -> None:
    found, requests = await asked(Reply.json({"allow": True}))

    assert found == {"allow": True}
    assert [(request.method, request.target, request.json()) for request in requests] == [
        ("POST", "/ask?tenant=1", {"prompt": "a cat"})
    ]
    assert requests[0].headers["content-type"] == "application/json"
    assert requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [200, 201, 302, 404, 500])
async def test_a_call_gives_any_answer_whole(status: int) -> None:
    answer, _ = await asked(Reply.json([1], status), method="call")

    assert (answer.status, answer.json()) == (status, [1])


# Name: what the service does, the failure, and its words.
FAILURES: dict[str, tuple[Reply, type[CallFailed], str]] = {
    "another status": (Reply.json({}, 401), StatusRefused, "status 401"),
    "another success": (Reply.json({}, 201), StatusRefused, "status 201"),
    "a redirect": (Reply(302, headers={"Location": "/elsewhere"}), StatusRefused, "status 302"),
    "another status whose body never comes": (Reply(503, b"x" * 100, drip=60.0), StatusRefused, "status 503"),
    "no JSON": (Reply(200, b"<html>"), NotJson, "no JSON"),
    "nothing": (Reply(200, b""), NotJson, "no JSON"),
    "no object": (Reply.json([{"allow": True}]), NotJson, "no JSON object"),
    "compressed": (
        Reply(200, gzip.compress(b"{}"), {"Content-Encoding": "gzip"}),
        NotJson,
        "compressed, though identity was asked for",
    ),
    "a cut answer": (Reply(200, b'{"allow": true}', cut=7), Unanswered, "RemoteProtocolError"),
    "hung up": (Reply(fault="close"), Unanswered, "RemoteProtocolError"),
    "reset": (Reply(fault="reset"), Unanswered, "ReadError"),
    "too large": (Reply(200, b'"' + b"x" * BYTES_MAX + b'"'), TooLarge, "OperatorTooLarge"),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_every_failure_has_its_kind_and_tells_no_secret(case: str) -> None:
    reply, kind, words = FAILURES[case]

    with pytest.raises(CallFailed) as raised:
        await asked(reply)

    assert type(raised.value) is kind
    assert str(raised.value) == words


@pytest.mark.parametrize("reply", [Reply(fault="hang"), Reply(200, b"{}" + b" " * 100, drip=0.05)])
async def test_the_whole_call_ends_in_time_though_something_comes(reply: Reply) -> None:
    async with asyncio.timeout(3):
        with pytest.raises(Unanswered):
            await asked(reply, seconds=0.4)


async def test_a_call_may_have_a_time_of_its_own() -> None:
    with Emulator(lambda _: Reply(fault="hang")) as emulator:
        client = JsonClient(emulator.url, seconds=60.0, answer_bytes_max=BYTES_MAX)
        with pytest.raises(Unanswered, match="TimeoutError"):
            await client.call("GET", "/", seconds=0.1)
        await client.close()


async def test_who_cancels_a_call_is_heard() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await asked(Reply(fault="hang"))


async def _gone() -> str:
    host = Host(answering(b""))
    await host.open()
    await host.close()
    return f"http://127.0.0.1:{host.port}"


@pytest.mark.parametrize(
    ("url", "headers"),
    [("", {}), ("http://127.0.0.1:1/", {"X-Key": f"{SECRET}\nb"}), ("http://[::1", {})],
    ids=["nobody there", "a header that cannot be written", "no URL"],
)
async def test_what_never_went_out_is_known_not_to_have(url: str, headers: dict[str, str]) -> None:
    url = url or await _gone()
    client = JsonClient(seconds=2, answer_bytes_max=BYTES_MAX)

    with pytest.raises(NotSent) as raised:
        await client.call("POST", url, json={}, headers=headers)

    assert str(raised.value).isidentifier(), "the name of an error, and nothing that a library has to say"
    await client.close()


async def test_who_pays_for_an_answer_may_take_it_compressed() -> None:
    reply = Reply(200, gzip.compress(b'{"allow": true}'), {"Content-Encoding": "gzip"})

    found, _ = await asked(reply, decompresses=True)

    assert found == {"allow": True}


async def test_an_answer_that_grows_while_it_is_read_is_too_large() -> None:
    reply = Reply(200, gzip.compress(b'"' + b"x" * 100_000 + b'"'), {"Content-Encoding": "gzip"})
    assert len(reply.body) < BYTES_MAX

    with pytest.raises(TooLarge):
        await asked(reply, decompresses=True)


@pytest.mark.parametrize("size", [BYTES_MAX, BYTES_MAX + 1])
async def test_the_largest_answer_is_read_and_no_larger(size: int) -> None:
    body = b'{"a":"' + b"x" * (size - 8) + b'"}'
    assert len(body) == size

    if size <= BYTES_MAX:
        assert len((await asked(Reply(200, body)))[0]["a"]) == size - 8
    else:
        with pytest.raises(TooLarge):
            await asked(Reply(200, body))


@pytest.mark.parametrize(
    ("sent", "check"),
    [
        ({"parameters": {"q": "a b&c"}}, lambda request: request.query == {"q": "a b&c"}),
        ({"form": {"a": "1"}}, lambda request: request.body == b"a=1"),
        ({"content": "raw", "headers": {"X-Kind": "k"}}, lambda r: (r.body, r.headers["x-kind"]) == (b"raw", "k")),
        ({"form": {"a": "1"}, "files": [("f", ("1.png", b"PNG", "image/png"))]}, lambda r: b"1.png" in r.body),
        ({"json": None}, lambda request: request.body == b"null"),
    ],
)
async def test_a_request_carries_what_it_is_given(sent: json_client.Sent, check: Callable[[Request], bool]) -> None:
    with Emulator(lambda _: Reply.json({})) as emulator:
        client = JsonClient(emulator.url, seconds=5, answer_bytes_max=BYTES_MAX)
        await client.call("POST", "/", **sent)
        await client.close()

    assert check(emulator.requests[0])
