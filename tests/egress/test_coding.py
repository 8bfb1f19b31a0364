"""Bodies that nobody asked to be compressed: undone exactly, in bounds, or refused in words."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib

import pytest
from egress_helpers import PNG, PUBLIC, Lab, answering, response
from hypothesis import given, settings
from hypothesis import strategies as st

from cavendish.egress import coding, urls
from cavendish.egress.coding import Coding, TooLarge
from cavendish.egress.failures import FetchFailed, Refused

MEBIBYTE = 1024 * 1024
NOISE = random.Random(1).randbytes(300_000)


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


WAYS: list[tuple[Coding, object]] = [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)]


@pytest.mark.parametrize(("name", "compress"), WAYS)
@pytest.mark.parametrize("data", [b"", b"x", PNG, NOISE, bytes(3_000_000), bytes(256 * 1024 + 25), NOISE + bytes(9**6)])
def test_the_bytes_come_back(name: Coding, compress, data: bytes) -> None:
    assert coding.undone(compress(data), name, bytes_max=len(data)) == data


@pytest.mark.parametrize(("name", "compress"), WAYS)
@pytest.mark.parametrize("data", [NOISE, bytes(300_000), bytes(256 * 1024 + 25)])
def test_one_byte_over_the_bound_is_too_many(name: Coding, compress, data: bytes) -> None:
    with pytest.raises(TooLarge):
        coding.undone(compress(data), name, bytes_max=len(data) - 1)


@pytest.mark.parametrize(("name", "compress"), WAYS)
def test_a_bomb_ends_at_its_bound(name: Coding, compress) -> None:
    bomb = compress(bytes(500_000_000))
    tracemalloc.start()

    with pytest.raises(TooLarge):
        coding.undone(bomb, name, bytes_max=20 * MEBIBYTE)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * MEBIBYTE


def test_what_is_called_gzip_and_is_none_stays_as_it_is() -> None:
    assert coding.undone(PNG, "gzip", bytes_max=1000) == PNG


def test_one_that_ends_too_early_gives_what_is_there() -> None:
    assert NOISE.startswith(found := coding.undone(gzip.compress(NOISE)[:200_000], "gzip", bytes_max=MEBIBYTE))
    assert len(found) > 150_000


def test_what_is_appended_is_left() -> None:
    assert coding.undone(gzip.compress(PNG) + b"appended" * 100_000, "gzip", bytes_max=1000) == PNG


@pytest.mark.parametrize("name", ["GZIP", " x-gzip", "Deflate", "", "identity"])
def test_a_name_may_be_written_in_any_way(name: str) -> None:
    assert coding.named(name) in ("gzip", "deflate", "identity")


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]), st.sampled_from([b"", b"\x1f\x8b\x08", b"\x78\x9c"])
)
def test_no_bytes_do_more_than_be_refused(data: bytes, name: Coding, start: bytes) -> None:
    try:
        coding.undone(start + data, name, bytes_max=1000)
    except (Refused, TooLarge):
        pass


@pytest.mark.anyio
class TestFetched:
    @staticmethod
    async def fetched(lab: Lab, body: bytes, name: str) -> bytes:
        await lab.host(PUBLIC, answering(response(body=body, content_encoding=name)))
        return await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/"))

    @pytest.mark.parametrize(("name", "compress"), WAYS)
    async def test_a_picture_that_comes_compressed_is_taken(self, lab: Lab, name: str, compress) -> None:
        assert await self.fetched(lab, compress(PNG), name) == PNG

    @pytest.mark.parametrize(("name", "compress"), WAYS)
    async def test_a_bomb_is_too_large(self, lab: Lab, name: str, compress) -> None:
        with pytest.raises(FetchFailed, match="could not be fetched: it has more than") as failed:
            await self.fetched(lab, compress(bytes(10_000_000)), name)

        assert failed.value.reason == "refused: over 65536 bytes once it is not compressed"

    @pytest.mark.parametrize(("name", "body"), [("gzip", b"\x1f\x8b\x08\0nonsense" * 9), ("deflate", PNG)])
    async def test_what_cannot_be_undone_is_told(self, lab: Lab, name: str, body: bytes) -> None:
        with pytest.raises(FetchFailed, match="its host compressed it in a way that cannot be undone"):
            await self.fetched(lab, body, name)
