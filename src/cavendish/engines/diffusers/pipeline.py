"""A loaded pipeline: what it takes, one call of it, and the picture it gives. Runs in a thread, never on the loop."""

from __future__ import annotations

import inspect
import io
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import diffusers
import torch
from PIL import Image, PngImagePlugin

from cavendish.engines.base import EngineBlocked, EngineFault, EngineRejected, EngineRequest
from cavendish.models import Mode, pixels

_MULTIPLE = 16  # pixels: latents are 8 smaller, and patches take two by two
_INPUT_SIDE_MIN = 64  # pixels: FLUX.2 refuses less
_STEPS_SHARE = 95  # percent of the progress; decoding and encoding are the rest
_TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

Size = tuple[int, int]


class Stopped(Exception):
    """The call was given up from outside."""


@dataclass(frozen=True, slots=True)
class Drawn:
    data: bytes
    warnings: tuple[str, ...]


def load(values: Mapping[str, Any]) -> Loaded:
    """The model of these settings on its device. Safetensors only: a pickle may run anything."""
    device = _device(values["DEVICE"])
    kind = getattr(diffusers, values["PIPELINE"]) if values["PIPELINE"] else diffusers.DiffusionPipeline
    options = {"revision": values["REVISION"]} if values["REVISION"] else {}
    pipe = kind.from_pretrained(values["MODEL"], dtype=_dtype(values["DTYPE"], device), use_safetensors=True, **options)
    pipe.set_progress_bar_config(disable=True)
    if values["OFFLOAD"] == "none" or device == "cpu":
        pipe.to(device)
    elif values["OFFLOAD"] == "model":
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.enable_sequential_cpu_offload(device=device)
    return Loaded(pipe, values)


class Loaded:
    def __init__(self, pipe: Any, values: Mapping[str, Any]) -> None:
        self._pipe = pipe
        self._values = values
        self._takes = inspect.signature(pipe.__call__).parameters

    def draw(self, request: EngineRequest, seed: int, report: Callable[[int], None], stop: threading.Event) -> Drawn:
        """One picture. Raises EngineError, or Stopped where `stop` was set."""
        native = native_size(request, self._values["PIXELS_MAX"])
        arguments = self._arguments(request, seed, native, report, stop)
        try:
            with torch.inference_mode():
                answer = self._pipe(**arguments)
        except torch.OutOfMemoryError as exc:
            raise self._too_large(request) from exc
        except RuntimeError as exc:
            if "out of memory" in str(exc).lower():
                raise self._too_large(request) from exc
            raise
        if any(getattr(answer, "nsfw_content_detected", None) or ()):
            raise EngineBlocked("the picture was declined by the model's safety checker", stage="output", reason="NSFW")
        return self._finished(request, answer.images[0])

    def _arguments(
        self,
        request: EngineRequest,
        seed: int,
        native: Size,
        report: Callable[[int], None],
        stop: threading.Event,
    ) -> dict[str, Any]:
        """What this pipeline's call takes of what there is to say."""
        steps = self._values["STEPS"] or _default(self._takes, "num_inference_steps") or 1
        wanted = {
            "prompt": request.prompt,
            "width": native[0],
            "height": native[1],
            "num_inference_steps": steps,
            "guidance_scale": self._values["GUIDANCE"],
            "generator": torch.Generator("cpu").manual_seed(seed),
            "callback_on_step_end": _watching(steps, report, stop),
            **self._values["ARGUMENTS"],
        }
        found = {name: value for name, value in wanted.items() if name in self._takes and value is not None}
        if request.mode is Mode.EDIT:
            found["image"] = self._inputs(request)
        return found

    def _inputs(self, request: EngineRequest) -> Any:
        if "image" not in self._takes:
            raise EngineRejected("the model here takes no input images; use mode generate")
        opened = [_at_least(Image.open(io.BytesIO(image.data)).convert("RGB")) for image in request.input_images]
        if "list" in str(self._takes["image"].annotation).lower():
            return opened
        if len(opened) > 1:
            raise EngineRejected(f"the model here takes one input image, not {len(opened)}")
        return opened[0]

    def _finished(self, request: EngineRequest, picture: Any) -> Drawn:
        if not isinstance(picture, Image.Image):
            raise EngineFault("the image engine's pipeline gave no picture")
        wanted, drawn = pixels(request.aspect_ratio, request.image_quality), picture.size
        warnings: tuple[str, ...] = ()
        if drawn != wanted:
            picture = picture.resize(wanted, Image.Resampling.LANCZOS)
            warnings = (f"Drawn at {drawn[0]}x{drawn[1]} and resized to {wanted[0]}x{wanted[1]}.",)
        return Drawn(_png(picture.convert("RGB"), self._values["MODEL"]), warnings)

    def _too_large(self, request: EngineRequest) -> EngineRejected:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        fewer = " or fewer input images" if request.input_images else ""
        return EngineRejected(f"the picture does not fit into this machine's memory; use a lower imageQuality{fewer}")


def native_size(request: EngineRequest, pixels_max: int) -> Size:
    """The asked shape in the model's own size: multiples of 16, at most so many pixels."""
    width, height = pixels(request.aspect_ratio, request.image_quality)
    scale = min(1.0, math.sqrt(pixels_max / (width * height)))
    return tuple(max(_MULTIPLE, math.floor(side * scale / _MULTIPLE) * _MULTIPLE) for side in (width, height))  # type: ignore[return-value]


def _at_least(picture: Image.Image) -> Image.Image:
    """An icon, enlarged until a pipeline takes it."""
    scale = _INPUT_SIDE_MIN / min(picture.size)
    if scale <= 1:
        return picture
    return picture.resize(
        (math.ceil(picture.width * scale), math.ceil(picture.height * scale)), Image.Resampling.LANCZOS
    )


def _watching(steps: int, report: Callable[[int], None], stop: threading.Event) -> Callable[..., dict[str, Any]]:
    def after_step(pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if stop.is_set():
            raise Stopped
        report(round(_STEPS_SHARE * min(step + 1, steps) / steps))
        return tensors

    return after_step


def _default(parameters: Mapping[str, inspect.Parameter], name: str) -> Any:
    found = parameters.get(name)
    return None if found is None or found.default is inspect.Parameter.empty else found.default


def _device(chosen: str) -> str:
    if chosen != "auto":
        return chosen
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _dtype(chosen: str, device: str) -> Any:
    if chosen != "auto":
        return getattr(torch, chosen)
    return torch.float32 if device == "cpu" else torch.bfloat16


def _png(picture: Image.Image, model: str) -> bytes:
    """With what it is: a picture by a trained model (IPTC's digital source type)."""
    about = PngImagePlugin.PngInfo()
    about.add_text("Software", f"Cavendish, diffusers, {model}")
    about.add_text("DigitalSourceType", _TRAINED)
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=about, compress_level=4)
    return file.getvalue()
