"""Any OpenAI-compatible image server: OpenAI itself, vLLM-Omni, SGLang, LocalAI and others. Several, by name.

`images/generations` for new pictures, `images/edits` with several input images for edits; one call per picture.
"""

from __future__ import annotations

import asyncio

import structlog

from cavendish import clock
from cavendish.engines import base
from cavendish.engines._http import client
from cavendish.engines._http.download import Results
from cavendish.engines.base import EngineRequest, EngineResult
from cavendish.engines.openai import failures, wire
from cavendish.imaging import shrink
from cavendish.models import InputImage, Mode, RateLimit
from cavendish.settings import parsers
from cavendish.settings.engine import EngineSetting, Options

log = structlog.get_logger("cavendish.openai")

IMAGE_BYTES_MAX = 25_000_000  # OpenAI takes under 50 MB per image; half of it keeps 14 of them sendable in their time
IMAGES_BYTES_MAX = 100_000_000

API_KEY = EngineSetting(
    "API_KEY", "The server's key; servers of your own may have none.", secret=True, also="OPENAI_API_KEY",
    parse=parsers.header_key,
)  # fmt: skip
BASE_URL = EngineSetting(
    "BASE_URL", "Where the API is, with its version.", "https://api.openai.com/v1", parse=parsers.url
)
MODEL = EngineSetting("MODEL", "The model for every public model.", "gpt-image-2.5-sunburst")
PRO_MODEL = EngineSetting("PRO_MODEL", "Another model for nano-banana-pro; empty: the same.")
SIZES = EngineSetting(
    "SIZES",
    "Sizes that the server draws, such as 1024x1024,1536x1024: the one nearest in shape is asked for. Empty: any size.",
    parse=wire.parse_sizes,
)
SIZE_MAX = EngineSetting(
    "SIZE_MAX",
    "The largest picture the server draws, by its longer side and its pixels; a larger one is asked for in this size.",
    "3840x2160",
    parse=wire.parse_size,
)
QUALITY = EngineSetting("QUALITY", "Sent as `quality`, such as high; empty: not sent.")
RESPONSE_FORMAT = EngineSetting(
    "RESPONSE_FORMAT", "Sent as `response_format`; empty: not sent, for OpenAI's own models refuse it. Both are read.",
    parse=parsers.one_of("b64_json", "url"),
)  # fmt: skip
SEED = EngineSetting("SEED", "Send `seed`; OpenAI's own models have none.", "false", parse=parsers.flag)
IMAGE_FIELD = EngineSetting(
    "IMAGE_FIELD", "Name of the form's field for input images.", "image[]", parse=parsers.one_of("image[]", "image")
)
TIMEOUT = EngineSetting("TIMEOUT_SECONDS", "One call; slow models need minutes.", "300", parse=parsers.duration)
CONCURRENCY = EngineSetting("CONCURRENCY", "Calls at once over all workers.", "8", parse=parsers.whole(1, 512))
RATE = EngineSetting(
    "RATE", "Calls in a time over all workers, such as 50/minute; empty: no limit of ours.", parse=parsers.limit
)
SETTINGS = (
    API_KEY, BASE_URL, MODEL, PRO_MODEL, SIZES, SIZE_MAX, QUALITY, RESPONSE_FORMAT, SEED, IMAGE_FIELD, TIMEOUT,
    CONCURRENCY, RATE,
)  # fmt: skip


def build(options: Options) -> OpenAI:
    """Raises ConfigurationError where OpenAI's own address is used without a key."""
    base_url = options.value(BASE_URL)
    key = options.required(API_KEY) if base_url == BASE_URL.default else options.value(API_KEY)
    shape = wire.Shape(
        model=options.value(MODEL),
        pro_model=options.value(PRO_MODEL) or options.value(MODEL),
        sizes=options.value(SIZES) or (),
        size_max=options.value(SIZE_MAX),
        quality=options.value(QUALITY),
        response_format=options.value(RESPONSE_FORMAT),
        seed=options.value(SEED),
        image_field=options.value(IMAGE_FIELD),
    )
    return OpenAI(
        options,
        base_url=base_url,
        api_key=key,
        shape=shape,
        timeout_seconds=options.value(TIMEOUT),
        concurrency=options.value(CONCURRENCY),
        rate=options.value(RATE),
    )


class OpenAI:
    """One server with one key."""

    reports_progress = False

    def __init__(
        self,
        options: Options,
        *,
        base_url: str,
        api_key: str | None,
        shape: wire.Shape,
        timeout_seconds: float,
        concurrency: int | None,
        rate: RateLimit | None,
    ) -> None:
        self.name = options.name
        self.concurrency = concurrency
        self.rate = rate
        self.capabilities = wire.capabilities(shape)
        self._shape = shape
        self._timeout_seconds = timeout_seconds
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = client.EngineClient(base_url, headers=headers, concurrency=concurrency)
        self._results = Results(self._client, base_url, options)

    async def generate(self, request: EngineRequest) -> EngineResult:
        """One picture by one call.

        Raises:
            EngineError: by the table in `failures`.
        """
        watch = clock.Stopwatch()
        answer = await self._asked(request, min(request.timeout_seconds, self._timeout_seconds))
        if answer.status != 200:
            raise failures.of_status(answer)
        picture = await asyncio.to_thread(wire.read, answer)
        # A picture that is paid for gets all the time that there is.
        left = max(1.0, request.timeout_seconds - watch.seconds)
        data = picture.data or await self._results.fetch(picture.url, seconds=left)
        log.info("openai answered", engine=self.name, **picture.usage)
        unused = request.seed is not None and not self._shape.seed
        return EngineResult(
            data,
            model=self._shape.model_for(request.model),
            seed=None if unused else request.seed,
            warnings=("seed was not used: this engine has none.",) if unused else (),
            again=not picture.url,
        )

    async def close(self) -> None:
        await self._client.close()

    async def _asked(self, request: EngineRequest, seconds: float) -> client.Answer:
        fields = wire.fields(request, self._shape)
        if request.mode is not Mode.EDIT:
            return await self._client.call("POST", "/images/generations", json=fields, seconds=seconds)
        images = await self._fitting(request.input_images)
        form = {name: str(value) for name, value in fields.items()}
        files = wire.files(images, self._shape.image_field)
        return await self._client.call("POST", "/images/edits", form=form, files=files, seconds=seconds)

    async def _fitting(self, images: tuple[InputImage, ...]) -> list[InputImage]:
        if not images:
            raise base.EngineRejected("an edit needs an input image", asked=False)
        each = min(IMAGE_BYTES_MAX, shrink.share([len(image.data) for image in images], bytes_max=IMAGES_BYTES_MAX))
        return [await asyncio.to_thread(shrink.fitting, image, bytes_max=each) for image in images]
