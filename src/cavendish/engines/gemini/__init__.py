"""Google's Nano Banana by the Gemini API, or by Vertex AI in express mode: one `generateContent` per picture.

Direct HTTP on the service's own client: one request contract, and no retry that could be billed twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from cavendish import clock
from cavendish.engines import base
from cavendish.engines._http import client
from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.engines.gemini import failures, wire
from cavendish.imaging import shrink
from cavendish.models import RATIOS, InputImage, Quality, RateLimit
from cavendish.settings import parsers
from cavendish.settings.engine import EngineSetting, Options

log = structlog.get_logger("cavendish.gemini")

DEVELOPER_URL = "https://generativelanguage.googleapis.com"
VERTEX_URL = "https://aiplatform.googleapis.com"

# Google: 20 MB for a whole inline request, of which base64 takes a third; 7 MB per image on Vertex.
IMAGES_BYTES_MAX = 14_000_000
IMAGE_BYTES_MAX = 7_000_000
TIMEOUT_SECONDS = {Quality.ONE_K: 180.0, Quality.TWO_K: 180.0, Quality.FOUR_K: 300.0}
GONE_SECONDS = 600.0  # a model that answered 404 is asked again after this
MODELS = {
    "nano-banana-2": ("gemini-nano-banana-2.1", "gemini-3.1-flash-image"),
    "nano-banana-pro": ("gemini-3-pro-image",),
}
# Google serves the four extreme ratios on the Flash models only.
PRO_RATIOS = tuple(ratio for ratio in RATIOS if ratio not in ("1:4", "4:1", "1:8", "8:1"))


def capabilities(models: Mapping[str, Sequence[str]]) -> Capabilities:
    """By what Google's models behind each public one take."""
    return Capabilities(
        seed=False,
        search=True,
        by_model={
            public: Capabilities(
                aspect_ratios=PRO_RATIOS if all("-pro" in name for name in names) else RATIOS, seed=False, search=True
            )
            for public, names in models.items()
        },
    )


def parse_models(text: str) -> dict[str, tuple[str, ...]]:
    """`nano-banana-2=A,B;nano-banana-pro=C`; without `=`, the list is for nano-banana-2 alone."""
    written = text if "=" in text else f"nano-banana-2={text}"
    models = dict(MODELS)
    for part in filter(str.strip, written.split(";")):
        public, equals, names = part.partition("=")
        found = tuple(name.strip() for name in names.split(",") if name.strip())
        if not equals or not public.strip() or not found or not all(wire.is_model_name(name) for name in found):
            raise ValueError("write nano-banana-2=MODEL[,MODEL…][;nano-banana-pro=MODEL], in the order to be tried")
        models[public.strip()] = found
    return models


API_KEY = EngineSetting(
    "API_KEY", "The key of a Google project with billing: image models have no free tier.", secret=True,
    also="GEMINI_API_KEY", parse=parsers.header_key,
)  # fmt: skip
BASE_URL = EngineSetting(
    "BASE_URL", "Where the API is; empty: Google's own address.", parse=parsers.url
)  # fmt: skip
MODEL_NAMES = EngineSetting(
    "MODELS",
    "Google's models for each public one, in the order to be tried: the next one when Google no longer has the first.",
    default="nano-banana-2=gemini-nano-banana-2.1,gemini-3.1-flash-image;nano-banana-pro=gemini-3-pro-image",
    parse=parse_models,
)
VERTEX = EngineSetting(
    "VERTEX", "Vertex AI in express mode instead of the Gemini API: same key header, other address.", "false",
    parse=parsers.flag,
)  # fmt: skip
IMAGE_SEARCH = EngineSetting(
    "IMAGE_SEARCH",
    "googleSearch also looks at pictures. Google then asks you to link every source page beside the result.",
    "false",
    parse=parsers.flag,
)
CONCURRENCY = EngineSetting(
    "CONCURRENCY", "Calls at once over all workers; Google limits a project, not a key.", "8",
    parse=parsers.whole(1, 512),
)  # fmt: skip
RATE = EngineSetting(
    "RATE", "Calls in a time over all workers, such as 60/minute; empty: no limit of ours.", parse=parsers.limit
)
SETTINGS = (API_KEY, BASE_URL, MODEL_NAMES, VERTEX, IMAGE_SEARCH, CONCURRENCY, RATE)


def build(options: Options) -> Gemini:
    """Raises ConfigurationError where there is no key."""
    return Gemini(
        options.name,
        api_key=options.required(API_KEY),
        base_url=options.value(BASE_URL),
        models=options.value(MODEL_NAMES),
        vertex=options.value(VERTEX),
        image_search=options.value(IMAGE_SEARCH),
        concurrency=options.value(CONCURRENCY),
        rate=options.value(RATE),
    )


class Gemini:
    """One project at Google."""

    reports_progress = False

    def __init__(
        self,
        name: str,
        *,
        api_key: str,
        base_url: str | None,
        models: dict[str, tuple[str, ...]],
        vertex: bool,
        image_search: bool,
        concurrency: int | None,
        rate: RateLimit | None,
    ) -> None:
        self.name = name
        self.concurrency = concurrency
        self.rate = rate
        self.capabilities = capabilities(models)
        self._models = models
        self._path = wire.VERTEX_PATH if vertex else wire.DEVELOPER_PATH
        self._image_search = image_search
        self._gone: dict[str, float] = {}
        url = base_url or (VERTEX_URL if vertex else DEVELOPER_URL)
        self._client = client.EngineClient(url, headers={"x-goog-api-key": api_key}, concurrency=concurrency)

    async def generate(self, request: EngineRequest) -> EngineResult:
        """One picture, at most one billed call.

        Raises:
            EngineError: by the table of outcomes in `failures`.
        """
        self._refuse_what_no_model_does(request)
        images = await self._fitting(request.input_images)
        search = wire.search_tool(images=self._image_search) if request.google_search else None
        body = wire.request_body(request, images, search)
        end = clock.monotonic() + min(request.timeout_seconds, TIMEOUT_SECONDS[request.image_quality])
        for model in self._candidates(request.model):
            answer = await self._client.call(
                "POST", self._path.format(model=model), json=body, seconds=end - clock.monotonic()
            )
            if answer.status != 404:
                return await self._result(request, model, answer)
            self._gone[model] = clock.monotonic() + GONE_SECONDS
            log.warning("Google no longer has this model; change CAVENDISH_GEMINI_MODELS", model=model)
        raise base.EngineUnavailable("none of the engine's models exists at Google")

    async def close(self) -> None:
        await self._client.close()

    def _candidates(self, public_model: str) -> list[str]:
        models = self._models.get(public_model)
        if not models:
            raise base.EngineUnavailable(f"the engine {self.name} has no model for {public_model}", asked=False)
        alive = [model for model in models if self._gone.get(model, 0.0) < clock.monotonic()]
        return alive or list(models)

    def _refuse_what_no_model_does(self, request: EngineRequest) -> None:
        ratios = self.capabilities.of(request.model).aspect_ratios
        if request.aspect_ratio not in ratios:
            allowed = ", ".join(sorted(ratios))
            raise base.EngineRejected(
                f"{request.model} draws no {request.aspect_ratio}; use another model, or one of {allowed}",
                asked=False,
            )

    async def _fitting(self, images: tuple[InputImage, ...]) -> tuple[InputImage, ...]:
        """Inputs that Google takes; encoded again only where they must be."""
        each = min(IMAGE_BYTES_MAX, shrink.share([len(image.data) for image in images], bytes_max=IMAGES_BYTES_MAX))
        return tuple([await asyncio.to_thread(shrink.fitting, image, bytes_max=each) for image in images])

    async def _result(self, request: EngineRequest, model: str, answer: client.Answer) -> EngineResult:
        if answer.status != 200:
            raise failures.of_status(answer)
        # Base64 of a 4K picture is 11 MB: reading it on the event loop would hold up heartbeats.
        picture = await asyncio.to_thread(wire.read, answer)
        log.info("gemini answered", model=picture.model or model, **picture.usage)
        if picture.model and picture.model != model:
            log.warning("Google answered with another model", asked=model, answered=picture.model)
        return EngineResult(
            picture.data,
            model=picture.model or model,
            warnings=_warnings(request, searched=picture.grounding is not None),
            grounding=picture.grounding,
        )


def _warnings(request: EngineRequest, *, searched: bool) -> tuple[str, ...]:
    found = []
    if request.seed is not None:
        found.append("seed was not used: this engine has none.")
    if request.google_search and not searched:
        found.append("googleSearch was allowed, but the model did not search for this picture.")
    return tuple(found)
