"""Pictures on their way in and out of a pipeline: sizes, shapes and the mark of a model. No PyTorch here."""

from __future__ import annotations

import io
import math
from pathlib import Path

from PIL import Image, ImageOps, PngImagePlugin

from cavendish.engines.base import EngineRequest
from cavendish.models import InputImage, Mode, pixels

_INPUT_SIDE_MIN = 64  # pixels: FLUX.2 refuses less
_INPUT_RATIO_MAX = 8  # FLUX.2 refuses a thinner one, which enlarging would make huge
_AREA_WEIGHT = 0.25  # a shape that is 1 % off is as bad as 4 % fewer pixels
_CROP_TOLD = 0.02  # share of a side; less is the rounding to what a model draws
_SOURCE_TYPES = {  # IPTC Photo Metadata, Digital Source Type
    Mode.GENERATE: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    Mode.EDIT: "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
}
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' Iptc4xmpExt:DigitalSourceType="{}"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)

Size = tuple[int, int]


def native_size(wanted: Size, *, pixels_max: int, multiple: int) -> Size:
    """What the model draws for a wanted size: sides in multiples, few pixels and little of the shape lost."""
    area = min(pixels_max, wanted[0] * wanted[1])

    def loss(size: Size) -> float:
        shape = math.log(size[0] * wanted[1] / (size[1] * wanted[0]))
        return abs(shape) + _AREA_WEIGHT * math.log(area / (size[0] * size[1]))

    return min(_sizes(wanted, area, multiple), key=loss, default=(multiple, multiple))


def _sizes(wanted: Size, area: int, multiple: int) -> list[Size]:
    """For each width that fits, the two heights around the wanted shape."""
    found = []
    for width in range(multiple, max(wanted) + 1, multiple):
        below = math.floor(width * wanted[1] / wanted[0] / multiple) * multiple
        found += [(width, height) for height in (below, below + multiple) if height and width * height <= area]
    return found


def opened(image: InputImage) -> Image.Image:
    """An input as a pipeline takes it; an icon is enlarged."""
    picture = Image.open(io.BytesIO(image.data)).convert("RGB")
    short, long = sorted(picture.size)
    scale = _INPUT_SIDE_MIN / short
    if scale <= 1 or long > short * _INPUT_RATIO_MAX:
        return picture
    size = math.ceil(picture.width * scale), math.ceil(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS)


def fitted(picture: Image.Image, size: Size) -> Image.Image:
    """Enlarged, or cut where the shape is another; never stretched."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def finished(picture: Image.Image, request: EngineRequest, model: str) -> tuple[bytes, tuple[str, ...]]:
    """A PNG of exactly the size in the table, and what was done for that."""
    wanted, drawn = pixels(request.aspect_ratio, request.image_quality), picture.size
    warnings: tuple[str, ...] = ()
    if drawn != wanted:
        picture = fitted(picture, wanted)
        cut = abs(drawn[0] * wanted[1] / (drawn[1] * wanted[0]) - 1) > _CROP_TOLD
        how = "cropped and resized" if cut else "resized"
        warnings = (f"Drawn at {drawn[0]}x{drawn[1]} and {how} to {wanted[0]}x{wanted[1]}.",)
    return _png(picture.convert("RGB"), model, request.mode), warnings


def public_name(model: str) -> str:
    """A hub's model as it is called there; of a folder its last part, for where it lies is no caller's business."""
    return Path(model).name if model.startswith(("/", ".", "~")) or Path(model).is_dir() else model


def _png(picture: Image.Image, model: str, mode: Mode) -> bytes:
    """It says what made it, for people and for programs; the prompt is not in it."""
    about = PngImagePlugin.PngInfo()
    about.add_text("Software", f"Cavendish, diffusers, {model}")
    about.add_text("Description", f"AI generated: made by the model {model}.")
    about.add_itxt("XML:com.adobe.xmp", _XMP.format(_SOURCE_TYPES[mode]))
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=about, compress_level=4)
    return file.getvalue()
