"""What tools answer: words for the model, a link and a small picture for people, numbers for programs.

Small, for clients cut what is long: Claude Code at 25,000 tokens, Claude Desktop at 1,048,576 characters; and nothing
in `structuredContent` but ids and numbers, for some clients show models that in place of the rest.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import orjson

from cavendish.application.generations import gone, preview
from cavendish.application.generations.catalogue import Offer
from cavendish.errors import ApiError, ServiceBusy
from cavendish.models import State, Status
from cavendish.stores.accounts import Account
from cavendish.stores.rate_limits import Quota
from cavendish.web.dialects.mcp import tools
from cavendish.web.dialects.mcp.wire import Call

Result = dict[str, Any]
_SOURCES_MAX = 10
# The database went away in the middle, perhaps behind the order.
_UNCERTAIN = f"Before you order again, call {tools.GET} without an id: it shows whether this was ordered after all."


@dataclass(frozen=True, slots=True)
class Shown:
    """For whom results are made: where they find pictures, and what their version of the protocol knows."""

    public_url: str
    call: Call


def of_status(shown: Shown, status: Status, small: bytes | None, warnings: tuple[str, ...] = ()) -> Result:
    """A generation as it stands; `small` is its preview. A failed one is an error, and says that it cost nothing."""
    if status.state == State.COMPLETED and status.gone is None:
        return _completed(shown, status, small, warnings)
    if State(status.state).terminal:
        return _ended_without(shown, status)
    text = (
        f"Generation {status.id.hex} is {state_of(status)}. {status.price} credits are held for it,"
        f" {status.balance} are left."
    )
    said = [text, _come_back(status.id.hex), *status.warnings, *warnings]
    return _result(shown, said, _numbers(status, credits_held=status.price))


def state_of(status: Status) -> str:
    """In words, with how far it is."""
    return f"{status.state}, at {status.progress} %" if status.state == State.GENERATING else status.state


def of_order(shown: Shown, generation_id: str, *, price: int, balance: int, warnings: tuple[str, ...] = ()) -> Result:
    """An order of which nothing more is known now."""
    text = f"Generation {generation_id} is ordered. {price} credits are held for it, {balance} are left."
    numbers = {"generation_id": generation_id, "credits_held": price, "credits_left": balance}
    return _result(shown, [text, _come_back(generation_id), *warnings], numbers)


def refusal(shown: Shown, error: ApiError, *, ordering: bool) -> Result:
    """A call that came to nothing: the value, the way out, and that it cost nothing."""
    said = [f"{error.message} ({error.code})"]
    if error.retry_after_seconds is not None:
        said.append(f"Try again in {error.retry_after_seconds} seconds.")
    if ordering:
        said.append(_UNCERTAIN if isinstance(error, ServiceBusy) else "Nothing was ordered, and nothing was charged.")
    found = _result(shown, said, {})
    return {"content": found["content"], "isError": True}


def of_models(shown: Shown, offers: list[Offer]) -> Result:
    lines = [_model_line(offer) for offer in offers]
    numbers = {
        offer.model.name: {
            "input_images_max": offer.input_images_max,
            "credits": {quality.value: price for quality, price in offer.prices.items()},
        }
        for offer in offers
    }
    return _result(shown, lines or ["No model can be asked for here."], {"models": numbers})


def of_credits(shown: Shown, account: Account, quota: Quota) -> Result:
    text = f"{account.balance} credits can be spent; {account.held} more are held for what is under way."
    calls = f"{quota.remaining} more pictures can be ordered now, {quota.limit} in all."
    numbers = {"credits_left": account.balance, "credits_held": account.held, "orders_left": quota.remaining}
    return _result(shown, [text, calls], numbers)


def of_nothing(shown: Shown) -> Result:
    """An account that has ordered nothing yet."""
    return {**_result(shown, [f"You have ordered no picture yet; {tools.GENERATE} orders one."], {}), "isError": True}


def _completed(shown: Shown, status: Status, small: bytes | None, warnings: tuple[str, ...]) -> Result:
    url = f"{shown.public_url}/generations/{status.image_name}"
    kilobytes = f", {round(status.image_bytes / 1000)} kB" if status.image_bytes else ""
    text = (
        f"Generation {status.id.hex} is completed: {status.image_width}x{status.image_height} pixels,"
        f" {status.image_type}{kilobytes}, made by {status.engine_model or status.model}"
        f" with the engine {status.engine}. {status.credits_charged} credits were charged, {status.balance} are left."
    )
    numbers = _numbers(
        status,
        credits_charged=status.credits_charged,
        width=status.image_width,
        height=status.image_height,
        bytes=status.image_bytes,
    )
    told = [text, f"The picture: {url}", *_sources(status), *status.warnings, *warnings]
    return _result(shown, told, numbers, pictures=[*_link(shown, status, url), *_image(small)])


def _ended_without(shown: Shown, status: Status) -> Result:
    why = gone.as_error(status.gone) if status.gone else None
    if why is not None:
        said = f"The picture of generation {status.id.hex} is gone. {why.message} ({why.code})"
        return {**_result(shown, [said], _numbers(status, credits_charged=status.credits_charged)), "isError": True}
    said = (
        f"Generation {status.id.hex} failed: {status.error} ({status.error_code}). Nothing was charged: the"
        f" {status.price} credits held for it are back, and {status.balance} are left."
    )
    return {**_result(shown, [said], _numbers(status, credits_charged=0)), "isError": True}


def _come_back(generation_id: str) -> str:
    return (
        f'Call {tools.GET} with id "{generation_id}" for the picture. It is made whatever becomes of this conversation;'
        " ordering it again would cost again."
    )


def _model_line(offer: Offer) -> str:
    prices = ", ".join(f"{quality.value} {price}" for quality, price in offer.prices.items())
    ratios = ", ".join(dict.fromkeys(ratio for ratio, _ in offer.sizes))
    parts = [
        f"{offer.model.name}: {' and '.join(offer.modes) or 'nothing now'}",
        f"credits by quality: {prices}",
        f"aspect ratios: {ratios}",
        f"up to {offer.input_images_max} images to edit",
        *(["can search"] if offer.search else []),
        *(["repeatable by seed"] if offer.seed else []),
        *([f"engines: {', '.join(offer.engines)}"] if offer.engines else []),
        *([f"drawn by the preview engine, without a model: {offer.sketch}"] if offer.sketch else []),
    ]
    return "; ".join(parts)


def _sources(status: Status) -> list[str]:
    """Where facts came from, which must be told where the picture is shown."""
    if status.grounding is None:
        return []
    found = orjson.loads(status.grounding)
    urls = [source["url"] for source in found.get("sources", ())][:_SOURCES_MAX]
    return [f"Facts were searched for it; say so where it is shown, with these sources: {' '.join(urls)}"]


def _numbers(status: Status, **more: int | None) -> Result:
    """Ids and numbers; one without a value is left out."""
    found = {"generation_id": status.id.hex, "progress": status.progress, "seed": status.seed, **more}
    return {**{name: value for name, value in found.items() if value is not None}, "credits_left": status.balance}


def _link(shown: Shown, status: Status, url: str) -> list[Result]:
    if not shown.call.knows_links:
        return []
    size = {"size": status.image_bytes} if status.image_bytes else {}
    name = status.image_name or ""
    return [{"type": "resource_link", "uri": url, "name": name, "title": "The picture", "mimeType": status.image_type,
             **size}]  # fmt: skip


def _image(small: bytes | None) -> list[Result]:
    if small is None:
        return []
    return [{"type": "image", "data": base64.b64encode(small).decode(), "mimeType": preview.MEDIA_TYPE}]


def _result(shown: Shown, said: list[str], numbers: Result, *, pictures: list[Result] | None = None) -> Result:
    content = [{"type": "text", "text": "\n".join(said)}, *(pictures or [])]
    found: Result = {"content": content, "isError": False}
    return {**found, "structuredContent": numbers} if numbers and shown.call.knows_links else found
