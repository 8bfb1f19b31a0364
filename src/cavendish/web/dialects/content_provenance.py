"""OpenAI's content provenance checks: `/v1/content_provenance_checks`, for everybody, with or without a key.

Two types of result are ours: `watermark` and `registry`. OpenAI's SDKs keep types that they do not know; a client that
does not asks for some by `types`. Source: openai-python 3.57.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.provenance import check
from cavendish.application.provenance.check import Checked, Known
from cavendish.errors import InvalidInput, RateLimitExceeded, ServiceBusy
from cavendish.imaging.decoder import INPUT_BYTES_MAX
from cavendish.web.http import body, context, form, openai, operation, responses
from cavendish.web.http.face import Face
from cavendish.web.http.operation import Operation

FACE = Face("Content provenance", ("OpenAI's SDKs",), "/docs/connect#where-a-picture-comes-from")

PATH = "/v1/content_provenance_checks"
TYPES = ("c2pa", "watermark", "registry")
_FORM_BYTES = 64 * 1024  # around the file
_ERRORS = (
    errors.UnknownHost,
    errors.InvalidInput,
    errors.PayloadTooLarge,
    errors.RateLimitExceeded,
    errors.ServiceBusy,
    errors.InternalError,
)
_TYPES_SCHEMA = {"type": "string", "pattern": f"^({'|'.join(TYPES)})(,({'|'.join(TYPES)}))*$"}
_AT_ONCE = 2  # of one address: a slow connection holds its place for a minute


class Result(BaseModel):
    """`outcome` and what belongs to its technique; the rest is null."""

    type: Literal["c2pa", "watermark", "registry"]
    outcome: Literal["detected", "not_detected"]
    validation_state: Literal["trusted", "valid", "invalid", "not_present"] | None = None
    issuer: str | None = None
    model: str | None = None
    engine: str | None = None
    generated_at: Annotated[str | None, Field(description="RFC 3339, UTC, as the mark or the register says")] = None
    source_type: Annotated[str | None, Field(description="IPTC's digital source type")] = None
    payload_id: Annotated[str | None, Field(description="What the pixels carry, in hex")] = None
    match: Literal["file", "similar"] | None = None
    confidence: Annotated[float | None, Field(description="0 to 1")] = None


class ProvenanceAnswer(BaseModel):
    object: Literal["content_provenance_check"]
    created_at: int
    results: list[Result]
    disclaimer: str


async def create(request: Request) -> Response:
    """Look at one picture. It is kept nowhere."""
    types = _types(request)
    with _place(request):
        found = await check.check(context.services(request), await _file(request))
    results = [result for result in _results(found) if result["type"] in types]
    content = {
        "object": "content_provenance_check",
        "created_at": int(found.at.timestamp()),
        "results": results,
        "disclaimer": check.DISCLAIMER,
    }
    answer = ProvenanceAnswer.model_validate(content).model_dump_json(exclude_none=True)
    return Response(answer, media_type=responses.JSON, headers={"Cache-Control": "no-store"})


@contextlib.contextmanager
def _place(request: Request) -> Iterator[None]:
    """A place for one picture of this address: nobody says who sends it.

    Raises:
        RateLimitExceeded: the address had its share.
        ServiceBusy: it sends several at once, or all places are taken.
    """
    web, address = context.web(request), request.client.host if request.client else ""
    if (wait := web.verifications.take(address)) > 0:
        seconds = round(wait) + 1
        raise RateLimitExceeded(
            f"Too many pictures from this address were looked at; try again in {seconds} s", retry_after_seconds=seconds
        )
    if web.verifying[address] >= _AT_ONCE or web.verifying.total() >= web.services.settings.uploads_at_once:
        raise ServiceBusy("Too many pictures are being looked at; try again in a moment", retry_after_seconds=1)
    web.verifying[address] += 1
    try:
        yield
    finally:
        web.verifying -= Counter({address: 1})  # drops who has none left


def _types(request: Request) -> tuple[str, ...]:
    asked = request.query_params.get("types")
    if asked is None:
        return TYPES
    types = tuple(part.strip() for part in asked.split(",") if part.strip())
    if not types or not set(types) <= set(TYPES):
        raise InvalidInput(f"types is {asked[:50]!r}; name some of {', '.join(TYPES)}, comma separated")
    return types


async def _file(request: Request) -> bytes:
    """The form's `file`, or the body as it is."""
    seconds = context.services(request).settings.upload_body_seconds
    data = await body.read(request, bytes_max=INPUT_BYTES_MAX + _FORM_BYTES, seconds=seconds)
    if not form.is_form(request):
        return data
    files = (await form.parse(request, data, files_max=1)).files.get("file")
    if not files:
        raise InvalidInput("file is missing; send one picture as multipart/form-data under that name")
    return files[0]


def _results(found: Checked) -> list[dict[str, Any]]:
    return [_c2pa(found), _watermark(found), _registry(found)]


def _c2pa(found: Checked) -> dict[str, Any]:
    manifest = found.manifest
    if manifest is None:
        return {"type": "c2pa", "outcome": "not_detected", "validation_state": "not_present"}
    told = {
        "issuer": manifest.issuer,
        "model": manifest.model,
        "engine": manifest.agent,
        "generated_at": manifest.when,
        "source_type": manifest.source_type,
    }
    return {
        "type": "c2pa",
        "outcome": "detected",
        "validation_state": manifest.state,
        **{name: value for name, value in told.items() if value},
    }


def _watermark(found: Checked) -> dict[str, Any]:
    if found.watermark is None:
        return {"type": "watermark", "outcome": "not_detected"}
    told = {"payload_id": found.payload, "confidence": round(found.watermark, 6)}
    return {"type": "watermark", "outcome": "detected", **told, **_known(found.marked)}


def _registry(found: Checked) -> dict[str, Any]:
    if found.registered is None:
        return {"type": "registry", "outcome": "not_detected"}
    told = {"match": "file" if found.same_file else "similar", "confidence": found.registered.confidence}
    return {"type": "registry", "outcome": "detected", **told, **_known(found.registered)}


def _known(known: Known | None) -> dict[str, Any]:
    if known is None:
        return {}
    return {
        "model": known.engine_model or known.model,
        "engine": known.engine,
        "generated_at": responses.instant(known.delivered_at),
    }


def routes() -> list[Operation]:
    types = "Some of c2pa, watermark, registry, comma separated; all by default."
    return [
        Operation("POST", PATH, create, "What a picture says of where it comes from", ProvenanceAnswer, _ERRORS,
                  parameters=(operation.query("types", types, _TYPES_SCHEMA),),
                  description="Free of charge, and without a key. The picture is not kept. At most 20 MB.",
                  bytes_types=("multipart/form-data", "application/octet-stream"),
                  tag="Provenance", public=True, failure=openai.SHAPE),
    ]  # fmt: skip
