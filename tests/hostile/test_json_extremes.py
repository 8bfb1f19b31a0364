"""Bodies at the edges of JSON: refused by name or taken, never a server error, always in our shape."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request

import httpx2
import orjson
import psutil
import pytest
import wire

from cavendish.errors import (
    ApiError,
    ImageUrlsRequired,
    InvalidInput,
    InvalidPrompt,
    LoginRequired,
    NotFound,
    PayloadTooLarge,
)
from harness import expect
from harness.inprocess import Account
from harness.served_app import ServedApp

GENERATE = "/api/nano-banana-2/generate"
CHECK = "/api/nano-banana-2/check-status"


def with_extra(value: bytes) -> bytes:
    """A good body with this value in a member that is ignored: its syntax is judged all the same."""
    return b'{"prompt":"a lake","mode":"generate","extra":' + value + b"}"


NO_JSON = {
    "empty": b"",
    "white space": b" \n\t ",
    "text": b"prompt=a+lake&mode=generate",
    "NaN": with_extra(b"NaN"),
    "Infinity": with_extra(b"Infinity"),
    "minus Infinity": with_extra(b"-Infinity"),
    "NaN deep inside": with_extra(b'[{"a":[NaN]}]'),
    "1e400": with_extra(b"1e400"),
    "5,000 digits": with_extra(b"9" * 5000),
    "leading zero": with_extra(b"01"),
    "leading plus": with_extra(b"+1"),
    "hexadecimal": with_extra(b"0x10"),
    "bare point": with_extra(b"1."),
    "half an escape of a surrogate": with_extra(rb'"\ud8"'),
    "half of a surrogate's bytes": with_extra(b'"\xed\xa0"'),
    "a surrogate beside bad UTF-8": with_extra(b'"\\ud800\xc0\xaf"'),
    "overlong UTF-8": with_extra(b'"\xc0\xaf"'),
    "five-byte UTF-8": with_extra(b'"\xf8\x88\x80\x80\x80"'),
    "Latin-1": with_extra('"schön"'.encode("latin-1")),
    "BOM": b"\xef\xbb\xbf" + with_extra(b"1"),
    "UTF-16 little": with_extra(b"1").decode().encode("utf-16-le"),
    "UTF-16 big": with_extra(b"1").decode().encode("utf-16-be"),
    "UTF-16 with BOM": with_extra(b"1").decode().encode("utf-16"),
    "UTF-32": with_extra(b"1").decode().encode("utf-32"),
    "raw newline in a string": with_extra(b'"a\nb"'),
    "raw NUL in a string": with_extra(b'"a\0b"'),
    "NUL behind": with_extra(b"1") + b"\0",
    "bad escape": with_extra(rb'"\x41"'),
    "single quotes": b"{'prompt':'a lake','mode':'generate'}",
    "comment": b'{"prompt":"a lake",/* no */"mode":"generate"}',
    "trailing comma": b'{"prompt":"a lake","mode":"generate",}',
    "two values": with_extra(b"1") + with_extra(b"1"),
    "cut off": with_extra(b"1")[:-1],
    "100,000 deep": b"[" * 100_000,
    "100,000 deep objects": b'{"a":' * 30_000,
    "100,000 deep and closed": with_extra(b"[" * 50_000 + b"]" * 50_000),
    "gzip": gzip.compress(with_extra(b"1")),
}
NO_OBJECT = {"null": b"null", "true": b"true", "number": b"7", "string": b'"a"', "list": b"[]", "list of one": b"[{}]"}


@pytest.mark.parametrize("path", [GENERATE, CHECK])
@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_refused(client: httpx2.Client, path: str, body: bytes) -> None:
    expect.refusal(client.post(path, content=body), InvalidInput, "JSON")


@pytest.mark.parametrize("path", [GENERATE, CHECK])
@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
def test_what_is_no_object_is_refused(client: httpx2.Client, path: str, body: bytes) -> None:
    expect.refusal(client.post(path, content=body), InvalidInput, "object")


def test_gzip_is_not_unpacked_whatever_the_header_says(client: httpx2.Client) -> None:
    answer = client.post(
        GENERATE, content=gzip.compress(b"{" + b" " * 10_000_000), headers={"Content-Encoding": "gzip"}
    )

    expect.refusal(answer, InvalidInput)


@pytest.mark.parametrize(
    "body",
    [
        b'{"prompt":"","prompt":"a lake","mode":"nonsense","mode":"generate"}',
        with_extra(b"[" * 500 + b"]" * 500),
        b'{"prompt":"' + rb"\ud83d\ude00" * 20_000 + b'","mode":"generate"}',
        with_extra(b"18446744073709551616"),
        with_extra(b"-0"),
        with_extra(b"1e308"),
        with_extra(rb'"\u0000"'),
        with_extra(rb'"\ud83d\ude00"'),
        with_extra(rb'"\ud800"'),
        with_extra(rb'"\udc00\ud800"'),
        with_extra(b'"\xed\xa0\x80"'),
        b'{"prompt":"a lake","mode":"generate","\\ud800":1}',
        b'{"prompt":"' + rb"\ud83d" * 20_000 + b'","mode":"generate"}',
        b'{"prompt":"a lake","mode":"generate","":1,"__proto__":{},"\\u0000":2,"' + b"n" * 50_000 + b'":3}',
        b'{"prompt":"a lake","mode":"generate",' + b",".join(b'"k%d":%d' % (n, n) for n in range(9_000)) + b"}",
        b" \n" + with_extra(b"1") + b"\r\n\t ",
    ],
    ids=["duplicates", "500 deep", "20,000 emoji", "2^64", "-0", "1e308", "NUL", "emoji", "half an emoji", "swapped halves", "raw half",
         "half in a name", "20,000 halves", "names", "9,000 members", "white space"],
)  # fmt: skip
def test_what_is_json_is_taken(client: httpx2.Client, body: bytes) -> None:
    """Of members with one name the last counts."""
    expect.success(client.post(GENERATE, content=body))


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("prompt", "a\0b", InvalidPrompt),
        ("prompt", "\0", InvalidPrompt),
        ("mode", "generate\0", InvalidInput),
        ("aspectRatio", "16:9\0", InvalidInput),
        ("imageQuality", "\x001K", InvalidInput),
        ("inputImageUrls", ["https://a.example/\0.png"], InvalidInput),
        ("inputImageUrls", ["https://a\0.example/"], InvalidInput),
    ],
)
def test_a_nul_in_any_field_is_refused(client: httpx2.Client, field: str, value: object, error: type[ApiError]) -> None:
    """PostgreSQL takes no NUL: what is let through here would be a server error there."""
    body = {"prompt": "a lake", "mode": "edit", "inputImageUrls": ["https://a.example/"], field: value}

    expect.refusal(client.post(GENERATE, content=orjson.dumps(body)), error)


def test_a_nul_in_an_id_is_404(client: httpx2.Client) -> None:
    for generation_id in ("\0", "0" * 31 + "\0", "0" * 32 + "\0"):
        expect.refusal(client.post(CHECK, content=orjson.dumps({"generationId": generation_id})), NotFound)


def test_a_value_nested_deeply_is_refused_without_being_quoted(client: httpx2.Client) -> None:
    deep = b"[" * 900 + b"]" * 900

    for field in (b"mode", b"aspectRatio", b"inputImageUrls", b"seed"):
        body = b'{"prompt":"a lake","mode":"edit","inputImageUrls":["https://a.example/"],"%b":%b}' % (field, deep)
        answer = client.post(GENERATE, content=body)
        assert len(expect.refusal(answer, InvalidInput, field.decode())["error"]) < 400


def test_a_long_value_is_quoted_in_part_only(client: httpx2.Client) -> None:
    answer = client.post(GENERATE, content=orjson.dumps({"prompt": "a lake", "mode": "x" * 100_000}))

    assert len(expect.refusal(answer, InvalidInput)["error"]) < 300


# --- lengths, on the wire


def test_a_content_length_that_is_too_long_is_cut_in_time(server: ServedApp, account: Account) -> None:
    request = wire.head(f"Authorization: Bearer {account.key}", "Content-Length: 500")

    heard = wire.talk(server.port, request, with_extra(b"1"), silence=10)

    assert heard.closed
    assert 200 not in heard.statuses
    assert heard.seconds < 8


def test_a_content_length_that_is_too_short_cuts_the_body(server: ServedApp, account: Account) -> None:
    body = with_extra(b"1")
    request = wire.head(f"Authorization: Bearer {account.key}", f"Content-Length: {len(body) - 5}")

    heard = wire.talk(server.port, request + body, silence=10)

    assert heard.statuses[0] == 400
    assert heard.closed
    assert 200 not in heard.statuses


@pytest.mark.parametrize("length", ["-1", "+5", "5 5", "5,5", "0x5", "1e3", "five", "", "9" * 30, "1_0", "5;"])
def test_a_content_length_that_is_no_number_is_refused(server: ServedApp, account: Account, length: str) -> None:
    heard = wire.talk(
        server.port, wire.head(f"Authorization: Bearer {account.key}", f"Content-Length: {length}"), b"{}"
    )

    assert heard.closed
    assert set(heard.statuses) <= {400}


def test_100_mb_by_content_length_is_413_at_once(server: ServedApp, account: Account) -> None:
    request = wire.head(f"Authorization: Bearer {account.key}", "Content-Length: 104857600")

    heard = wire.talk(server.port, request, b"[" * 1000, until=1)

    assert heard.statuses == [413]
    assert heard.seconds < 2
    assert orjson.loads(heard.data.partition(b"\r\n\r\n")[2])["errorCode"] == PayloadTooLarge.code


def test_30_mb_of_pictures_as_data_hear_what_to_send_instead(server: ServedApp, account: Account) -> None:
    """By a client that writes all of it before it reads, and wants the connection closed; it saw a reset."""
    pictures = orjson.dumps({"prompt": "a lake", "mode": "edit", "inputImages": ["iVBORw0KGgo=" * 1_250_000] * 2})
    asked = urllib.request.Request(server.url + GENERATE, pictures, account.headers)

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=60)

    body = orjson.loads(refused.value.read())
    assert (refused.value.status, body["errorCode"]) == (400, ImageUrlsRequired.code)
    assert body["error"].startswith("API calls require inputImageUrls for edit mode")


@pytest.mark.parametrize("key", [True, False], ids=["with a key", "without"])
def test_100_mb_in_chunks_are_refused_without_being_kept(server: ServedApp, account: Account, key: bool) -> None:
    (process,) = server.served.children("cavendish.processes.api")
    chunk = b"10000\r\n" + b"[" * 65536 + b"\r\n"
    login = [f"Authorization: Bearer {account.key}"] if key else []
    before = rss(process)

    heard = b""
    with wire.connect(server.port) as connection:
        connection.sendall(wire.head("Transfer-Encoding: chunked", *login))
        try:
            for _ in range(1600):
                connection.sendall(chunk)
        except (ConnectionError, TimeoutError):
            pass
        grown = rss(process) - before
        connection.setblocking(False)
        try:
            heard = connection.recv(65536)
        except (ConnectionError, BlockingIOError):
            pass

    assert grown < 20 * 2**20
    expected = PayloadTooLarge if key else LoginRequired
    assert heard == b"" or expected.code.encode() in heard


def rss(process: psutil.Process) -> int:
    return int(process.memory_info().rss)
