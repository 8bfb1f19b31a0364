"""What a model is told of the tools: names, what they are for, and what they take. The order is part of it."""

from __future__ import annotations

from typing import Any

from cavendish.application.generations import sizing
from cavendish.application.generations.wait import PREFERENCE_SECONDS_MAX
from cavendish.models import LABELS, MODELS, OUTPUT_FORMATS, RATIOS, SEED_MAX, FieldNames, Quality
from cavendish.settings import Settings

GENERATE, EDIT, GET, MODELS_LIST, CREDITS = (
    "generate_image",
    "edit_image",
    "get_generation",
    "list_models",
    "get_credits",
)
DEFAULT_MODEL = next(iter(MODELS))
IMAGES_MAX = max(model.input_images_max for model in MODELS.values())
IDEMPOTENCY_KEY = "idempotency_key"
NAMES = FieldNames(
    aspect_ratio="aspect_ratio",
    image_quality="quality",
    google_search="google_search",
    input_images="images",
    input_images_counted="images has {} entries",
    input_image="images[{index}]",
    output_format="output_format",
)

_PICTURE: dict[str, Any] = {
    "prompt": {
        "type": "string",
        "minLength": 1,
        "maxLength": Settings.prompt_characters_max,
        "description": "What the picture shows.",
    },
    "aspect_ratio": {"type": "string", "enum": list(RATIOS), "description": "16:9 by default."},
    "quality": {
        "type": "string",
        "enum": [quality.value for quality in Quality],
        "description": "How many pixels, and what it costs: 1K by default; list_models has the prices.",
    },
    "size": {
        "type": "string",
        "pattern": sizing.PATTERN,
        "description": "Exactly so many pixels, as 1536x1024, in place of aspect_ratio and quality.",
    },
    "output_format": {"type": "string", "enum": list(OUTPUT_FORMATS), "description": "As the engine made it, unsaid."},
    "label": {
        "type": "string",
        "enum": list(LABELS),
        "description": "Draw the letters AI in a corner, for people to see; unsaid: nothing is drawn.",
    },
    "seed": {
        "type": "integer",
        "minimum": 0,
        "maximum": SEED_MAX,
        "description": "The same seed can repeat a picture.",
    },
    "google_search": {"type": "boolean", "description": "Look facts up before drawing: news, places, people."},
    "model": {"type": "string", "enum": list(MODELS), "description": f"{DEFAULT_MODEL} by default."},
    IDEMPOTENCY_KEY: {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "description": "A name of your choice for this one order. Sent again with the same arguments, it answers with "
        "the same picture and costs nothing: use it where an answer was lost.",
    },
}
_IMAGES = {
    "type": "array",
    "minItems": 1,
    "maxItems": IMAGES_MAX,
    "items": {"type": "string"},
    "description": "The pictures to edit or combine, each a public URL, a URL of a picture made here, a data URI, or "
    "base64.",
}
_WAIT = {
    "type": "number",
    "minimum": 0,
    "maximum": PREFERENCE_SECONDS_MAX,
    "description": "Seconds to wait for its end, where it is not finished.",
}
_ID = {"type": "string", "description": "As the order answered it. Unsaid: your newest."}
_PAID = " Credits are held when it is ordered, charged when the picture is there, and given back if it fails."


def listed() -> list[dict[str, Any]]:
    """All tools, as `tools/list` shows them."""
    return [
        _tool(
            GENERATE,
            "Generate an image",
            "Makes a picture from words. Answers with its URL and a small preview, or with an id to ask "
            f"{GET} for where it takes longer.{_PAID}",
            _PICTURE,
            ["prompt"],
            changes=True,
        ),
        _tool(
            EDIT,
            "Edit images",
            f"Makes a picture from others and words that say what to change. Answers as {GENERATE} does.{_PAID}",
            {"prompt": _PICTURE["prompt"], "images": _IMAGES, **_PICTURE},
            ["prompt", "images"],
            changes=True,
        ),
        _tool(
            GET,
            "Get a generation",
            "What became of a picture that was ordered: its progress, or its URL and a preview. Costs nothing.",
            {"id": _ID, "wait_s": _WAIT},
            [],
        ),
        _tool(MODELS_LIST, "List models", "The models here, with prices and what each can.", {}, []),
        _tool(CREDITS, "Get credits", "The credits that can be spent, those held, and calls left.", {}, []),
    ]


def arguments_of(name: str) -> tuple[str, ...]:
    """What a tool takes, by name."""
    if name == GENERATE:
        return tuple(_PICTURE)
    return {EDIT: (*_PICTURE, "images"), GET: ("id", "wait_s")}.get(name, ())


def _tool(
    name: str, title: str, description: str, properties: dict[str, Any], required: list[str], *, changes: bool = False
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {
        "name": name,
        "title": title,
        "description": description,
        "inputSchema": schema,
        "annotations": {
            "title": title,
            "readOnlyHint": not changes,
            "destructiveHint": False,
            "idempotentHint": not changes,
            "openWorldHint": changes,
        },
    }
