"""The C2PA manifest of a picture, as data.

Sources: C2PA 2.2, 18.15 (actions), 18.16 (ingredients) and A.5 (soft bindings); IPTC's terms in `origin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cavendish.marks.origin import Origin
from cavendish.models import Mode

TITLE, INPUT_TITLE = "Picture", "Input image"
WATERMARK = "org.cavendish.watermark.1"
ENGINE_FILE = "engine"
_VERIFY = "org.cavendish.verify"
_UNKNOWN = "unknown-"


def definition(
    origin: Origin, *, engine_file: bool, inputs: Sequence[str | None], watermark: str | None
) -> dict[str, Any]:
    """What `c2pa.Builder` takes.

    An edit opens its first input image, and takes the others; where the engine's own file has a manifest, ours opens
    that, and takes them all. A picture out of nothing is created.

    Args:
        engine_file: It comes as the ingredient `ENGINE_FILE`.
        inputs: Of each input image the label of its ingredient, None where it has no manifest of its own.
        watermark: What the pixels carry, in hex; None: nothing.
    """
    labels = [label or f"{_UNKNOWN}{index}" for index, label in enumerate(inputs)]
    opened = ENGINE_FILE if engine_file else next(iter(labels), None)
    taken = list(dict.fromkeys(label for label in labels if label != opened))
    return {
        "title": TITLE,
        "claim_generator_info": [{"name": "Cavendish", "version": origin.version}],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(origin, opened, taken, watermark)}},
            *_bindings(origin, watermark),
        ],
        "ingredients": [_plain(label, opened) for label in labels if label.startswith(_UNKNOWN)],
    }


def _bindings(origin: Origin, watermark: str | None) -> list[dict[str, Any]]:
    """What leads back here, from the pixels and from the file."""
    found = []
    if watermark is not None:
        soft = {"alg": WATERMARK, "blocks": [{"scope": {}, "value": watermark}]}
        found.append({"label": "c2pa.soft-binding", "data": soft})
    if origin.verify_url:
        found.append({"label": _VERIFY, "data": {"url": origin.verify_url}})
    return found


def _actions(origin: Origin, opened: str | None, taken: Sequence[str], watermark: str | None) -> list[dict[str, Any]]:
    made: dict[str, Any] = {
        "action": "c2pa.edited" if opened or origin.mode is Mode.EDIT else "c2pa.created",
        "when": origin.when,
        "digitalSourceType": origin.source_type,
        "softwareAgent": {"name": origin.engine, "version": origin.engine_model or origin.model},
    }
    if taken:
        made["parameters"] = {"ingredientIds": list(taken)}
    first = [{"action": "c2pa.opened", "parameters": {"ingredientIds": [opened]}}] if opened else []
    last = [{"action": "c2pa.watermarked", "when": origin.when}] if watermark is not None else []
    return [*first, made, *last]


def _plain(label: str, opened: str | None) -> dict[str, Any]:
    """Of an image nothing is known but that it was there."""
    relationship = "parentOf" if label == opened else "inputTo"
    return {"title": INPUT_TITLE, "format": "image", "label": label, "relationship": relationship}
