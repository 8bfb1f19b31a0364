"""Foreign pictures come out clean or are refused with a sentence; the bombs here are made by the tests themselves."""

from __future__ import annotations

import contextlib
import functools
import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from cavendish.children.main import Refused
from cavendish.imaging import decode, sniff
from cavendish.imaging.decoder import Decoder, ImageRefused
from cavendish.models import RATIOS, Quality, pixels

pytestmark = pytest.mark.anyio

try:
    import pillow_heif
except ImportError:
    HEIC = pytest.param("HEIF", marks=pytest.mark.skip("the extra heic is not installed"))
else:
    pillow_heif.register_heif_opener()
    HEIC = pytest.param("HEIF")

AVIF_START = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"
HEIC_START = b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf"
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def decoder() -> AsyncIterator[Decoder]:
    decoder = Decoder(processes=1)
    yield decoder
    await decoder.close()


def corners(mode: str = "RGB") -> Image.Image:
    """60 by 40 pixels: red, green, blue and white quarters, so that every turn can be told."""
    image = Image.new("RGB", (60, 40), RED)
    for colour, place in ((GREEN, (30, 0)), (BLUE, (0, 20)), (WHITE, (30, 20))):
        image.paste(colour, (*place, place[0] + 30, place[1] + 20))
    return image.convert(mode)


def save(image: Image.Image, format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))


def quarters(image: Image.Image) -> list[tuple[int, ...]]:
    image = image.convert("RGB")
    w, h = image.size
    points = ((w // 4, h // 4), (w * 3 // 4, h // 4), (w // 4, h * 3 // 4), (w * 3 // 4, h * 3 // 4))
    return [tuple(round(value / 255) * 255 for value in image.getpixel(point)) for point in points]  # type: ignore[union-attr]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *extra: bytes, rows: bytes = b"") -> bytes:
    """A grey 8-bit PNG with any chunks before its pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return sniff.PNG_SIGNATURE + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + sniff.PNG_END


@functools.cache
def zeros(megabytes: int) -> bytes:
    deflater = zlib.compressobj(9)
    return b"".join(deflater.compress(bytes(1_000_000)) for _ in range(megabytes)) + deflater.flush()


@functools.cache
def scan_bomb(side: int, scans: int, before: bytes = b"") -> bytes:
    """A progressive JPEG that repeats one of its refinement scans, with something in front of the repetitions."""
    data = save(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    markers = list(sniff._jpeg_markers(data))
    last = max(position for marker, position in markers if marker == sniff.JPEG_SCAN)
    end = markers[-1][1]
    return data[:end] + before + data[last:end] * scans + data[end:]


# What libjpeg passes over on its way to the next scan: whoever stops counting there lets any number of scans through.
PASSED_OVER = {
    "2,100 empty segments": b"\xff\xfe\0\2" * 2_100,
    "a segment of length 0": b"\xff\xfe\0\0",
    "a segment of length 1": b"\xff\xfe\0\1",
    "bytes between two segments": b"junk",
    "a stuffed byte between two segments": b"\xff\0",
    "fill bytes": b"\xff" * 1_000,
}


@pytest.mark.parametrize(
    ("source", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/png"),
        ("GIF", "image/png"),
        ("AVIF", "image/jpeg"),
        pytest.param("HEIF", "image/jpeg", marks=HEIC.marks),
    ],
)
async def test_allowed_types_keep_their_pixels(decoder: Decoder, source: str, media_type: str) -> None:
    image = await decoder.decode(save(corners(), source))

    assert (image.media_type, image.width, image.height) == (media_type, 60, 40)
    assert quarters(opened(image.data)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("source", ["BMP", "TIFF", "ICO", "PPM", "PCX", "EPS", "JPEG2000"])
async def test_other_types_are_refused_by_their_first_bytes(decoder: Decoder, source: str) -> None:
    with pytest.raises(ImageRefused, match="Only PNG, JPEG, WebP, GIF and AVIF pictures"):
        await decoder.decode(save(corners(), source))


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", b"<html>", b"%PDF-1.7", b"GIF89a", b"\0" * 1000, b"\x89PNG\r\n\x1a\n", AVIF_START]
    + [AVIF_START + b"\0" * 1000, HEIC_START, HEIC_START + b"\0" * 1000, b"GIF89a" + b"\xff" * 1000],
)
async def test_what_is_no_picture_is_refused(decoder: Decoder, data: bytes) -> None:
    with pytest.raises(ImageRefused):
        await decoder.decode(data)


@pytest.mark.parametrize(
    "signature",
    [sniff.PNG_SIGNATURE, b"\xff\xd8\xff\xe0", b"RIFF\x40\0\0\0WEBPVP8 ", b"GIF89a", AVIF_START, HEIC_START],
)
@pytest.mark.parametrize("behind", ["TIFF", "PNG"])
async def test_a_false_signature_opens_no_other_parser(decoder: Decoder, signature: bytes, behind: str) -> None:
    with pytest.raises(ImageRefused):
        await decoder.decode(signature + save(corners(), behind))


@pytest.mark.parametrize("payload", [b"<script>alert(1)</script>", b"PK\x03\x04" + b"A" * 500, save(corners(), "GIF")])
@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", HEIC])
async def test_a_polyglot_loses_what_is_appended(decoder: Decoder, source: str, payload: bytes) -> None:
    image = await decoder.decode(save(corners(), source) + payload)

    assert payload not in image.data


@pytest.mark.parametrize("part", [0.3, 0.7, 0.98])
@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP", "GIF", "AVIF", HEIC])
async def test_a_truncated_file_is_refused(decoder: Decoder, source: str, part: float) -> None:
    data = save(Image.effect_noise((200, 200), 80).convert("RGB"), source)

    with pytest.raises(ImageRefused):
        await decoder.decode(data[: int(len(data) * part)])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP", "AVIF", HEIC])
async def test_exif_orientation_is_applied(decoder: Decoder, source: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = {
        1: [RED, GREEN, BLUE, WHITE],
        2: [GREEN, RED, WHITE, BLUE],
        3: [WHITE, BLUE, GREEN, RED],
        4: [BLUE, WHITE, RED, GREEN],
        5: [RED, BLUE, GREEN, WHITE],
        6: [BLUE, RED, WHITE, GREEN],
        7: [WHITE, GREEN, BLUE, RED],
        8: [GREEN, WHITE, RED, BLUE],
    }

    image = await decoder.decode(save(corners(), source, exif=exif.tobytes()))

    assert quarters(opened(image.data)) == expected[orientation]
    assert (image.width, image.height) == ((40, 60) if orientation >= 5 else (60, 40))


@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP", "AVIF", HEIC])
async def test_place_owner_and_comments_are_gone(decoder: Decoder, source: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "CANARY artist"
    exif.get_ifd(0x8825)[0x001D] = "CANARY gps date"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "CANARY text")
    options: dict[str, dict[str, object]] = {
        "PNG": {"pnginfo": text},
        "JPEG": {"comment": b"CANARY comment", "xmp": b"CANARY xmp"},
        "WEBP": {"xmp": b"CANARY"},
        "AVIF": {"xmp": b"CANARY"},
        "HEIF": {"xmp": b"CANARY"},
    }
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = save(corners(), source, exif=exif, icc_profile=profile, dpi=(300, 300), **options[source])
    assert b"CANARY" in data

    image = await decoder.decode(data)

    assert b"CANARY" not in image.data
    assert not {"exif", "icc_profile", "xmp", "comment", "Comment", "dpi"} & set(opened(image.data).info)
    assert not opened(image.data).getexif()


@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 60, b"Exif\0\0nonsense", b"Exif\0\0II*\0"])
async def test_broken_exif_does_not_cost_a_good_picture(decoder: Decoder, exif: bytes) -> None:
    image = await decoder.decode(save(corners(), "JPEG", exif=exif))

    assert quarters(opened(image.data)) == [RED, GREEN, BLUE, WHITE]


def test_heic_without_its_extra_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)

    with pytest.raises(Refused, match="HEIC is not read by this service; send the picture as JPEG or PNG"):
        decode.decode({"media_type": "image/heic"}, [HEIC_START], lambda _: None)


@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
async def test_no_other_picture_brings_the_parser_of_heic_in(source: str) -> None:
    """What reads it is loaded with the first one only."""
    code = (
        "import sys; from cavendish.imaging import decode\n"
        "arguments = {'media_type': sys.argv[1], 'pixels_max': 10_000, 'side_max': 100}\n"
        "decode.decode(arguments, [sys.stdin.buffer.read()], print)\n"
        "sys.exit(bool({'pillow_heif', '_pillow_heif'} & set(sys.modules)))"
    )
    data = save(corners(), source)
    command = [sys.executable, "-c", code, str(sniff.input_type(data))]

    assert subprocess.run(command, input=data, check=False).returncode == 0


async def test_sixteen_bits_become_eight_without_clipping(decoder: Decoder) -> None:
    ramp = Image.new("I;16", (256, 8))
    for x in range(256):
        ramp.paste(x * 257, (x, 0, x + 1, 8))

    image = await decoder.decode(save(ramp, "PNG"))

    assert [opened(image.data).getpixel((x, 4)) for x in (0, 100, 255)] == [(0, 0, 0), (100, 100, 100), (255, 255, 255)]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
async def test_other_colour_modes_become_rgb(decoder: Decoder, mode: str) -> None:
    source = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"

    image = await decoder.decode(save(corners(mode), source))

    assert opened(image.data).mode == "RGB"
    if mode not in ("1", "L"):
        assert quarters(opened(image.data)) == [RED, GREEN, BLUE, WHITE]


async def test_a_colour_profile_is_applied_not_dropped(decoder: Decoder) -> None:
    """The same numbers in a profile with swapped primaries are other colours."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile = profile.replace(b"rXYZ", b"tmp_").replace(b"bXYZ", b"rXYZ").replace(b"tmp_", b"bXYZ")

    image = await decoder.decode(save(corners(), "PNG", icc_profile=bytes(profile)))

    assert quarters(opened(image.data)) == [BLUE, GREEN, RED, WHITE]


async def test_a_broken_colour_profile_does_not_cost_a_good_picture(decoder: Decoder) -> None:
    image = await decoder.decode(save(corners(), "PNG", icc_profile=b"nonsense" * 50))

    assert quarters(opened(image.data)) == [RED, GREEN, BLUE, WHITE]


async def test_transparency_stays_and_an_opaque_alpha_channel_goes(decoder: Decoder) -> None:
    clear = corners("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))

    assert opened((await decoder.decode(save(clear, "PNG"))).data).mode == "RGBA"
    assert opened((await decoder.decode(save(clear, "WEBP", lossless=True))).data).mode == "RGBA"
    assert opened((await decoder.decode(save(clear, "AVIF"))).data).mode == "RGBA"
    assert opened((await decoder.decode(save(corners("RGBA"), "PNG"))).data).mode == "RGB"


async def test_a_transparent_palette_entry_stays_transparent(decoder: Decoder) -> None:
    palette = corners("RGB").quantize(8)
    red = palette.getpixel((2, 2))

    for source in ("PNG", "GIF"):
        image = opened((await decoder.decode(save(palette, source, transparency=red))).data)

        assert image.getpixel((2, 2))[3] == 0  # type: ignore[index]
        assert image.getpixel((58, 2)) == (*GREEN, 255)


@pytest.mark.parametrize("source", ["PNG", "WEBP", "GIF", "AVIF"])
async def test_only_the_first_frame_is_read(decoder: Decoder, source: str) -> None:
    frames = [Image.new("RGB", (60, 40), BLUE) for _ in range(200)]

    image = await decoder.decode(save(corners(), source, save_all=True, append_images=frames, lossless=True))

    assert quarters(opened(image.data)) == [RED, GREEN, BLUE, WHITE]
    assert getattr(opened(image.data), "n_frames", 1) == 1


# Small files that would cost a careless decoder gigabytes or minutes.
BOMBS: dict[str, Callable[[], bytes]] = {
    "50,000 a side, no pixels": lambda: png(50_000, 50_000),
    "65,535 a side, 40 MB of rows": lambda: png(65_535, 65_535, rows=bytes(40_000_000)),
    "a strip of 12,289": lambda: png(12_289, 1, rows=bytes(12_290)),
    "2^31 wide": lambda: png(2**31 - 1, 1),
    "WebP of 16,383 a side in 30 bytes": lambda: b"RIFF\x1e\0\0\0WEBPVP8L\x11\0\0\0/\xfe\xbf\xff\x0f" + b"\0" * 13,
    "WebP canvas of 16 million a side": lambda: (
        b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + b"\xff" * 6 + b"\0" * 18
    ),
    "JPEG of 65,500 a side": lambda: save(corners(), "JPEG").replace(b"\0\x28\0\x3c", b"\xff\xdc\xff\xdc"),
    "zTXt of 300 MB": lambda: png(8, 8, chunk(b"zTXt", b"a\0\0" + zeros(300)), rows=bytes(72)),
    "iTXt of 300 MB": lambda: png(8, 8, chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(300)), rows=bytes(72)),
    "iCCP of 300 MB": lambda: png(8, 8, chunk(b"iCCP", b"a\0\0" + zeros(300)), rows=bytes(72)),
    "10,000 small texts": lambda: png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000))) * 10_000),
    "GIF of 65,535 a side": lambda: save(corners(), "GIF").replace(b"\x3c\0\x28\0", b"\xff\xff\xff\xff"),
    "GIF with a frame of 65,535 a side": lambda: save(corners(), "GIF")[:500].replace(
        b",\0\0\0\0\x3c\0\x28\0", b",\0\0\0\0" + b"\xff" * 4
    ),
    "GIF of a million frames": lambda: save(corners(), "GIF")[:-1] + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0" * 1_000_000 + b";",
    "AVIF of 65,535 a side": lambda: save(corners(), "AVIF").replace(b"\0\0\0\x3c\0\0\0\x28", b"\0\0\xff\xff" * 2),
    "AVIF of 12,289 a side": lambda: save(corners(), "AVIF").replace(b"\0\0\0\x3c\0\0\0\x28", b"\0\0\x30\1" * 2),
    "JPEG of 3,000 scans": lambda: scan_bomb(3_000, 3_000),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_or_harmless_and_quick(decoder: Decoder, name: str) -> None:
    bomb = BOMBS[name]()
    start = time.monotonic()

    try:
        image = await decoder.decode(bomb)
    except ImageRefused as refused:
        assert refused.reason.endswith(".")
    else:
        # A bomb in a chunk that nobody has to inflate, or in frames that nobody has to read, may leave a good picture.
        assert "300 MB" in name or "frames" in name
        assert (image.width, image.height) in ((8, 8), (60, 40))

    assert time.monotonic() - start < 4
    assert (await decoder.decode(save(corners(), "PNG"))).width == 60


@pytest.mark.parametrize("before", PASSED_OVER)
async def test_no_scan_hides_behind_what_a_decoder_passes_over(decoder: Decoder, before: str) -> None:
    bomb = scan_bomb(8, 101, PASSED_OVER[before])
    opened(bomb).load()  # libjpeg walks through all of it

    with pytest.raises(ImageRefused, match="damaged"):
        await decoder.decode(bomb)


async def test_what_passes_every_check_and_still_burns_time_is_killed_by_the_processor_limit() -> None:
    # Just within every other limit, and four times as much work as the service lets in: fast machines need it.
    decoder = Decoder(processes=1, cpu_seconds=1, pixels_max=144_000_000)
    bomb = scan_bomb(12_000, 90)

    with pytest.raises(ImageRefused, match="within the limits"):
        await decoder.decode(bomb)

    assert (await decoder.decode(save(corners(), "PNG"))).width == 60
    await decoder.close()


async def test_a_slow_picture_is_refused_when_its_time_is_up() -> None:
    decoder = Decoder(processes=1, timeout_seconds=0.5, cpu_seconds=60)
    with contextlib.suppress(ImageRefused):  # a busy machine starts it slowly
        await decoder.decode(save(corners(), "PNG"))

    with pytest.raises(ImageRefused, match="too long"):
        await decoder.decode(scan_bomb(6_300, 90))

    await decoder.close()


async def test_memory_beyond_the_limit_is_refused() -> None:
    decoder = Decoder(processes=1, memory_bytes=200 * 2**20)

    with pytest.raises(ImageRefused, match="within the limits"):
        await decoder.decode(png(6_000, 6_000, rows=bytes(6_001 * 6_000)))

    await decoder.close()


async def test_limits_hold_on_both_sides() -> None:
    decoder = Decoder(processes=1, pixels_max=10_000, side_max=200, input_bytes_max=5_000_000)

    assert (await decoder.decode(png(200, 50, rows=bytes(201 * 50)))).width == 200
    for width, height in ((200, 51), (201, 1)):
        with pytest.raises(ImageRefused, match="too large"):
            await decoder.decode(png(width, height, rows=bytes((width + 1) * height)))
    small = png(8, 8, rows=bytes(72))
    assert (await decoder.decode(small.ljust(5_000_000))).width == 8
    with pytest.raises(ImageRefused, match="at most 5 MB"):
        await decoder.decode(small.ljust(5_000_001))

    await decoder.close()


async def test_every_picture_that_is_made_here_may_be_edited(decoder: Decoder) -> None:
    longest = max((pixels(ratio, Quality.FOUR_K) for ratio in RATIOS), key=max)

    for width, height in (longest, longest[::-1]):
        image = await decoder.decode(png(width, height, rows=bytes((width + 1) * height)))

        assert (image.width, image.height) == (width, height)


@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(("size", "pixels", "kept"), [
    ((800, 600), 480_000, (800, 600)), ((800, 600), 479_999, (800, 600)), ((800, 600), 120_000, (400, 300)),
    ((800, 600), 30_000, (200, 150)), ((900, 100), 10_000, (300, 33)), ((3, 2000), 60, (1, 200)),
])  # fmt: skip
async def test_a_picture_with_more_pixels_than_are_of_use_is_made_smaller(
    decoder: Decoder, source: str, size: tuple[int, int], pixels: int, kept: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # a quarter turn to the right
    given = corners().resize(size, Image.Resampling.NEAREST)

    image = await decoder.decode(save(given, source, exif=exif.tobytes()), pixels_kept=pixels)

    assert (image.height, image.width) == kept
    assert opened(image.data).size == (image.width, image.height)
    if min(kept) > 10:
        plain = opened((await decoder.decode(save(given, source, exif=exif.tobytes()))).data)
        for one, other in zip(quarters(opened(image.data)), quarters(plain), strict=True):
            assert one == other


async def test_a_large_picture_becomes_a_jpeg_on_white(decoder: Decoder) -> None:
    """Above 12 MP a PNG would cost seconds and tens of megabytes."""
    image = await decoder.decode(save(Image.new("LA", (4_000, 3_001), (0, 0)), "PNG", compress_level=1))

    assert image.media_type == "image/jpeg"
    assert opened(image.data).getpixel((2_000, 1_500)) == WHITE


async def test_a_refusal_holds_no_internals(decoder: Decoder) -> None:
    for data in (png(8, 8), png(50_000, 50_000), b"", scan_bomb(500, 200)):
        with pytest.raises(ImageRefused) as caught:
            await decoder.decode(data)
        assert not {"0x", "/", "object", "Error", "line"} & set(caught.value.reason.split())
