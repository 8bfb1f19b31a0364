"""A call of OpenAI's Images as it came, and what it orders: the same whether its answer is waited for or fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from cavendish import errors
from cavendish.application.generations import validate
from cavendish.application.generations.validate import Asked
from cavendish.errors import InvalidInput
from cavendish.models import Mode
from cavendish.settings import Settings
from cavendish.web.http import answering, body, context, form, openai, ordering, sent_pictures
from cavendish.web.http.ordering import Order
from cavendish.web.http.sent_pictures import Sent

IMAGES_MAX = 16  # theirs; a model's own maximum is told when it is passed
_AUTO_RATIO = "1:1"
_READ = frozenset(
    {
        "prompt", "model", "n", "size", "output_format", "output_compression", "response_format", "stream",
        "partial_images", "background", "mask", "markup", "image", "images", "seed", "aspect_ratio", "image_quality",
        "google_search", "label",
    }
)  # fmt: skip
# Taken without a word: moderation is the operator's, a price comes from the size, a user is the caller's own matter.
_WITHOUT_EFFECT = frozenset({"quality", "moderation", "user", "safety_identifier", "input_fidelity", "style"})
# In place of a body that is too large.
_NO_PICTURES = "send pictures to /v1/images/edits"
_FEWER = "send fewer or smaller pictures as image, or their URLs in images"
_NUMBERS, _FLAGS = ("n", "output_compression", "partial_images", "seed"), ("stream", "google_search")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it came, whatever the form of its body."""

    fields: Mapping[str, Any]
    pictures: Sequence[Sent] = ()
    warnings: tuple[str, ...] = ()
    event: str = "image_generation"


async def generation(request: Request) -> Call:
    """Of a call for pictures from words. Raises InvalidInput, PayloadTooLarge."""
    settings = context.services(request).settings
    data = await body.read(request, bytes_max=settings.body_bytes_max, way_out=_NO_PICTURES)
    parsed, replaced = body.told(data)
    return Call(parsed, (), replaced)


async def edit(request: Request) -> Call:
    """Of a call for pictures from pictures. Raises InvalidInput, MissingInputImage, PayloadTooLarge."""
    data = await sent_pictures.read_body(request, await context.caller(request), way_out=_FEWER)
    if form.is_form(request):
        return await _of_form(request, data)
    parsed, replaced = body.told(data)
    listed = parsed.get("images", parsed.get("image", []))
    entries = listed if isinstance(listed, list) else [listed]
    pictures = tuple(_entry(one, f"image {number}") for number, one in enumerate(entries, 1))
    return _edit_of(parsed, pictures, replaced)


def order(settings: Settings, call: Call, *, streamed: bool = False) -> Order:
    """What it asks for; unfinished pictures where its answer is streamed. Raises InvalidInput, ModelNotFound."""
    fields = call.fields
    _check(fields)
    size = None if fields.get("size") in (None, "auto", "") else fields["size"]
    ratio = fields.get("aspect_ratio")
    if ratio is None and size is None and not call.pictures:
        ratio = _AUTO_RATIO
    asked = Asked(
        model=openai.model(settings, fields),
        prompt=fields.get("prompt"),
        mode=Mode.GENERATE,
        aspect_ratio=ratio,
        image_quality=fields.get("image_quality"),
        google_search=fields.get("google_search"),
        seed=fields.get("seed"),
        size=size,
        output_format=fields.get("output_format"),
        output_quality=_compression(fields),
        previews=fields.get("partial_images") if streamed else None,
        label=fields.get("label"),
        warnings=call.warnings,
        names=openai.NAMES,
    )
    return Order(asked, call.pictures, ordering.count(fields.get("n"), "n"), shaped_as_first=True)


def told(call: Call, warnings: Sequence[str]) -> dict[str, str]:
    """Headers that name what was ignored, and what was not honoured."""
    return answering.told(call.fields, _READ | _WITHOUT_EFFECT, warnings)


async def _of_form(request: Request, data: bytes) -> Call:
    found = await form.parse(request, data, files_max=IMAGES_MAX + 2)
    fields: dict[str, Any] = {name.removesuffix("[]"): _typed(name, text) for name, text in found.texts.items()}
    fields |= dict.fromkeys({"mask", "markup"} & found.files.keys(), True)
    # One file is `image`, a list is `image[]`, and some clients number them.
    names = [name for name in found.files if name.partition("[")[0] == "image"]
    return _edit_of(fields, tuple(data for name in names for data in found.files[name]), ())


def _edit_of(fields: Mapping[str, Any], pictures: Sequence[Sent], warnings: tuple[str, ...]) -> Call:
    if not pictures:
        raise errors.MissingInputImage("image is missing: send the picture to edit")
    return Call(fields, pictures, warnings, "image_edit")


def _typed(name: str, text: str) -> object:
    """In a form everything is a text."""
    if name in _NUMBERS and text.lstrip("-").isdigit():
        return int(text[:20])
    return {"true": True, "false": False}.get(text.lower(), text) if name in _FLAGS else text


def _entry(value: object, name: str) -> Sent:
    """`{"image_url": …}`, as a text or once more in an object; or the text alone."""
    for member in ("image_url", "url"):
        value = value.get(member) if isinstance(value, dict) and member in value else value
    if not isinstance(value, str):
        raise InvalidInput(f"{name} {errors.shown(value)} is not valid: send image_url, a URL or a data URI")
    return sent_pictures.sent(value, name)


def _compression(fields: Mapping[str, Any]) -> object:
    """Theirs begins at 0, which no encoder knows."""
    value = fields.get("output_compression")
    return 1 if value == 0 and value is not False else value


def _check(fields: Mapping[str, Any]) -> None:
    """What no engine here can do is told before anything is held, rather than ignored."""
    if fields.get("background") == "transparent":
        raise InvalidInput("background 'transparent' is not possible here: use opaque or auto")
    for name in ("mask", "markup"):
        if fields.get(name):
            raise InvalidInput(f"{name} is not possible here: say in the prompt what to change, and where")
    for name in _FLAGS:
        if not isinstance(fields.get(name, False), bool):
            raise InvalidInput(f"{name} {errors.shown(fields[name])} is not valid: use true or false")
    validate.previews(fields.get("partial_images"), openai.NAMES)
    if fields.get("response_format", "b64_json") not in ("b64_json", "url"):
        raise InvalidInput(
            f"response_format {errors.shown(fields['response_format'])} is not valid: use b64_json or url"
        )
