"""The catalogue of models: `/v1/models` as OpenAI's clients read it, and `/api/v1/models` in the house style.

OpenAI's clients send their key there to see whether it is good, so it needs one; its errors have their shape. The other
one is public, and names the engines to whoever proves an account.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import catalogue
from cavendish.application.generations.catalogue import Offer
from cavendish.models import Quality, pixels
from cavendish.web.http import context, openai, responses
from cavendish.web.http.operation import Operation

_CREATED = 1796025600  # 30 November 2026; OpenAI's list has a date for each model, and these have no other
_OWNER = "cavendish"
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


class ModelCapabilities(BaseModel):
    id: str
    capabilities: list[str]


class CapabilitiesAnswer(BaseModel):
    data: list[ModelCapabilities]


class OpenAIModels(BaseModel):
    object: Literal["list"]
    data: list[OpenAIModel]


async def list_models(request: Request) -> Response:
    """Every model that can be asked for here."""
    known = _proves_something(request)
    if known:
        await context.caller(request)
    found = await catalogue.offers(context.web(request).services)
    return responses.success({"models": [_house(offer, engines=known) for offer in found]})


async def list_openai(request: Request) -> Response:
    """The same as OpenAI's list."""
    await context.caller(request)
    services = context.services(request)
    found = await catalogue.offers(services)
    aliases = [_openai(offer, alias) for offer in found for alias in catalogue.aliases(services.settings, offer.model)]
    return _json({"object": "list", "data": [*map(_openai, found), *aliases]})


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


def _openai(offer: Offer, name: str | None = None) -> dict[str, Any]:
    content = {
        "id": name or offer.model.name,
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


def routes() -> list[Operation]:
    tag = "Models"
    return [
        Operation("GET", "/api/v1/models", list_models, "Models, sizes and prices", ModelsAnswer,
                  (*_COMMON, errors.UnknownHost),
                  description="No key needed; with one, the engines are named too.", tag=tag, public=True),
        Operation("GET", "/v1/models", list_openai, "Models, as OpenAI lists them", OpenAIModels, _COMMON,
                  tag=tag, failure=openai.SHAPE),
        Operation("GET", "/v1/models/capabilities", list_capabilities, "What each model is for, for AnythingLLM",
                  CapabilitiesAnswer, _COMMON, tag=tag, failure=openai.SHAPE),
        Operation("GET", "/v1/models/{model}", one_openai, "One model, as OpenAI shows it", OpenAIModel,
                  (*_COMMON, errors.NotFound), parameters=(_MODEL,), tag=tag, failure=openai.SHAPE),
    ]  # fmt: skip
