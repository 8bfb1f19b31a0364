"""Requests for engines, and inputs for them."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

from PIL import Image

from cavendish.engines.base import EngineRequest
from cavendish.models import InputImage, Mode, Quality


def request(prompt: str = "a cabin at dusk", **options: Any) -> EngineRequest:
    """A request as the worker makes one."""
    progress: Callable[[int], None] = options.pop("progress", lambda percent: None)
    values: dict[str, Any] = {
        "mode": Mode.EDIT if options.get("input_images") else Mode.GENERATE,
        "aspect_ratio": "16:9",
        "image_quality": Quality.ONE_K,
        "input_images": (),
        "seed": None,
        "google_search": False,
        "timeout_seconds": 20.0,
        **options,
    }
    return EngineRequest(prompt=prompt, progress=progress, **values)


@functools.cache
def input_image(media_type: str = "image/png", size: tuple[int, int] = (60, 40), noise: bool = False) -> InputImage:
    file = io.BytesIO()
    picture = Image.effect_noise(size, 40).convert("RGB") if noise else Image.new("RGB", size, (20, 90, 200))
    picture.save(file, {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}[media_type])
    return InputImage(file.getvalue(), media_type, *size)
