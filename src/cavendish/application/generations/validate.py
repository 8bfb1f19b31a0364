"""From what a face read to a checked submission: what may be asked of a model, whatever the wire format."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from cavendish.application.generations import nearest, sizing
from cavendish.application.generations.nearest import Nearest
from cavendish.errors import InvalidInput, InvalidPrompt, MissingInputImage, TooManyImages, shown
from cavendish.inputs import submitted
from cavendish.inputs.stored import StoredUrls
from cavendish.models import (
    LABELS,
    OUTPUT_FORMATS,
    PREVIEWS_MAX,
    SEED_MAX,
    FieldNames,
    Mode,
    Output,
    PublicModel,
    Quality,
    Submission,
    whole_number,
)
from cavendish.settings import Settings

ASPECT_RATIO = "16:9"
IMAGE_QUALITY = Quality.ONE_K
_WITH_QUALITY = ("image/jpeg", "image/webp")  # types of file whose encoders take one


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asked for, as a face read it: nothing is known of the values, not even their types.

    Attributes:
        aspect_ratio, image_quality, google_search, seed, size, output_format, output_quality, previews, label: None:
            the caller did not say.
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
    size: object = None
    output_format: object = None
    output_quality: object = None
    previews: object = None
    label: object = None
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
    prompt, mode = _prompt(asked.prompt, names), _mode(asked.mode, model, names)
    ratio, quality, output = _picture(asked, settings)
    unused, enlarged = _unused(asked, output, editing=editing), _enlarged(asked, ratio, quality, output, settings)
    submission = Submission(
        model=model.name,
        prompt=prompt,
        mode=mode,
        aspect_ratio=ratio,
        image_quality=quality,
        google_search=_flag(asked.google_search, names.google_search),
        input_image_urls=_urls(asked.input_image_urls, names) if editing else (),
        seed=_seed(asked.seed, names),
        warnings=(*asked.warnings, *unused, *enlarged),
        names=names,
        output=output,
        previews=previews(asked.previews, names),
    )
    _check_prompt(submission.prompt, settings, names)
    if not editing:
        return submission
    stored, networks = StoredUrls(settings.public_url, address), settings.input_allow_networks
    kept = submitted.check(submission.input_image_urls, stored=stored, allow_networks=networks, names=names)
    return dataclasses.replace(submission, input_image_urls=kept)


def previews(value: object, names: FieldNames) -> int:
    """How many unfinished pictures are wanted. Raises InvalidInput."""
    wanted = 0 if value is None else whole_number(value)
    if wanted is None or not 0 <= wanted <= PREVIEWS_MAX:
        raise _invalid(names.previews, value, f"use a whole number from 0 to {PREVIEWS_MAX}")
    return wanted


def choices(values: Sequence[str], near: str | None = None) -> str:
    """What may be chosen, for an error message; `near`: the one that was meant, most likely."""
    if len(values) > 3:
        text = f"use one of {', '.join(values)}"
    else:
        text = f"use {' or '.join(filter(None, [', '.join(values[:-1]), values[-1]]))}"
    return f"{text}; {near} is nearest" if near and len(values) > 1 else text


def _unused(asked: Asked, output: Output, *, editing: bool) -> tuple[str, ...]:
    """What was asked for and has no effect."""
    names, found = asked.names, []
    if asked.input_image_urls and not editing:
        mode = names.mode
        found.append(f"{names.input_images} was ignored because {mode} is generate; send {mode} edit to use it.")
    if asked.output_quality is not None and output.quality is None:
        found.append(f"{names.output_quality} was ignored: it is for {names.output_format} jpeg and webp.")
    return tuple(found)


def _enlarged(asked: Asked, ratio: str, quality: Quality, output: Output, settings: Settings) -> tuple[str, ...]:
    """What the quality that was asked for makes of the size that was asked for: the one says what it costs."""
    if output.width is None or output.height is None:
        return ()
    padded = settings.size_mismatch == "pad"
    if sizing.is_enough(output.width, output.height, ratio, quality, padded=padded):
        return ()
    name, size = asked.names.image_quality, f"{output.width}x{output.height}"
    needed = sizing.quality(output.width, output.height, ratio, asked.model, asked.names.size, padded=padded)
    return (f"The picture is drawn at {quality} and enlarged to {size}; {name} {needed} draws so many pixels.",)


def _picture(asked: Asked, settings: Settings) -> tuple[str, Quality, Output]:
    """The ratio and the quality to draw, and what is made of that."""
    model, names = asked.model, asked.names
    media_type = _output_type(asked.output_format, names)
    compression = _output_quality(asked.output_quality, names)
    compression = compression if media_type in _WITH_QUALITY else None
    label = None if asked.label is None else _one_of(LABELS, asked.label, names.label, nearest.spelling)
    if asked.size is None:
        ratio, quality = (
            _aspect_ratio(asked.aspect_ratio, model, names),
            _image_quality(asked.image_quality, model, names),
        )
        return ratio, quality, Output(media_type=media_type, quality=compression, label=label)
    if not isinstance(asked.size, str):
        raise _invalid(names.size, asked.size, "use WIDTHxHEIGHT in pixels, as 1536x1024")
    width, height = sizing.parsed(asked.size, names.size)
    ratio = _ratio_of(asked, width, height, settings)
    quality = _quality_of(asked, width, height, ratio, settings)
    return ratio, quality, Output(width, height, media_type, compression, label)


def _ratio_of(asked: Asked, width: int, height: int, settings: Settings) -> str:
    if asked.aspect_ratio is not None:
        ratio = _aspect_ratio(asked.aspect_ratio, asked.model, asked.names)
    else:
        ratio = sizing.ratio(width, height, asked.model)
    if settings.size_mismatch == "refuse" and not sizing.fits(width, height, ratio):
        near = sizing.nearest(width, height, ratio)
        raise _invalid(asked.names.size, asked.size, f"pictures here have fixed shapes; {near} is nearest")
    return ratio


def _quality_of(asked: Asked, width: int, height: int, ratio: str, settings: Settings) -> Quality:
    model, names = asked.model, asked.names
    padded = settings.size_mismatch == "pad"
    needed = sizing.quality(width, height, ratio, model, names.size, padded=padded)
    if asked.image_quality is None:
        return needed
    return _image_quality(asked.image_quality, model, names)


def _output_type(value: object, names: FieldNames) -> str | None:
    if value is None:
        return None
    return OUTPUT_FORMATS[_one_of(tuple(OUTPUT_FORMATS), value, names.output_format, nearest.spelling)]


def _output_quality(value: object, names: FieldNames) -> int | None:
    if value is None:
        return None
    quality = whole_number(value)
    if quality is None or not 1 <= quality <= 100:
        raise _invalid(names.output_quality, value, "use a whole number from 1 to 100")
    return quality


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
