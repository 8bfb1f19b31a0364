"""What can be asked for here: the catalogue of public models, as far as the engines behind them can."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cavendish.application.generations.routing import Known
from cavendish.application.services import Services
from cavendish.engines.base import Capabilities
from cavendish.models import MODELS, PublicModel, Quality
from cavendish.settings import Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """One model as it can be asked for here.

    Attributes:
        model: Without what none of its engines can.
        seed, search, masks, previews: One of its engines can, or for a search the service itself.
        prices: Credits for each of its qualities.
        engines: In the order of the route; empty where the operator does not show them.
    """

    model: PublicModel
    seed: bool
    search: bool
    masks: bool
    previews: bool
    prices: Mapping[Quality, int]
    engines: tuple[str, ...]


async def offers(services: Services) -> list[Offer]:
    """Every public model that has a route. What nothing is known of is offered."""
    settings, known = services.settings, await services.known_engines.known()
    return [_offer(settings, known, model) for model in MODELS.values() if model.name in settings.routes]


def _offer(settings: Settings, known: Known, model: PublicModel) -> Offer:
    route = settings.routes[model.name]
    able = [one.of(model.name) for name in route for one in known.get(name) or [Capabilities()]]
    narrowed = _narrowed(model, able)
    return Offer(
        narrowed,
        seed=any(one.seed for one in able),
        search=any(one.search for one in able) or bool(settings.search_url or settings.brave_api_key),
        masks=any(one.masks for one in able),
        previews=any(one.previews for one in able),
        prices={quality: settings.prices[quality] for quality in narrowed.image_qualities},
        engines=route if settings.show_engines else (),
    )


def _narrowed(model: PublicModel, able: Sequence[Capabilities]) -> PublicModel:
    most = model.input_images_max
    return dataclasses.replace(
        model,
        modes=tuple(mode for mode in model.modes if any(mode in one.modes for one in able)),
        aspect_ratios=tuple(ratio for ratio in model.aspect_ratios if any(ratio in one.aspect_ratios for one in able)),
        image_qualities=tuple(
            quality for quality in model.image_qualities if any(quality in one.image_qualities for one in able)
        ),
        input_images_max=max(most if one.input_images_max is None else min(most, one.input_images_max) for one in able),
    )
