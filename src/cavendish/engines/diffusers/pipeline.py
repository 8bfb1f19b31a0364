"""A loaded pipeline: what it takes and one call of it. Runs in a thread, never on the loop."""

from __future__ import annotations

import dataclasses
import gc
import inspect
import math
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import diffusers
import structlog
import torch
from PIL import Image

from cavendish.engines.base import Capabilities, EngineBlocked, EngineFault, EngineRejected, EngineRequest
from cavendish.engines.diffusers import picture
from cavendish.engines.diffusers.picture import Size
from cavendish.models import Mode, Quality, pixels

log = structlog.get_logger("cavendish.diffusers")

_MULTIPLE = 16  # pixels: latents are 8 smaller, and patches take two by two
_STEPS_SHARE = 95  # percent of the progress; decoding and encoding are the rest
# Their annotations are those of pipelines that take a list as a batch, one picture for each prompt.
_TAKE_LISTS = {"QwenImageEditPlusPipeline", "QwenImage21Pipeline"}
_FULL = ("out of memory", "can't allocate memory")  # a GPU's words, and the processor's


class Stopped(Exception):
    """The call was given up from outside."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """`seed` is None where the pipeline takes none."""

    data: bytes
    seed: int | None
    warnings: tuple[str, ...]


def load(values: Mapping[str, Any]) -> Loaded:
    """The model of these settings on its device. Safetensors only: a pickle may run anything."""
    # At its usual level the library prints the end of a prompt that is too long.
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
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


def release() -> None:
    """Gives memory of what nobody holds any more back to the device: a pipeline's parts hold each other."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


class Loaded:
    def __init__(self, pipe: Any, values: Mapping[str, Any]) -> None:
        self._pipe = pipe
        self._values = values
        self._takes = inspect.signature(pipe.__call__).parameters

    @property
    def capabilities(self) -> Capabilities:
        """What the pipeline's call takes."""
        seed = "generator" in self._takes
        if "image" not in self._takes:
            return Capabilities(modes=(Mode.GENERATE,), seed=seed, stops_unbilled=True)
        return Capabilities(input_images_max=None if self._takes_list() else 1, seed=seed, stops_unbilled=True)

    def draw(self, request: EngineRequest, seed: int, report: Callable[[int], None], stop: threading.Event) -> Drawn:
        """One picture. Raises EngineError, or Stopped where `stop` was set."""
        answer = self._call(request, self._arguments(request, seed, report, stop))
        if any(getattr(answer, "nsfw_content_detected", None) or ()):
            raise EngineBlocked("the picture was declined by the model's safety checker", stage="output", reason="NSFW")
        if not isinstance(answer.images[0], Image.Image):
            raise EngineFault("the image engine's pipeline gave no picture")
        data, warnings = picture.finished(answer.images[0], request, picture.public_name(self._values["MODEL"]))
        return Drawn(data, seed if "generator" in self._takes else None, warnings)

    def _call(self, request: EngineRequest, arguments: dict[str, Any]) -> Any:
        try:
            with torch.inference_mode():
                return self._pipe(**arguments)
        except ValueError as exc:
            raise self._refused(request, exc) from None
        except (RuntimeError, MemoryError) as exc:
            if not isinstance(exc, MemoryError) and not any(words in str(exc).lower() for words in _FULL):
                raise
        # Behind the block the error is gone, and with it the frames that hold the tensors.
        release()
        raise self._too_large(request)

    def _arguments(
        self, request: EngineRequest, seed: int, report: Callable[[int], None], stop: threading.Event
    ) -> dict[str, Any]:
        """What this pipeline's call takes of what there is to say."""
        native = self._native(request)
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
            found["image"] = self._inputs(request, native)
        return found

    def _native(self, request: EngineRequest) -> Size:
        processor = getattr(getattr(self._pipe, "image_processor", None), "config", None)
        multiple = math.lcm(_MULTIPLE, getattr(processor, "vae_scale_factor", None) or 1)
        wanted = pixels(request.aspect_ratio, request.image_quality)
        return picture.native_size(wanted, pixels_max=self._values["PIXELS_MAX"], multiple=multiple)

    def _inputs(self, request: EngineRequest, native: Size) -> Any:
        count = len(request.input_images)
        if "image" not in self._takes:
            raise EngineRejected("the model here takes no input images; use mode generate")
        if count > 1 and not self._takes_list():
            raise EngineRejected(f"the model here takes one input image, not {count}")
        opened = [picture.opened(image) for image in request.input_images]
        if "width" not in self._takes:  # then the result has the input's shape
            opened = [picture.fitted(one, native) for one in opened]
        return opened if self._takes_list() else opened[0]

    def _takes_list(self) -> bool:
        """Whether a list is several inputs of one picture. Where tensors are taken too, a list is a batch."""
        kinds = str(self._takes["image"].annotation).lower()
        inputs = "list[pil.image" in kinds and "tensor" not in kinds
        return inputs or type(self._pipe).__name__ in _TAKE_LISTS

    def _refused(self, request: EngineRequest, exc: ValueError) -> EngineRejected:
        """The libraries' way to say no to what they were given: the same would come again."""
        where = traceback.extract_tb(exc.__traceback__)[-1]  # not its words: they may hold the prompt
        log.warning("pipeline refused", model=self._values["MODEL"], where=f"{where.filename}:{where.lineno}")
        needs = "other input images" if request.input_images else "input images, in mode edit"
        return EngineRejected(f"the model here does not take this request; it may take another prompt or {needs}")

    def _too_large(self, request: EngineRequest) -> EngineRejected:
        """Names the ways out that there are: below PIXELS_MAX a lower quality is a smaller picture, above it is not."""
        native = self._native(request)
        log.error("out of memory", model=self._values["MODEL"], pixels=native, inputs=len(request.input_images))
        lower = dataclasses.replace(request, image_quality=Quality.ONE_K)
        ways = ["a lower imageQuality"] if math.prod(self._native(lower)) < math.prod(native) else []
        ways += ["fewer input images"] if request.input_images else []
        way = f"use {' or '.join(ways)}" if ways else "its operator must lower PIXELS_MAX or set OFFLOAD"
        return EngineRejected(f"the picture does not fit into this machine's memory; {way}")


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
