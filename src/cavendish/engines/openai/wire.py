"""The fields of one call, and what its answer holds."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cavendish import ids, pricing
from cavendish.engines._http import client
from cavendish.engines.base import Capabilities, EngineFault, EngineNoImage, EngineRequest
from cavendish.imaging import sniff
from cavendish.models import PIXELS_1K, RATIOS, InputImage, Quality, pixels

_EDGE = 16  # pixels: sides are multiples of it, for OpenAI's models and for most open ones
_SIZES_MAX = 50

_OWN_MODELS = "gpt-image"  # how OpenAI calls its own; they refuse what is more oblong than 3:1
_OWN_RATIOS = tuple(ratio for ratio, (width, height) in PIXELS_1K.items() if 1 / 3 <= width / height <= 3)

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """How this server is spoken to; see the engine's settings."""

    model: str
    pro_model: str
    sizes: tuple[Size, ...]
    size_max: Size
    quality: str | None
    response_format: str | None
    seed: bool
    image_field: str

    def model_for(self, public_model: str) -> str:
        return self.pro_model if public_model == "nano-banana-pro" else self.model


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes, or where they are."""

    data: bytes
    url: str
    usage: Mapping[str, int] = field(default_factory=dict)


def capabilities(shape: Shape) -> Capabilities:
    """What this server can: a picture too large for it is asked for smaller, and with listed sizes the nearest one.

    A quality that none of its sizes could be paid for is none of its.
    """
    largest = max(shape.sizes or (shape.size_max,), key=math.prod)
    qualities = tuple(quality for quality in Quality if pricing.is_enough(quality, *largest))

    def of(model: str) -> Capabilities:
        own = model.startswith(_OWN_MODELS) and not shape.sizes
        ratios = _OWN_RATIOS if own else RATIOS
        return Capabilities(aspect_ratios=ratios, image_qualities=qualities, seed=shape.seed)

    return dataclasses.replace(of(shape.model), by_model={"nano-banana-pro": of(shape.pro_model)})


def parse_size(text: str) -> Size:
    """`1536x1024`: width and height in pixels."""
    match = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text.strip())
    if match is None:
        raise ValueError("write WIDTHxHEIGHT, such as 1536x1024")
    return int(match[1]), int(match[2])


def parse_sizes(text: str) -> tuple[Size, ...]:
    sizes = tuple(parse_size(part) for part in text.split(","))
    if len(sizes) > _SIZES_MAX:
        raise ValueError(f"at most {_SIZES_MAX} sizes")
    return sizes


def size_for(request: EngineRequest, shape: Shape) -> Size:
    """The size to ask for: what was asked, or the nearest that the server draws."""
    width, height = pixels(request.aspect_ratio, request.image_quality)
    if shape.sizes:
        enough = [size for size in shape.sizes if pricing.is_enough(request.image_quality, *size)]
        return min(enough or shape.sizes, key=lambda size: _distance(size, (width, height)))
    side_max, pixels_max = max(shape.size_max), shape.size_max[0] * shape.size_max[1]
    scale = min(1.0, side_max / max(width, height), math.sqrt(pixels_max / (width * height)))
    if scale == 1.0:
        return width, height
    return tuple(max(_EDGE, math.floor(side * scale / _EDGE) * _EDGE) for side in (width, height))  # type: ignore[return-value]


def fields(request: EngineRequest, shape: Shape) -> dict[str, Any]:
    """What generations take as JSON and edits as a form."""
    width, height = size_for(request, shape)
    found: dict[str, Any] = {
        "model": shape.model_for(request.model),
        "prompt": request.prompt,
        "n": 1,
        "size": f"{width}x{height}",
    }
    if shape.quality:
        found["quality"] = shape.quality
    if shape.response_format:
        found["response_format"] = shape.response_format
    if shape.seed and request.seed is not None:
        found["seed"] = request.seed
    return found


def files(images: Sequence[InputImage], name: str) -> list[tuple[str, tuple[str, bytes, str]]]:
    """The form's files, in the order of the input images."""
    return [
        (name, (f"{number}.{ids.EXTENSIONS[image.media_type]}", image.data, image.media_type))
        for number, image in enumerate(images, start=1)
    ]


def read(answer: client.Answer) -> Picture:
    """The picture of an answer with status 200.

    Raises:
        EngineNoImage, EngineFault: there is none, or none that can be read.
    """
    body = answer.json()
    entry = _first_entry(body)
    text, url = _text(entry, "b64_json"), _text(entry, "url")
    if text:
        return Picture(_decoded(text), "", _usage(body))
    if url.startswith("data:image/") and ";base64," in url[:100]:
        return Picture(_decoded(url.partition(";base64,")[2]), "", _usage(body))
    if url.startswith(("http://", "https://")):
        return Picture(b"", url, _usage(body))
    raise EngineNoImage("the model returned no image")


def _first_entry(body: object) -> Mapping[str, Any]:
    """Empty where the answer has none."""
    entries = body.get("data") if isinstance(body, dict) else None
    entry = entries[0] if isinstance(entries, list) and entries else None
    return entry if isinstance(entry, dict) else {}


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise EngineFault("the image engine answered with a picture that cannot be read") from exc
    if sniff.whole(data) is None:
        raise EngineFault("the image engine answered with a picture that is none, or not whole")
    return data


def _usage(body: Mapping[str, Any]) -> dict[str, int]:
    usage = body.get("usage")
    wanted = ("input_tokens", "output_tokens", "total_tokens")
    return {name: usage[name] for name in wanted if isinstance(usage.get(name), int)} if isinstance(usage, dict) else {}


def _distance(size: Size, wanted: Size) -> tuple[float, float]:
    """First by shape, then by size."""
    shape = abs(math.log(size[0] / size[1]) - math.log(wanted[0] / wanted[1]))
    return round(shape, 3), abs(math.log(size[0] * size[1]) - math.log(wanted[0] * wanted[1]))
