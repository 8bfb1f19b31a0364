"""What an engine delivers is a picture when every pixel of it was decoded, and not before."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cavendish.children import pool
from cavendish.imaging import png as png_rows
from cavendish.imaging import sniff
from cavendish.imaging.sniff import ImageHeader
from cavendish.imaging.verifier import NotAPicture, Verifier
from cavendish.models import RATIOS, Quality, pixels

pytestmark = pytest.mark.anyio

SIZE = (320, 200)
NOISE = random.Random(1).randbytes(200_000)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def verifier() -> AsyncIterator[Verifier]:
    verifier = Verifier()
    yield verifier
    await verifier.close()


def photograph(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.effect_noise(size, 90).convert(mode)


def save(image: Image.Image, format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(data: bytes, size: tuple[int, int] = SIZE, *, colour: int = 0) -> bytes:
    """A grey 8-bit PNG with this compressed data for its pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, colour, 0, 0, 0))
    return sniff.PNG_SIGNATURE + header + chunk(b"IDAT", data) + sniff.PNG_END


def rows(count: int, size: tuple[int, int] = SIZE) -> bytes:
    return bytes(size[0] + 1) * count


def interlaced(width: int, height: int, *, missing: int = 0, filtered: int = 0) -> bytes:
    """A grey PNG in the seven passes of Adam7, each worked out pixel by pixel."""
    order = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]
    lines = [
        [x for x in range(width) if order[y % 8][x % 8] == str(number)] for number in range(1, 8) for y in range(height)
    ]
    data = b"".join(bytes([filtered]) + bytes(line) for line in lines if line)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1))
    body = chunk(b"IDAT", zlib.compress(data[: len(data) - missing]))
    return sniff.PNG_SIGNATURE + header + body + sniff.PNG_END


def jpeg_with(scan: bytes, **options: object) -> bytes:
    """A JPEG's head, with this behind the header of its first scan."""
    data = save(photograph(), "JPEG", **options)
    start = data.index(b"\xff\xda")
    start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    return data[:start] + scan + b"\xff\xd9"


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]


GOOD: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: save(photograph(), "PNG"),
    "PNG of 16 bits": lambda: save(photograph("I").convert("I;16"), "PNG"),
    "PNG of one bit": lambda: save(photograph("1", (33, 7)), "PNG"),
    "PNG in seven passes": lambda: interlaced(13, 5),
    "PNG in seven passes, of one pixel": lambda: interlaced(1, 1),
    "PNG of a palette": lambda: save(photograph("P"), "PNG"),
    "PNG with transparency": lambda: save(photograph("RGBA"), "PNG"),
    "PNG with something appended": lambda: save(photograph(), "PNG") + b"appended",
    "JPEG": lambda: save(photograph(), "JPEG"),
    "JPEG progressive": lambda: save(photograph(), "JPEG", progressive=True),
    "JPEG grey": lambda: save(photograph("L"), "JPEG"),
    "JPEG of four colours": lambda: save(photograph("CMYK"), "JPEG"),
    "JPEG of one colour": lambda: save(
        Image.new("L", (4096, 4096)), "JPEG", quality=1, optimize=True, progressive=True
    ),
    "WebP": lambda: save(photograph(), "WEBP"),
    "WebP lossless": lambda: save(photograph("RGBA"), "WEBP", lossless=True),
    "WebP of one colour": lambda: save(Image.new("RGB", (4096, 4096)), "WEBP", quality=1),
}


@pytest.mark.parametrize("name", GOOD)
async def test_a_picture_is_one(verifier: Verifier, name: str) -> None:
    data = GOOD[name]()

    assert await verifier.verify(data) == sniff.sniff(data)


@pytest.mark.parametrize("ratio", ["16:9", "8:1", "1:8"])
async def test_the_largest_that_is_ordered_is_taken(verifier: Verifier, ratio: str) -> None:
    size = pixels(ratio, Quality.FOUR_K)

    assert await verifier.verify(png(zlib.compress(rows(size[1], size)), size)) == ImageHeader("image/png", *size)
    assert max(max(pixels(each, Quality.FOUR_K)) for each in RATIOS) == 12_288


BAD: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a page": lambda: b"<html>not a picture</html>",
    "a type that is only read": lambda: save(photograph(), "GIF"),
    "PNG with random data": lambda: png(NOISE),
    "PNG with random data, compressed": lambda: png(zlib.compress(NOISE)),
    "PNG of 20,000 a side without pixels": lambda: png(b"", (20_000, 20_000)),
    "PNG without pixels": lambda: png(b""),
    "PNG without its last row": lambda: png(zlib.compress(rows(199))),
    "PNG with half of its data": lambda: png(zlib.compress(NOISE[:64_000] * 2)[:32_000]),
    "PNG in seven passes without its last pixel": lambda: interlaced(13, 5, missing=1),
    "PNG with a filter that there is not": lambda: png(zlib.compress((b"\5" + bytes(320)) * 200)),
    "PNG in seven passes with a filter that there is not": lambda: interlaced(13, 5, filtered=5),
    "PNG of a palette without one": lambda: png(zlib.compress(rows(200)), colour=3),
    "PNG of a colour that there is not": lambda: png(zlib.compress(rows(200)), colour=5),
    "PNG without its end": lambda: save(photograph(), "PNG")[:-12],
    "PNG cut in half": lambda: (data := save(photograph(), "PNG"))[: len(data) // 2],
    "PNG with one byte changed": lambda: flipped(png(zlib.compress(rows(200), 0)), 20_000),
    "PNG with a wrong checksum": lambda: flipped(data := png(zlib.compress(rows(200))), len(data) - 16),
    "JPEG without pixels": lambda: jpeg_with(b""),
    "JPEG progressive without pixels": lambda: jpeg_with(b"", progressive=True),
    "JPEG without its end": lambda: save(photograph(), "JPEG")[:-2],
    "JPEG cut in half": lambda: (data := save(photograph(), "JPEG"))[: len(data) // 2],
    "JPEG of 65,500 a side": lambda: save(photograph(), "JPEG").replace(b"\0\xc8\1\x40", b"\xff\xdc\xff\xdc"),
    "WebP cut in half": lambda: (data := save(photograph(), "WEBP"))[: len(data) // 2],
    "WebP with random data": lambda: (data := save(photograph(), "WEBP"))[:30] + NOISE[: len(data) - 30],
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_none_is_told_from_it(verifier: Verifier, name: str) -> None:
    with pytest.raises(NotAPicture):
        await verifier.verify(BAD[name]())


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from([1, 2, 4, 8]),
    st.integers(0, 9),
)
def test_every_png_that_is_written_here_has_all_rows(mode: str, width: int, height: int, bits: int, level: int) -> None:
    image = Image.new(mode, (width, height))
    options = {"bits": bits} if mode == "P" else {}

    assert png_rows.has_all_rows(save(image, "PNG", compress_level=level, **options))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_bytes_break_the_count_of_rows(draw: st.DataObject) -> None:
    data = bytearray(draw.draw(st.sampled_from([interlaced(13, 5), save(Image.new("P", (9, 7), 3), "PNG")])))
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(8, len(data) - 1))] = draw.draw(st.integers(0, 255))

    try:
        png_rows.has_all_rows(bytes(data[: draw.draw(st.integers(0, len(data)))]))
    except zlib.error:
        pass


async def test_a_child_that_dies_once_costs_nothing_and_twice_blames_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verifier, data = Verifier(), save(photograph(), "PNG")
    call, deaths = verifier._pool.call, [1]

    async def dying(*args: object, **options: object) -> pool.Result:
        if deaths[0]:
            deaths[0] -= 1
            raise pool.ChildDied("killed")
        return await call(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(verifier._pool, "call", dying)

    assert await verifier.verify(data)
    deaths[0] = 2
    with pytest.raises(NotAPicture):
        await verifier.verify(data)
    await verifier.close()


async def test_a_child_that_says_another_size_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = Verifier()

    async def lying(*args: object, **options: object) -> pool.Result:
        return {"width": 9, "height": 9}, []

    monkeypatch.setattr(verifier._pool, "call", lying)

    with pytest.raises(NotAPicture):
        await verifier.verify(save(photograph(), "PNG"))
    await verifier.close()


async def test_one_that_has_too_many_bytes_goes_to_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = Verifier(bytes_max=100)
    monkeypatch.setattr(verifier._pool, "call", None)

    with pytest.raises(NotAPicture, match="bytes"):
        await verifier.verify(save(photograph(), "PNG"))
    await verifier.close()
