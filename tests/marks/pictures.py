"""Pictures for the tests of marks, and what reads them independently of our own code."""

from __future__ import annotations

import datetime
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from cavendish.marks.origin import Origin
from cavendish.models import InputImage, Mode

KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
ORIGIN = Origin(
    model="nano-banana-2",
    engine="gemini",
    engine_model="gemini-3.1-flash-image",
    mode=Mode.GENERATE,
    algorithmic=False,
    made_at=datetime.datetime(2026, 11, 30, 8, 0, tzinfo=datetime.UTC),
    verify_url="https://pictures.example/verify",
    version="1.2.3",
)


def scene(width: int = 344, height: int = 192, *, seed: int = 0, mode: str = "RGB") -> Image.Image:
    """Soft shapes and some grain, as a picture has them."""
    rng = np.random.default_rng(seed)
    soft = Image.fromarray((rng.random((8, 12, 3)) * 255).astype(np.uint8)).resize((width, height), 3)
    grain = rng.normal(0, 3, (height, width, 3))
    image = Image.fromarray(np.clip(np.asarray(soft, dtype=np.float64) + grain, 0, 255).astype(np.uint8))
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return image.convert(mode)


def encoded(image: Image.Image, media_type: str, **options: Any) -> InputImage:
    file = io.BytesIO()
    image.save(file, KINDS[media_type], **options)
    return InputImage(file.getvalue(), media_type, image.width, image.height)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def same_pixels(one: bytes, other: bytes) -> bool:
    first, second = opened(one), opened(other)
    return first.mode == second.mode and first.tobytes() == second.tobytes()


def read(data: bytes, media_type: str) -> tuple[str, dict[str, Any]]:
    """State and content by the library's own reader."""
    import c2pa

    reader = c2pa.Reader(media_type, io.BytesIO(data))
    return str(reader.get_validation_state()), json.loads(reader.json())


def active(read_json: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = read_json["manifests"][read_json["active_manifest"]]
    return found


def actions(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    (assertion,) = [one for one in manifest["assertions"] if one["label"].startswith("c2pa.actions")]
    found: list[dict[str, Any]] = assertion["data"]["actions"]
    return found
