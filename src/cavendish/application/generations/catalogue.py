"""What can be asked for here: the catalogue of public models, as far as the engines behind them can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cavendish.application.generations import routing
from cavendish.application.generations.routing import Known
from cavendish.application.services import Services
from cavendish.engines.base import Capabilities, Need
from cavendish.models import MODELS, Mode, PublicModel, Quality
from cavendish.settings import Settings

Size = tuple[str, Quality]
Sketched = Literal["always", "failover"]

PREVIEW_ENGINE = "sketch"  # draws without a model; whoever pays is told before


@dataclass(frozen=True, slots=True)
class Offer:
    """One model as it can be asked for here.

    Attributes:
        sizes: Ratio and quality of each picture that can be asked for; what submit would refuse is not among them.
        modes: Those in which some of these can be asked for.
        input_images_max: Of an edit of some size; 0: nothing can be edited.
        seed, search, masks, previews: One of its engines can, or for a search the service itself.
        prices: Credits for each quality among the sizes.
        engines: In the order of the route; empty where the operator does not show them.
        sketch: Whether the preview engine draws all of it, or what the others cannot; None: it does not. Told also
            where engines are not shown: nobody pays for a model and gets a preview unawares.
    """

    model: PublicModel
    sizes: tuple[Size, ...]
    modes: tuple[Mode, ...]
    input_images_max: int
    seed: bool
    search: bool
    masks: bool
    previews: bool
    prices: Mapping[Quality, int]
    engines: tuple[str, ...]
    sketch: Sketched | None


def named(settings: Settings, name: object) -> PublicModel | None:
    """The model of this name here, be it an alias that some client sends; None: there is none."""
    if not isinstance(name, str):
        return None
    name = settings.model_aliases.get(name, name)
    return MODELS.get(name) if name in settings.routes else None


def aliases(settings: Settings, model: PublicModel) -> tuple[str, ...]:
    """By which other names it is served."""
    return tuple(alias for alias, name in settings.model_aliases.items() if name == model.name)


async def offers(services: Services) -> list[Offer]:
    """Every public model that has a route. What nothing is known of is offered."""
    settings, known = services.settings, await services.known_engines.known()
    return [_offer(settings, known, model) for model in MODELS.values() if model.name in settings.routes]


def _offer(settings: Settings, known: Known, model: PublicModel) -> Offer:
    route = settings.routes[model.name]
    able = [one.of(model.name) for name in route for one in known.get(name) or [Capabilities()]]
    sizes = _sizes(model, route, known)
    return Offer(
        model,
        sizes,
        modes=tuple(mode for mode in model.modes if _possible(model, route, known, sizes, mode, mode is Mode.EDIT)),
        input_images_max=_input_images_max(model, route, known, sizes),
        seed=any(one.seed for one in able),
        search=any(one.search for one in able) or bool(settings.search_url or settings.brave_api_key),
        masks=any(one.masks for one in able),
        previews=any(one.previews for one in able),
        prices={quality: settings.prices[quality] for quality in Quality if quality in {size[1] for size in sizes}},
        engines=route if settings.show_engines else (),
        sketch=_sketched(route),
    )


def _sketched(route: Sequence[str]) -> Sketched | None:
    if PREVIEW_ENGINE not in route:
        return None
    return "always" if set(route) == {PREVIEW_ENGINE} else "failover"


def _sizes(model: PublicModel, route: Sequence[str], known: Known) -> tuple[Size, ...]:
    every = [(ratio, quality) for ratio in model.aspect_ratios for quality in model.image_qualities]
    return tuple(
        size
        for size in every
        if any(_possible(model, route, known, [size], mode, mode is Mode.EDIT) for mode in model.modes)
    )


def _input_images_max(model: PublicModel, route: Sequence[str], known: Known, sizes: Sequence[Size]) -> int:
    counts = range(model.input_images_max, 0, -1)
    return next((count for count in counts if _possible(model, route, known, sizes, Mode.EDIT, count)), 0)


def _possible(
    model: PublicModel, route: Sequence[str], known: Known, sizes: Sequence[Size], mode: Mode, input_images: int
) -> bool:
    """Whether submit would take this in one of the sizes."""
    needs = (Need(model.name, mode, ratio, quality, int(input_images)) for ratio, quality in sizes)
    return any(routing.serving(route, known, need) for need in needs)
