"""Hosts that lie, drip, stall, flood and hang up: every fetch ends soon and small."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from ipaddress import ip_network

import pytest
from egress_helpers import LIMITS, PUBLIC, Handler, Host, Lab, answering, response

from cavendish.egress import urls
from cavendish.egress.failures import FetchFailed

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


def repeating(start: bytes, piece: bytes, *, seconds: float = 0.0) -> Handler:
    """Says `start`, then `piece` for ever."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(seconds)

    return handle


async def failure(lab: Lab, handler: Handler) -> tuple[str, Host]:
    host = await lab.host(PUBLIC, handler)
    started = time.monotonic()

    with pytest.raises(FetchFailed) as failed:
        await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/"))

    assert time.monotonic() - started < LIMITS.total_seconds - 1  # its own rule ended it, not the last resort
    return failed.value.reason, host


async def test_an_endless_body_ends(lab: Lab) -> None:
    reason, _ = await failure(lab, repeating(HEAD + b"\r\n", b"x" * 4096))

    assert "over 65536 bytes" in reason


async def test_an_endless_chunked_body_ends(lab: Lab) -> None:
    reason, _ = await failure(
        lab, repeating(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n")
    )

    assert "over 65536 bytes" in reason


async def test_a_body_of_the_allowed_size_is_taken_and_one_byte_more_is_not(lab: Lab) -> None:
    longest = b"x" * LIMITS.body_bytes_max
    other = "93.184.216.35"
    await lab.host(other, answering(HEAD + b"\r\n" + longest))

    assert await lab.fetcher().fetch(urls.parse(f"http://{other}/")) == longest
    reason, _ = await failure(lab, answering(HEAD + b"\r\n" + longest + b"x"))
    assert "over 65536 bytes" in reason


async def test_a_drip_of_single_bytes_ends_early(lab: Lab) -> None:
    reason, _ = await failure(lab, repeating(HEAD + b"Content-Length: 1000\r\n\r\n", b"x", seconds=0.05))

    assert "too slowly" in reason


async def test_a_drip_of_headers_ends_early(lab: Lab) -> None:
    reason, _ = await failure(lab, repeating(HEAD, b"A: b\r\n", seconds=0.05))

    assert "too slowly" in reason


async def test_a_small_picture_that_follows_its_headers_late_is_no_drip(lab: Lab) -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"Content-Length: 3\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"abc")

    await lab.host(PUBLIC, late)

    assert await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/")) == b"abc"


async def test_one_byte_chunks_end_before_they_cost_processor_time(lab: Lab) -> None:
    started = time.process_time()

    reason, _ = await failure(lab, repeating(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 2000))

    assert "500 pieces" in reason
    assert time.process_time() - started < 2


async def test_endless_chunk_extensions_end(lab: Lab) -> None:
    chunk = b"1;" + b"e" * 8000 + b"\r\nx\r\n"

    reason, _ = await failure(lab, repeating(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk))

    assert "too large" in reason


async def test_a_length_over_the_limit_is_refused_before_the_body(lab: Lab) -> None:
    reason, _ = await failure(lab, repeating(HEAD + b"Content-Length: 65537\r\n\r\n", b"", seconds=60))

    assert "says it has 65537 bytes" in reason


async def test_a_length_that_says_too_little_cuts_the_body(lab: Lab) -> None:
    await lab.host(PUBLIC, answering(HEAD + b"Content-Length: 3\r\n\r\nabcdef"))

    assert await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/")) == b"abc"


async def test_a_length_that_says_too_much_fails(lab: Lab) -> None:
    reason, _ = await failure(lab, answering(HEAD + b"Content-Length: 300\r\n\r\nabcdef"))

    assert reason == "unreachable: RemoteProtocolError"


@pytest.mark.parametrize("length", [b"-1", b"+3", b"0x3", b"3, 4", b"3\r\nContent-Length: 4", b"9" * 5000, b"3_0", b""])
async def test_a_length_that_is_no_number_fails(lab: Lab, length: bytes) -> None:
    await failure(lab, answering(HEAD + b"Content-Length: " + length + b"\r\n\r\nabc"))


@pytest.mark.parametrize("coding", [b"br", b"zstd", b"compress", b"identity, gzip", b"gzip, gzip", b"x", b"*"])
async def test_bodies_in_another_coding_are_refused_unread(lab: Lab, coding: bytes) -> None:
    reason, _ = await failure(lab, repeating(HEAD + b"Content-Encoding: " + coding + b"\r\n\r\n", b"", seconds=60))

    assert reason == "refused: compressed, though identity was asked for"


async def test_compressed_transfers_are_refused(lab: Lab) -> None:
    reason, _ = await failure(lab, answering(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"))

    assert "ProtocolError" in reason


async def test_ten_thousand_headers_are_refused(lab: Lab) -> None:
    reason, _ = await failure(lab, answering(HEAD + b"".join(b"H%d: x\r\n" % n for n in range(10_000)) + b"\r\n"))

    assert "too large" in reason


async def test_fifty_headers_are_taken_and_fifty_one_are_not(lab: Lab) -> None:
    other = "93.184.216.35"
    await lab.host(other, answering(HEAD + b"H: x\r\n" * (LIMITS.headers_max - 1) + b"\r\nabc"))

    assert await lab.fetcher().fetch(urls.parse(f"http://{other}/")) == b"abc"
    reason, _ = await failure(lab, answering(HEAD + b"H: x\r\n" * LIMITS.headers_max + b"\r\nabc"))
    assert reason == "refused: 51 headers"


@pytest.mark.parametrize(
    "piece", [b"A: b\r\n", b"x" * 1000, b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n"]
)
async def test_a_head_without_end_ends(lab: Lab, piece: bytes) -> None:
    start = b"" if piece.startswith(b"HTTP") else HEAD + b"A: "

    reason, _ = await failure(lab, repeating(start, piece * 20))

    assert "too large" in reason


async def test_a_reset_in_the_body_fails(lab: Lab) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"Content-Length: 300\r\n\r\nabc")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    reason, _ = await failure(lab, reset)

    assert reason.startswith("unreachable")


@pytest.mark.parametrize("start", [b"", HEAD, HEAD + b"Content-Length: 300\r\n\r\nabc"])
async def test_a_stall_ends(lab: Lab, start: bytes) -> None:
    reason, _ = await failure(lab, repeating(start, b"", seconds=60))

    assert reason == "unreachable: ReadTimeout"


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 1000, b"<html>hello</html>", b"ICY 200 OK\r\n\r\n", b"\0" * 100]
    + [b"HTTP/1.1 2 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n", b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"]
    + [b"SSH-2.0-OpenSSH_9.2\r\n", b"-ERR unknown command\r\n", b"\x16\x03\x01\x00\x05hello"],
)
async def test_what_is_not_http_fails(lab: Lab, raw: bytes) -> None:
    reason, _ = await failure(lab, answering(raw))

    assert reason.startswith("unreachable")


async def test_a_server_that_is_silent_in_the_tls_handshake_is_left(lab: Lab) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    host = await lab.host(PUBLIC, silent)
    fetcher = lab.fetcher(allow_networks=(ip_network("127.0.0.0/8"),), real_network=True)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(urls.parse(f"https://127.0.0.1:{host.port}/"))

    assert failed.value.reason == "unreachable: ConnectTimeout"


async def test_a_server_without_tls_behind_https_fails(lab: Lab) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(response())

    host = await lab.host(PUBLIC, plain)
    fetcher = lab.fetcher(allow_networks=(ip_network("127.0.0.0/8"),), real_network=True)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(urls.parse(f"https://127.0.0.1:{host.port}/"))

    assert failed.value.reason == "unreachable: ConnectError"
    assert b"GET" not in host.received


async def test_the_total_time_is_the_last_resort(lab: Lab) -> None:
    limits = dataclasses.replace(LIMITS, total_seconds=0.4, rate_grace_seconds=60.0)
    await lab.host(PUBLIC, repeating(HEAD + b"\r\n", b"x", seconds=0.02))
    started = time.monotonic()

    with pytest.raises(FetchFailed) as failed:
        await lab.fetcher(limits=limits).fetch(urls.parse(f"http://{PUBLIC}/"))

    assert failed.value.reason == "unreachable: TimeoutError"
    assert "its host did not send it in time" in str(failed.value)
    assert time.monotonic() - started < 4


async def test_the_host_sees_the_connection_end(lab: Lab) -> None:
    """A refused answer is hung up on, not left open until the server tires of it."""
    ended = asyncio.Event()

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            while True:
                writer.write(HEAD + b"\r\n" + b"x" * 65536)
                await writer.drain()
        except ConnectionError:
            ended.set()

    await lab.host(PUBLIC, flood)

    with pytest.raises(FetchFailed):
        await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/"))

    await asyncio.wait_for(ended.wait(), 2)


async def test_fifty_hostile_fetches_at_once_leave_nothing_behind(lab: Lab) -> None:
    await lab.host(PUBLIC, repeating(HEAD + b"\r\n", b"x" * 8192))
    fetcher = lab.fetcher()
    before = len(asyncio.all_tasks())

    results = await asyncio.gather(
        *(fetcher.fetch(urls.parse(f"http://{PUBLIC}/")) for _ in range(50)), return_exceptions=True
    )

    assert all(isinstance(result, FetchFailed) for result in results)
    await asyncio.sleep(0.2)
    assert len(asyncio.all_tasks()) <= before + 50  # the lab's own handlers, not ours


async def test_a_well_behaved_answer_still_passes_beside_them(lab: Lab) -> None:
    await lab.host(PUBLIC, answering(response(body=b"x" * 60_000)))

    assert len(await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/"))) == 60_000
