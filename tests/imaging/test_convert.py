"""A finished picture as another type of file: the same pixels, and what it says of itself."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from cavendish.imaging import converter, sniff

pytestmark = pytest.mark.anyio

TYPES: tuple[sniff.MediaType, ...] = ("image/png", "image/jpeg", "image/webp")
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/">drawn by ünittest</x:xmpmeta>'


def picture(kind: str, mode: str = "RGB") -> bytes:
    """Left red, right blue, and with all that a file can say."""
    image = Image.new("RGB", (64, 48), (255, 0, 0))
    image.paste((0, 0, 255), (32, 0, 64, 48))
    exif = Image.Exif()
    exif[0x0131] = "the engine"
    told = PngImagePlugin.PngInfo()
    told.add_itxt("XML:com.adobe.xmp", XMP)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"pnginfo": told} if kind == "PNG" else {"xmp": XMP.encode()}
    file = io.BytesIO()
    image.convert(mode).save(file, kind, exif=exif, icc_profile=profile, **options)  # type: ignore[arg-type]
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("source", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("media_type", TYPES)
async def test_each_type_becomes_each_other_with_what_it_says_of_itself(source: str, media_type: str) -> None:
    converted = await converter.convert(picture(source), media_type)  # type: ignore[arg-type]

    header = sniff.whole(converted)
    assert header is not None
    assert (header.media_type, header.width, header.height) == (media_type, 64, 48)
    image = opened(converted)
    assert [round(value / 255) for value in image.convert("RGB").getpixel((5, 5))] == [1, 0, 0]  # type: ignore[union-attr]
    assert [round(value / 255) for value in image.convert("RGB").getpixel((60, 40))] == [0, 0, 1]  # type: ignore[union-attr]
    xmp = image.info["xmp"]
    assert "drawn by ünittest" in (xmp if isinstance(xmp, str) else xmp.decode())
    assert image.getexif()[0x0131] == "the engine"
    assert image.info["icc_profile"]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
async def test_every_mode_of_a_png_becomes_a_jpeg_and_a_webp(mode: str) -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("I;16" if mode == "I;16" else mode).save(file, "PNG")

    for media_type in ("image/jpeg", "image/webp"):
        assert sniff.whole(await converter.convert(file.getvalue(), media_type)) is not None  # type: ignore[arg-type]


async def test_what_is_transparent_is_white_in_a_jpeg_and_stays_so_elsewhere() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(file, "PNG")

    jpeg = opened(await converter.convert(file.getvalue(), "image/jpeg"))
    webp = opened(await converter.convert(file.getvalue(), "image/webp"))

    assert jpeg.getpixel((4, 4)) == (255, 255, 255)
    assert webp.mode == "RGBA" and webp.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", picture("PNG")[:80], picture("JPEG")[:200]],
    ids=["nothing", "no picture", "PNG", "JPEG"],
)
async def test_what_is_damaged_is_told(data: bytes) -> None:
    with pytest.raises(converter.NotConverted, match="damaged"):
        await converter.convert(data, "image/jpeg")
