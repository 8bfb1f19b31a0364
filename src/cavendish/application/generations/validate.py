"""From what a face read to a checked submission: what may be asked of a model, whatever the wire format."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from cavendish.application.generations import nearest
from cavendish.application.generations.nearest import Nearest
from cavendish.errors import InvalidInput, InvalidPrompt, MissingInputImage, TooManyImages, shown
from cavendish.inputs import submitted
from cavendish.inputs.stored import StoredUrls
from cavendish.models import SEED_MAX, FieldNames, Mode, PublicModel, Quality, Submission, whole_number
from cavendish.settings import Settings

ASPECT_RATIO = "16:9"
IMAGE_QUALITY = Quality.ONE_K


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asked for, as a face read it: nothing is known of the values, not even their types.

    Attributes:
        aspect_ratio, image_quality, google_search, seed: None: the caller did not say.
        input_image_urls: Ignored with a warning in mode `generate`.
        warnings: What the face itself did not honour.
        names: What the face calls these.
    """

    model: PublicModel
    prompt: object
    mode: object
    aspect_ratio: object = None
    image_quality: object = None
    google_search: object = None
    input_image_urls: object = None
    seed: object = None
    warnings: tuple[str, ...] = ()
    names: FieldNames = field(default_factory=FieldNames)


def checked(asked: Asked, settings: Settings, *, address: str | None = None) -> Submission:
    """The submission that this asks for.

    Args:
        address: By which its caller finds the service's pictures, beside the public URL.

    Raises:
        MissingInputImage, TooManyImages, InvalidPrompt, InvalidInput: the first rule that it breaks, in this order:
            how many input images; the types and values; the prompt's text; what the URLs lead to.
    """
    model, names = asked.model, asked.names
    editing = asked.mode == Mode.EDIT
    if editing:
        _check_count(asked.input_image_urls, model, names)
    submission = Submission(
        model=model.name,
        prompt=_prompt(asked.prompt, names),
        mode=_mode(asked.mode, model, names),
        aspect_ratio=_aspect_ratio(asked.aspect_ratio, model, names),
        image_quality=_image_quality(asked.image_quality, model, names),
        google_search=_flag(asked.google_search, names.google_search),
        input_image_urls=_urls(asked.input_image_urls, names) if editing else (),
        seed=_seed(asked.seed, names),
        warnings=asked.warnings if editing else (*asked.warnings, *_ignored_inputs(asked)),
        names=names,
    )
    _check_prompt(submission.prompt, settings, names)
    if not editing:
        return submission
    stored, networks = StoredUrls(settings.public_url, address), settings.input_allow_networks
    kept = submitted.check(submission.input_image_urls, stored=stored, allow_networks=networks, names=names)
    return dataclasses.replace(submission, input_image_urls=kept)


def choices(values: Sequence[str], near: str | None = None) -> str:
    """What may be chosen, for an error message; `near`: the one that was meant, most likely."""
    if len(values) > 3:
        text = f"use one of {', '.join(values)}"
    else:
        text = f"use {' or '.join(filter(None, [', '.join(values[:-1]), values[-1]]))}"
    return f"{text}; {near} is nearest" if near and len(values) > 1 else text


def _ignored_inputs(asked: Asked) -> tuple[str, ...]:
    if not asked.input_image_urls:
        return ()
    inputs, mode = asked.names.input_images, asked.names.mode
    return (f"{inputs} was ignored because {mode} is generate; send {mode} edit to use it.",)


def _check_count(urls: object, model: PublicModel, names: FieldNames) -> None:
    if urls is None or urls == []:
        raise MissingInputImage(
            f"Edit mode requires input images: put 1 to {model.input_images_max} public URLs into {names.input_images}"
        )
    if isinstance(urls, list) and len(urls) > model.input_images_max:
        counted = names.input_images_counted.format(len(urls))
        raise TooManyImages(f"{counted}; at most {model.input_images_max} are allowed")


def _prompt(value: object, names: FieldNames) -> str:
    if not isinstance(value, str):
        raise InvalidPrompt(f"Prompt is missing or empty: {names.prompt} must be a string that describes the picture")
    return value


def _check_prompt(prompt: str, settings: Settings, names: FieldNames) -> None:
    if not prompt.strip():
        raise InvalidPrompt(f"Prompt is missing or empty: describe the picture in {names.prompt}")
    if "\0" in prompt:
        raise InvalidPrompt(f"{names.prompt} contains a NUL character; remove it")
    most = settings.prompt_characters_max
    if len(prompt) > most:
        raise InvalidPrompt(f"{names.prompt} has {len(prompt)} characters; at most {most} are allowed")


def _mode(value: object, model: PublicModel, names: FieldNames) -> Mode:
    if value is None:
        raise InvalidInput(f"{names.mode} is required: {choices(model.modes)}")
    return Mode(_one_of(model.modes, value, names.mode, nearest.spelling))


def _aspect_ratio(value: object, model: PublicModel, names: FieldNames) -> str:
    if value is None:
        return ASPECT_RATIO
    return _one_of(model.aspect_ratios, value, names.aspect_ratio, nearest.ratio)


def _image_quality(value: object, model: PublicModel, names: FieldNames) -> Quality:
    if value is None:
        return IMAGE_QUALITY
    return Quality(_one_of(model.image_qualities, value, names.image_quality, nearest.quality))


def _one_of(allowed: Sequence[str], value: object, name: str, near: Nearest) -> str:
    if not isinstance(value, str):
        raise _invalid(name, value, choices(allowed))
    if value not in allowed:
        raise _invalid(name, value, choices(allowed, near(value, allowed)))
    return value


def _flag(value: object, name: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _invalid(name, value, "use true or false")
    return value


def _urls(value: object, names: FieldNames) -> tuple[str, ...]:
    way = "use a list of strings, each a public http or https URL"
    if not isinstance(value, list):
        raise _invalid(names.input_images, value, way)
    for index, url in enumerate(value):
        if not isinstance(url, str):
            raise _invalid(names.input_image.format(index=index, number=index + 1), value, way)
    return tuple(value)


def _seed(value: object, names: FieldNames) -> int | None:
    if value is None:
        return None
    seed = whole_number(value)
    if seed is None or not 0 <= seed <= SEED_MAX:
        raise _invalid(names.seed, value, f"use a whole number from 0 to {SEED_MAX}")
    return seed


def _invalid(name: str, value: object, way: str) -> InvalidInput:
    return InvalidInput(f"{name} {shown(value)} is not valid: {way}")
