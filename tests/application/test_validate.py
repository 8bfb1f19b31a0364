"""What may be asked of a model, whoever asks: both sides of each rule, in the words of the face that read it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cavendish import settings as configuration
from cavendish.application.generations import validate
from cavendish.application.generations.validate import Asked
from cavendish.cli import generate as generate_command
from cavendish.errors import ApiError, InvalidInput, InvalidPrompt, MissingInputImage, TooManyImages
from cavendish.models import MODELS, FieldNames, Mode, Quality, public_model

URL = "https://images.example.com/a.png"
SETTINGS = configuration.load({"data": "/nowhere"}, environment={})
OTHER_FACE = FieldNames(
    prompt="text",
    aspect_ratio="shape",
    input_images="pictures",
    input_images_counted="{} pictures were sent",
    input_image="picture {number}",
)


def asked(**fields: Any) -> Asked:
    return Asked(**{"model": MODELS["nano-banana-2"], "prompt": "a lake", "mode": "generate", **fields})


def refused(error: type[ApiError], **fields: Any) -> str:
    with pytest.raises(error) as caught:
        validate.checked(asked(**fields), SETTINGS)
    assert type(caught.value) is error
    return caught.value.message


def test_what_is_left_out_has_the_defaults_of_the_api() -> None:
    found = validate.checked(asked(), SETTINGS)

    assert (found.aspect_ratio, found.image_quality, found.google_search) == ("16:9", Quality.ONE_K, False)
    assert (found.mode, found.input_image_urls, found.seed, found.warnings) == (Mode.GENERATE, (), None, ())
    assert type(found.image_quality) is Quality and type(found.mode) is Mode


@pytest.mark.parametrize(("model", "most"), [("nano-banana-2", 14), ("nano-banana-pro", 8), ("of-a-route-only", 14)])
def test_a_model_takes_as_many_input_images_as_its_catalogue_entry_says(model: str, most: int) -> None:
    found = public_model(model)

    kept = validate.checked(asked(model=found, mode="edit", input_image_urls=[URL] * most), SETTINGS)
    message = refused(TooManyImages, model=found, mode="edit", input_image_urls=[URL] * (most + 1))

    assert kept.input_image_urls == (URL,) * most
    assert message == f"there are {most + 1} input images; at most {most} are allowed"


def test_a_model_with_less_takes_less() -> None:
    small = dataclasses.replace(
        MODELS["nano-banana-2"], modes=(Mode.GENERATE,), aspect_ratios=("1:1",), image_qualities=(Quality.TWO_K,)
    )

    given = {"model": small, "aspect_ratio": "1:1", "image_quality": "2K"}
    assert validate.checked(asked(**given), SETTINGS).aspect_ratio == "1:1"
    assert refused(InvalidInput, **{**given, "aspect_ratio": "16:9"}) == "aspect ratio '16:9' is not valid: use 1:1"
    assert refused(InvalidInput, **{**given, "image_quality": "1K"}) == "image quality '1K' is not valid: use 2K"
    urls = {"mode": "edit", "input_image_urls": [URL]}
    assert refused(InvalidInput, **given, **urls) == "mode 'edit' is not valid: use generate"


def test_each_face_is_answered_in_its_own_words() -> None:
    def told(error: type[ApiError], **fields: Any) -> str:
        return refused(error, names=OTHER_FACE, **fields)

    assert (
        told(TooManyImages, mode="edit", input_image_urls=[URL] * 15) == "15 pictures were sent; at most 14 are allowed"
    )
    assert told(MissingInputImage, mode="edit").endswith("put 1 to 14 public URLs into pictures")
    assert told(InvalidPrompt, prompt="  ") == "Prompt is missing or empty: describe the picture in text"
    assert told(InvalidPrompt, prompt="a\0b") == "text contains a NUL character; remove it"
    assert told(InvalidPrompt, prompt="x" * 20_001) == "text has 20001 characters; at most 20000 are allowed"
    assert told(InvalidInput, aspect_ratio="7:5").startswith("shape '7:5' is not valid: use one of 16:9, ")
    assert told(InvalidInput, mode="edit", input_image_urls=[URL, "ftp://a.example/"]).startswith(
        "picture 2 has the scheme"
    )
    ignored = validate.checked(asked(names=OTHER_FACE, input_image_urls=["x"], warnings=("first.",)), SETTINGS)
    assert ignored.warnings == (
        "first.",
        "pictures was ignored because mode is generate; send mode edit to use it.",
    )
    assert ignored.input_image_urls == ()


def test_the_images_are_counted_before_the_prompt_is_read_and_the_prompt_before_the_urls() -> None:
    refused(TooManyImages, prompt=None, mode="edit", input_image_urls=[URL] * 15)
    refused(InvalidPrompt, prompt=None, mode="nonsense")
    refused(InvalidInput, prompt="", aspect_ratio="7:5")
    refused(InvalidPrompt, prompt="", mode="edit", input_image_urls=["ftp://a.example/"])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["a\0lake"], InvalidPrompt, "PROMPT contains a NUL character"),
        (["x" * 20_001], InvalidPrompt, "at most 20000 are allowed"),
        (["a lake", "--model", "nano-banana-pro", *["--edit", URL] * 9], TooManyImages, "--edit was given 9 times"),
    ],
)
def test_the_command_line_refuses_what_the_model_refuses_and_starts_no_database(
    arguments: list[str], error: type[ApiError], words: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(generate_command.generate, [*arguments, "--data", str(tmp_path)])

    assert type(result.exception) is error
    assert words in str(result.exception)
    assert list(tmp_path.iterdir()) == []
