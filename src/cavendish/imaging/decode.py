"""Child side of `decoder` and `verifier`: decode one foreign picture with Pillow, and encode it again as plain, clean
bytes, or only tell that it is one.

Kept: the pixels of the first frame, upright, in sRGB with 8 bits a channel, and transparency up to 12 MP. Dropped:
everything else in the file (EXIF with its GPS, XMP, colour profile, comments, further frames, whatever is appended).
Sources: Pillow's security page (formats allow-list, MAX_IMAGE_PIXELS, separate process); EXIF 2.32, orientation.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
import warnings
import zlib

from PIL import AvifImagePlugin, ExifTags, Image, ImageCms

from cavendish.children import main
from cavendish.children.main import Json, Progress, Refused, Reply
from cavendish.imaging import png, sniff

# Pillow's name of the one parser that sees a type.
PARSERS: dict[sniff.InputType, str] = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
}
# Photographs, as a rule, and lossy already: as PNG one of 12 MP would be larger than engines take.
LOSSY: tuple[sniff.InputType, ...] = ("image/jpeg", "image/avif", "image/heic")
JPEG_QUALITY = 95
# A larger picture is a photograph: as PNG it would cost seconds of processor time and tens of megabytes. It becomes a
# JPEG, on white where it was transparent.
PNG_PIXELS_MAX = 12_000_000
# Encoders write about 10; 3,000 fit in 2 MB and cost 17 s.
JPEG_SCANS_MAX = 100
PROFILE_BYTES_MAX = 4 * 1024 * 1024  # the largest press profiles have about 3 MB
# What Pillow raises on damaged files: its documented errors, and those of the parsers below it.
DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Every block of 64 pixels has a bit of its own in a scan at least, however plain the picture. What has less is a header
# with nothing behind it, which libjpeg draws in grey.
JPEG_PIXELS_PER_BYTE_MAX = 8 * 64
DAMAGED = "The file is damaged or incomplete."
NO_HEIC = "HEIC is not read by this service; send the picture as JPEG or PNG."


def decode(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """One blob in, one blob out; `media_type`, as its first bytes say, `pixels_max` and `side_max` in the arguments.

    With `pixels_kept` a picture that has more is made smaller.

    Raises:
        Refused: the picture is too large or damaged.
    """
    (data,) = blobs
    source = arguments["media_type"]
    try:
        image = upright(data, source, arguments)
    except DAMAGE as exc:
        raise Refused(DAMAGED) from exc
    media_type, encoded = _encode(image, source)
    return {"media_type": media_type, "width": image.width, "height": image.height}, [encoded]


def upright(data: bytes, source: sniff.InputType, arguments: Json) -> Image.Image:
    """The first frame as people see it, in sRGB with 8 bits a channel. Arguments as `decode`.

    Raises:
        Refused: the picture is too large, or cannot be read here.
        DAMAGE: it is damaged.
    """
    if source == "image/jpeg" and not _few_scans(data):
        raise Refused(DAMAGED)
    if source == "image/heic":
        _learn_heic()
    image = _open(data, source, arguments["pixels_max"], arguments["side_max"])
    size = _kept(image, arguments.get("pixels_kept"))
    image.draft(None, size)  # a JPEG comes at a half or a quarter of its size, where that is enough
    image.load()
    return _plain(image, size)


def verify(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """One blob in, its width and height out: all of it was decoded, and nothing of it is kept. Arguments as `decode`.

    Raises:
        Refused: it is no whole picture, or too large.
    """
    (data,) = blobs
    source = arguments["media_type"]
    header = sniff.whole(data)
    if header is None or (source == "image/jpeg" and not _can_hold(data, header)):
        raise Refused(DAMAGED)
    limits = arguments["pixels_max"], arguments["side_max"]
    try:
        image = _open(data, source, *limits)
        width, height = image.size
        whole = _read_through(image, data, source)
    except DAMAGE as exc:
        raise Refused(DAMAGED) from exc
    if not whole:
        raise Refused(DAMAGED)
    return {"width": width, "height": height}, []


def _read_through(image: Image.Image, data: bytes, source: sniff.MediaType) -> bool:
    """Read all of an opened picture. False, or one of DAMAGE: something is missing."""
    if source == "image/png":
        image.verify()  # the checksums, which decoding passes over
        return png.has_all_rows(data)
    # Of a JPEG an eighth of each side: every coefficient is read all the same, in a quarter of the time.
    image.draft(None, (1, 1))
    image.load()
    return True


def _learn_heic() -> None:
    """Have Pillow read HEIC, where the extra is installed: with the first such picture, for nobody else needs it."""
    try:
        import pillow_heif
    except ImportError as exc:
        raise Refused(NO_HEIC) from exc
    # One thread, as for AVIF, and nothing but the picture itself: each further parser is one more to be attacked.
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def _few_scans(data: bytes) -> bool:
    scans = sniff.jpeg_scans(data)
    return scans is not None and scans.count <= JPEG_SCANS_MAX


def _can_hold(data: bytes, header: sniff.ImageHeader) -> bool:
    """Whether a JPEG's scans are few enough to be decoded, and have the bytes that so many pixels need."""
    scans = sniff.jpeg_scans(data)
    if scans is None or scans.count > JPEG_SCANS_MAX:
        return False
    return header.width * header.height <= JPEG_PIXELS_PER_BYTE_MAX * scans.size


def _open(data: bytes, source: sniff.InputType, pixels_max: int, side_max: int) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = pixels_max
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # as everywhere in a child: the pool is what uses the processors
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image = Image.open(io.BytesIO(data), formats=(PARSERS[source],))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise Refused(_too_large(pixels_max, side_max)) from exc
    if max(image.size) > side_max or image.width * image.height > pixels_max:
        raise Refused(_too_large(pixels_max, side_max))
    return image


def _too_large(pixels_max: int, side_max: int) -> str:
    return f"The picture is too large; at most {pixels_max // 1_000_000} megapixels and {side_max} a side are allowed."


def _kept(image: Image.Image, pixels: int | None) -> tuple[int, int]:
    """The size in which a picture stays, its shape kept."""
    scale = math.sqrt(min(1.0, pixels / (image.width * image.height))) if pixels else 1.0
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _plain(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """RGB, or RGBA where something really is transparent; in this size, upright, and nothing in `info` that a writer
    would keep."""
    turn = UPRIGHT.get(_orientation(image))
    profile = image.info.get("icc_profile")
    image = without_depth(image)
    image = _in_srgb(image, profile) if profile else image
    image = _eight_bit_colour(image)
    image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0) if image.size != size else image
    image = image.transpose(turn) if turn is not None else image
    image.info = {}
    return image


def _orientation(image: Image.Image) -> int:
    # Broken EXIF is common and harmless: the picture is shown as it lies.
    with contextlib.suppress(*DAMAGE):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def without_depth(image: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey. `convert` alone would cut at 255 and leave nearly everything white."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Phones write Display P3 and presses CMYK: read as sRGB, the first look pale and the second look wrong."""
    if image.mode not in ("RGB", "CMYK", "L") or len(profile) > PROFILE_BYTES_MAX:
        return image
    with contextlib.suppress(ImageCms.PyCMSError, *DAMAGE):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return converted or image
    return image


def _eight_bit_colour(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")  # which would copy it all the same
    image = image.convert("RGBA")
    if image.getchannel("A").histogram()[255] == image.width * image.height:
        return image.convert("RGB")
    return image if image.width * image.height <= PNG_PIXELS_MAX else on_white(image)


def on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _encode(image: Image.Image, source: sniff.InputType) -> tuple[sniff.MediaType, bytes]:
    file = io.BytesIO()
    if image.mode == "RGB" and (source in LOSSY or image.width * image.height > PNG_PIXELS_MAX):
        # Full colour resolution: the picture has been through one encoder already and meets an engine next.
        image.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return "image/jpeg", file.getvalue()
    image.save(file, "PNG", compress_level=1)
    return "image/png", file.getvalue()


OPERATIONS = {"decode": decode, "verify": verify}

if __name__ == "__main__":
    main.serve(OPERATIONS)
