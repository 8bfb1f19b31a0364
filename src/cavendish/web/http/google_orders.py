"""What Google's clients order, as they write it: in two spellings, with pictures in either alphabet of base64.

Sources: google-genai 3.6; Open WebUI 0.12, n8n 2.41, LibreChat, the AI SDK, November 2026.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from cavendish import errors
from cavendish.application.generations import catalogue
from cavendish.application.generations.validate import Asked
from cavendish.errors import InvalidInput, shown
from cavendish.models import RATIOS, FieldNames, Mode, PublicModel, Quality
from cavendish.settings import Settings
from cavendish.web.http import ordering, sent_pictures
from cavendish.web.http.ordering import Order
from cavendish.web.http.sent_pictures import Sent

_NAMES = FieldNames(
    prompt="the text in contents",
    aspect_ratio="aspectRatio",
    image_quality="imageSize",
    google_search="googleSearch",
    input_images="inlineData",
    input_images_counted="contents has {} pictures",
    input_image="picture {number}",
    output_format="outputMimeType",
    output_quality="outputCompressionQuality",
)
FEWER = "send fewer or smaller pictures as inlineData, or upload them and name them by fileUri"
_AUTO_RATIO = "1:1"
_PICTURES_MAX = 64  # no model takes as many; its own maximum is told when they are passed
_SEARCHES = ("googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval")
_SIDE = re.compile(r"([0-9]{1,5})(?:px)?|([0-9]{1,2})k", re.IGNORECASE)
# How v1's `responseFormat.image` names what `imageConfig` writes as numbers. Source: google-genai 3.6.
_DIGITS = {"1": "ONE", "2": "TWO", "3": "THREE", "4": "FOUR", "5": "FIVE", "8": "EIGHT", "9": "NINE", "16": "SIXTEEN",
           "21": "TWENTY_ONE"}  # fmt: skip
_RATIO_NAMES = {
    "ASPECT_RATIO_UNSPECIFIED": "",
    **{"ASPECT_RATIO_" + "_BY_".join(_DIGITS[side] for side in ratio.split(":")): ratio for ratio in RATIOS},
}
_SIZE_NAMES = {"IMAGE_SIZE_UNSPECIFIED": "", "IMAGE_SIZE_FIVE_TWELVE": "512", "IMAGE_SIZE_ONE_K": "1K",
               "IMAGE_SIZE_TWO_K": "2K", "IMAGE_SIZE_FOUR_K": "4K"}  # fmt: skip
# Taken without a word: the model is in the path, and what is safe is the operator's.
_WITHOUT_EFFECT = frozenset({"model", "safetySettings", "safety_settings"})


class ContentBody(BaseModel):
    """Both spellings are read, `imageConfig` and `image_config`; unknown members are named in `Cavendish-Ignored`."""

    model_config = ConfigDict(extra="ignore")

    contents: Annotated[list[dict[str, Any]], Field(min_length=1, description="Turns; the last of the user counts")]
    systemInstruction: Annotated[dict[str, Any], Field(description="Its text stands before the prompt")] = {}
    generationConfig: Annotated[
        dict[str, Any],
        Field(description="imageConfig with aspectRatio and imageSize; seed, candidateCount, responseModalities"),
    ] = {}
    tools: Annotated[list[dict[str, Any]], Field(description="googleSearch looks facts up")] = []


class PredictionBody(BaseModel):
    model_config = ConfigDict(extra="ignore")

    instances: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1, description="With its prompt")]
    parameters: Annotated[dict[str, Any], Field(description="sampleCount, aspectRatio, outputOptions, seed")] = {}


class Object:
    """One JSON object: its members in either spelling, for clients mix them, and the names of what nobody asked for."""

    def __init__(self, value: object, name: str, ignored: list[str]) -> None:
        if not isinstance(value, dict):
            raise InvalidInput(f"{name} {shown(value)} is not valid: send an object")
        self._members, self._name, self._ignored = value, name, ignored
        self._left = set(value)

    def get(self, name: str) -> Any:
        spellings = (name, re.sub("([A-Z])", r"_\1", name).lower())
        self._left -= set(spellings)
        return next((self._members[one] for one in spellings if self._members.get(one) is not None), None)

    def object(self, name: str) -> Object:
        """An empty one where it is left out."""
        return Object({} if (found := self.get(name)) is None else found, f"{self._name}{name}.", self._ignored)

    def objects(self, name: str) -> list[Object]:
        """Those of a list; one that stands alone is one of one."""
        found = self.get(name)
        entries = found if isinstance(found, list) else [] if found is None else [found]
        return [Object(one, f"{self._name}{name}.", self._ignored) for one in entries]

    def leave(self) -> None:
        """Nobody asks for more of it."""
        self._ignored += [f"{self._name}{name}" for name in self._left - _WITHOUT_EFFECT]


def contents(settings: Settings, model: str, sent: Object) -> Order:
    warnings: list[str] = []
    system = [text for one in sent.objects("systemInstruction") for text in _texts(one)]
    texts, pictures = _said(sent.objects("contents"))
    config = sent.object("generationConfig")
    image = config.object("imageConfig")
    formats = config.objects("responseFormat")
    images = [image, *(one.object("image") for one in formats)]
    _check_modalities(config.get("responseModalities"))
    _check_delivery(_first(images[1:], "delivery"), warnings)
    asked = Asked(
        model=_model(settings, model),
        prompt="\n\n".join([*system, *texts]) if texts else None,
        mode=Mode.GENERATE,
        aspect_ratio=_ratio(_spelt(_first(images, "aspectRatio"), _RATIO_NAMES), pictures),
        image_quality=_quality(_spelt(_first(images, "imageSize"), _SIZE_NAMES), warnings),
        google_search=_search(sent.objects("tools")),
        seed=config.get("seed"),
        output_format=_format(image.get("outputMimeType") or _first(images[1:], "mimeType")),
        output_quality=image.get("outputCompressionQuality"),
        label=image.get("label"),
        warnings=tuple(warnings),
        names=_NAMES,
    )
    for one in (sent, config, *formats, *images):
        one.leave()
    count = ordering.count(config.get("candidateCount"), "candidateCount")
    return Order(asked, pictures, count, shaped_as_first=True)


def prediction(settings: Settings, model: str, sent: Object) -> Order:
    instances = sent.objects("instances")
    if len(instances) != 1:
        raise InvalidInput(f"instances has {len(instances)} entries: send one, and sampleCount in parameters")
    parameters = sent.object("parameters")
    output = parameters.object("outputOptions")
    warnings: list[str] = []
    asked = Asked(
        model=_model(settings, model),
        prompt=instances[0].get("prompt"),
        mode=Mode.GENERATE,
        aspect_ratio=_ratio(parameters.get("aspectRatio"), ()),
        image_quality=_quality(parameters.get("sampleImageSize"), warnings),
        seed=parameters.get("seed"),
        output_format=_format(output.get("mimeType")),
        output_quality=output.get("compressionQuality"),
        label=parameters.get("label"),
        warnings=tuple(warnings),
        names=_NAMES,
    )
    count = ordering.count(parameters.get("sampleCount"), "sampleCount")
    for one in (sent, *instances, parameters, output):
        one.leave()
    return Order(asked, (), count)


def _said(contents: Sequence[Object]) -> tuple[list[str], tuple[Sent, ...]]:
    """Texts and pictures of the last turn of the user; without a picture in it, the last that a model made before."""
    turns = [(models, list(group)) for models, group in itertools.groupby(contents, _is_models)]
    while turns and turns[-1][0]:
        turns.pop()  # words to begin the answer with
    if not turns:
        raise InvalidInput("contents is missing: send the text of the picture as a part of a content")
    _, turn = turns.pop()
    pictures = [picture for one in turn for picture in _pictures(one)]
    return [text for one in turn for text in _texts(one)], tuple(pictures or _made_last(turns))


def _made_last(turns: Sequence[tuple[bool, list[Object]]]) -> list[Sent]:
    """The picture that whoever chats is looking at."""
    answers = [one for models, turn in turns if models for one in turn]
    return next((found[-1:] for one in reversed(answers) if (found := _pictures(one))), [])


def _is_models(content: Object) -> bool:
    return bool(content.get("role") == "model")


def _texts(content: Object) -> list[str]:
    texts = [part.get("text") for part in content.objects("parts") if not part.get("thought")]
    if wrong := [text for text in texts if not isinstance(text, str | None)]:
        raise InvalidInput(f"text {shown(wrong[0])} is not valid: send a string")
    return [text for text in texts if text]


def _pictures(content: Object) -> list[Sent]:
    found: list[Sent] = []
    for part in content.objects("parts"):
        if part.get("thought"):
            continue
        inline, file = part.object("inlineData").get("data"), part.object("fileData").get("fileUri")
        if inline is not None:
            found.append(_of_base64(inline))
        if file is not None:
            found.append(sent_pictures.sent(_text(file, "fileUri"), "fileUri"))
        if len(found) > _PICTURES_MAX:
            raise errors.TooManyImages(f"contents has over {_PICTURES_MAX} pictures; send fewer")
    return found


def _of_base64(value: object) -> bytes:
    """Google's own SDK writes the URL-safe alphabet, others leave the padding out; what it is, its bytes say."""
    text = _text(value, "inlineData.data").replace("-", "+").replace("_", "/").rstrip("=\n")
    return sent_pictures.from_base64(text + "=" * (-len(text) % 4), "inlineData.data")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{name} {shown(value)} is not valid: send a string")
    return value


def _model(settings: Settings, name: str) -> PublicModel:
    if (model := catalogue.named(settings, name)) is None:
        raise errors.NotFound(
            f"model {shown(name)} does not exist here; GET /v1beta/models lists those that do, with their other names"
        )
    return model


def _first(objects: Sequence[Object], name: str) -> Any:
    """What the first of them says that says something; all of them are asked."""
    return next((found for found in [one.get(name) for one in objects] if found is not None), None)


def _spelt(value: object, names: Mapping[str, str]) -> object:
    """A name of v1's enumerations as `imageConfig` writes it."""
    return names.get(value, value) if isinstance(value, str) else value


def _check_delivery(value: object, warnings: list[str]) -> None:
    if value == "URI":
        warnings.append("delivery URI is not possible here: the picture is in the answer.")


def _ratio(value: object, pictures: Sequence[Sent]) -> object:
    if value in (None, "", "auto"):
        return None if pictures else _AUTO_RATIO
    return value


def _quality(value: object, warnings: list[str]) -> object:
    """The nearest that there is: `512` is a size of some of Google's models, and of none here."""
    if value in (None, "") or value in tuple(Quality):
        return value or None
    found = _SIDE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    side = int(found[1]) if found[1] else 1024 * int(found[2])
    nearest = min(Quality, key=lambda one: abs(1024 * one.scale - side))
    if side != 1024 * nearest.scale:
        warnings.append(f"imageSize {shown(value)} is not drawn here: {nearest} was.")
    return nearest.value


def _format(value: object) -> object:
    return value.removeprefix("image/") if isinstance(value, str) else value


def _search(tools: Sequence[Object]) -> bool:
    found = [tool.get(name) is not None for tool in tools for name in _SEARCHES]
    for tool in tools:
        tool.leave()
    return any(found)


def _check_modalities(value: object) -> None:
    """Who wants no picture is told before one is paid for."""
    if value is None or value == []:
        return
    listed = value if isinstance(value, list) else [value]
    if not any(isinstance(one, str) and one.upper() == "IMAGE" for one in listed):
        raise InvalidInput(
            f"responseModalities {shown(value)} asks for no picture, and nothing else is made here: add IMAGE"
        )
