"""The catalogue of models: `/v1/models` as OpenAI's clients or Google's read it, `/api/v1/models` in the house style.

Those clients send their key there to see whether it is good, so it needs one; by how it is sent, it is answered in the
shape of the one or the other. The house's own is public, and names the engines to whoever proves an account.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field, RootModel
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import catalogue
from cavendish.application.generations.catalogue import Offer
from cavendish.application.services import Services
from cavendish.models import PublicModel, Quality, pixels
from cavendish.web.http import context, google, openai, responses
from cavendish.web.http.face import Face
from cavendish.web.http.operation import FailureShape, Operation, query

FACE = Face("Models", ("OpenAI's SDKs", "Google's SDKs", "AnythingLLM"), "/docs/connect")

_CREATED = 1796025600  # 30 November 2026; OpenAI's list has a date for each model, and these have no other
_OWNER = "cavendish"
_PAGE, _PAGE_MAX = 50, 1000  # as Google's
_SKETCH = "Drawn by the preview engine, without a model: always, or where the other engines cannot; with a key"


class SizeAnswer(BaseModel):
    aspectRatio: str
    imageQuality: str
    width: int
    height: int


class ModelAnswer(BaseModel):
    name: str
    modes: list[str]
    imagesMax: Annotated[int, Field(description="Input images of an edit; 0: nothing can be edited")]
    seed: Annotated[bool, Field(description="The same seed can give the same picture")]
    googleSearch: Annotated[bool, Field(description="Facts can be searched for")]
    masks: Annotated[bool, Field(description="An edit may name a part of a picture")]
    previews: Annotated[bool, Field(description="Unfinished pictures are shown")]
    prices: Annotated[dict[str, int], Field(description="Credits per picture by imageQuality")]
    sizes: Annotated[list[SizeAnswer], Field(description="Pixels for each ratio and quality that can be asked for")]
    engines: Annotated[list[str] | None, Field(description="In order; with a key, unless they are hidden")] = None
    sketch: Annotated[Literal["always", "failover"] | None, Field(description=_SKETCH)] = None


class ModelsAnswer(BaseModel):
    success: Literal[True]
    models: list[ModelAnswer]


class OpenAISize(BaseModel):
    size: Annotated[str, Field(description="Width x height in pixels")]
    aspect_ratio: str
    image_quality: str
    credits: int


class OpenAIModel(BaseModel):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    modes: Annotated[list[str], Field(description="This and what follows is an extension")]
    input_images_max: int
    seed: bool
    search: bool
    masks: bool
    previews: bool
    sizes: list[OpenAISize]
    engines: Annotated[list[str] | None, Field(description="In order, unless they are hidden")] = None
    sketch: Annotated[Literal["always", "failover"] | None, Field(description=_SKETCH)] = None


class GoogleModel(BaseModel):
    name: Annotated[str, Field(description="models/ and the name")]
    baseModelId: Annotated[str, Field(description="What serves it, where the name is an alias")]
    version: str
    displayName: str
    description: str
    supportedGenerationMethods: list[str]


class GoogleModels(BaseModel):
    models: list[GoogleModel]
    nextPageToken: Annotated[str | None, Field(description="For pageToken, where there are more")] = None


class EitherModel(RootModel[OpenAIModel | GoogleModel]):
    """Google's where the key came as `x-goog-api-key` or `?key=`, else OpenAI's."""


class ModelCapabilities(BaseModel):
    id: str
    capabilities: list[str]


class CapabilitiesAnswer(BaseModel):
    data: list[ModelCapabilities]


class OpenAIModels(BaseModel):
    object: Literal["list"]
    data: list[OpenAIModel]


class EitherModels(RootModel[OpenAIModels | GoogleModels]):
    """Google's where the key came as `x-goog-api-key` or `?key=`, else OpenAI's."""


class EitherFailure(RootModel[openai.OpenAIFailure | google.GoogleFailure]):
    """Google's where the key came as `x-goog-api-key` or `?key=`, else OpenAI's."""


async def list_models(request: Request) -> Response:
    """Every model that can be asked for here."""
    known = _proves_something(request)
    if known:
        await context.caller(request)
    found = await catalogue.offers(context.web(request).services)
    return responses.success({"models": [_house(offer, engines=known) for offer in found]})


async def list_either(request: Request) -> Response:
    """The same as OpenAI's list, or Google's."""
    return await (list_google if google.is_client(request) else list_openai)(request)


async def one_either(request: Request) -> Response:
    """One model of OpenAI's list, or Google's."""
    return await (one_google if google.is_client(request) else one_openai)(request)


async def list_google(request: Request) -> Response:
    """The same as Google's list, page by page."""
    await context.caller(request, key_in_query=True)
    size = google.page_number(request, "pageSize", _PAGE, 1, _PAGE_MAX)
    first = google.page_number(request, "pageToken", 0, 0, _PAGE_MAX)
    found = [_google(offer.model, name) for offer, name in await _named(context.services(request))]
    behind = {"nextPageToken": str(first + size)} if first + size < len(found) else {}
    return _json({"models": found[first : first + size], **behind})


async def one_google(request: Request) -> Response:
    """One model of Google's list."""
    await context.caller(request, key_in_query=True)
    name = request.path_params["model"]
    if (model := catalogue.named(context.services(request).settings, name)) is None:
        raise errors.NotFound(f"model {errors.shown(name)} does not exist here; GET /v1beta/models lists those that do")
    return _json(_google(model, name))


async def list_openai(request: Request) -> Response:
    """The same as OpenAI's list."""
    await context.caller(request)
    found = await _named(context.services(request))
    return _json({"object": "list", "data": [_openai(offer, name) for offer, name in found]})


async def list_capabilities(request: Request) -> Response:
    """The list from which AnythingLLM chooses."""
    await context.caller(request)
    found = await catalogue.offers(context.services(request))
    return _json({"data": [{"id": offer.model.name, "capabilities": ["image"]} for offer in found]})


async def one_openai(request: Request) -> Response:
    """One model of OpenAI's list."""
    await context.caller(request)
    name, services = request.path_params["model"], context.services(request)
    model = catalogue.named(services.settings, name)
    for offer in await catalogue.offers(services):
        if offer.model == model:
            return _json(_openai(offer, name))
    raise openai.ModelNotFound(f"model {errors.shown(name)} does not exist here; GET /v1/models lists those that do")


def _proves_something(request: Request) -> bool:
    """Who sends a key or a cookie wants to be known by it, and to hear when it is not good."""
    return bool({"authorization", "x-api-key"} & set(request.headers)) or context.COOKIE in request.cookies


async def _named(services: Services) -> list[tuple[Offer, str]]:
    """Every name that can be asked for: first those of the models, then those that are aliases."""
    found = await catalogue.offers(services)
    aliases = [(offer, alias) for offer in found for alias in catalogue.aliases(services.settings, offer.model)]
    return [*((offer, offer.model.name) for offer in found), *aliases]


def _house(offer: Offer, *, engines: bool) -> dict[str, Any]:
    content = {
        "name": offer.model.name,
        "modes": offer.modes,
        "imagesMax": offer.input_images_max,
        "seed": offer.seed,
        "googleSearch": offer.search,
        "masks": offer.masks,
        "previews": offer.previews,
        "prices": {quality.value: credits for quality, credits in offer.prices.items()},
        "sizes": [
            {"aspectRatio": ratio, "imageQuality": quality, "width": width, "height": height}
            for ratio, quality, width, height in _sizes(offer)
        ],
    }
    return {**content, **_behind(offer)} if engines else content


def _google(model: PublicModel, name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "baseModelId": model.name,
        "version": "1",
        "displayName": name,
        "description": "Makes pictures from words and pictures",
        "supportedGenerationMethods": ["generateContent", "predict"],
    }


def _openai(offer: Offer, name: str) -> dict[str, Any]:
    content = {
        "id": name,
        "object": "model",
        "created": _CREATED,
        "owned_by": _OWNER,
        "modes": offer.modes,
        "input_images_max": offer.input_images_max,
        "seed": offer.seed,
        "search": offer.search,
        "masks": offer.masks,
        "previews": offer.previews,
        "sizes": [
            {
                "size": f"{width}x{height}",
                "aspect_ratio": ratio,
                "image_quality": quality,
                "credits": offer.prices[quality],
            }
            for ratio, quality, width, height in _sizes(offer)
        ],
    }
    return {**content, **_behind(offer)}


def _behind(offer: Offer) -> dict[str, Any]:
    """Who draws; a key without a value is left out."""
    found = {"engines": offer.engines, "sketch": offer.sketch}
    return {name: value for name, value in found.items() if value}


def _sizes(offer: Offer) -> Iterator[tuple[str, Quality, int, int]]:
    for ratio, quality in offer.sizes:
        yield ratio, quality, *pixels(ratio, quality)


def _json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type=responses.JSON)


_COMMON = (errors.LoginRequired, errors.ServiceBusy, errors.InternalError)
_MODEL = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}


_PAGES = (
    query("pageSize", f"Of Google's list: entries per page, {_PAGE} by default.", {"type": "integer", "minimum": 1}),
    query(
        "pageToken",
        "Of Google's list: nextPageToken of the page before.",
        {"type": "string", "pattern": "^[0-9]{1,4}$"},
    ),
)
# OpenAI's words in the document, for each has its own.
_EITHER = FailureShape(
    EitherFailure,
    openai.body,
    openai.status,
    instead=lambda request: google.SHAPE if google.is_client(request) else None,
)


def routes() -> list[Operation]:
    tag = "Models"
    return [
        Operation("GET", "/api/v1/models", list_models, "Models, sizes and prices", ModelsAnswer,
                  (*_COMMON, errors.UnknownHost),
                  description="No key needed; with one, the engines are named too.", tag=tag, public=True),
        Operation("GET", "/v1/models", list_either, "Models, as OpenAI or Google lists them", EitherModels,
                  (*_COMMON, errors.UnknownHost, errors.InvalidInput), parameters=_PAGES, tag=tag, failure=_EITHER),
        Operation("GET", "/v1/models/capabilities", list_capabilities, "What each model is for, for AnythingLLM",
                  CapabilitiesAnswer, _COMMON, tag=tag, failure=openai.SHAPE),
        Operation("GET", "/v1/models/{model}", one_either, "One model, as OpenAI or Google shows it", EitherModel,
                  (*_COMMON, errors.NotFound), parameters=(_MODEL,), tag=tag, failure=_EITHER),
        Operation("GET", "/v1beta/models", list_google, "Models, as Google lists them", GoogleModels,
                  (*_COMMON, errors.InvalidInput), parameters=_PAGES, tag=tag, failure=google.SHAPE),
        Operation("GET", "/v1beta/models/{model}", one_google, "One model, as Google shows it", GoogleModel,
                  (*_COMMON, errors.NotFound), parameters=(_MODEL,), tag=tag, failure=google.SHAPE),
    ]  # fmt: skip
