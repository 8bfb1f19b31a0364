"""The real openai SDK sees a picture come into being: API, worker and drawing are processes of their own."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from openai.types import (
    ImageEditCompletedEvent,
    ImageEditPartialImageEvent,
    ImageGenCompletedEvent,
    ImageGenPartialImageEvent,
)
from PIL import Image

from harness import served_app
from harness.inprocess import Account
from harness.served_app import ServedApp

ROOT = Path(__file__).resolve().parents[2]
GARDEN = "A serene Japanese garden with cherry blossoms and a koi pond"


@pytest.fixture(scope="module")
def server(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[ServedApp]:
    folder = tmp_path_factory.mktemp("previews")
    with served_app.opened(server_url, template, ROOT, folder, CAVENDISH_ROUTES="nano-banana-2=sketch") as opened:
        yield opened


@pytest.fixture
def account(server: ServedApp) -> Account:
    return server.account(credits=100)


@pytest.fixture
def client(server: ServedApp, account: Account) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=account.key, base_url=f"{server.url}/v1", max_retries=0) as client:
        yield client


def opened(event: Any) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(event.b64_json, validate=True)))
    image.load()
    assert event.size == "{}x{}".format(*image.size)
    assert event.output_format == (image.format or "").lower()
    return image.convert("RGB")


def apart(one: Image.Image, other: Image.Image) -> float:
    first, second = (np.asarray(image.resize((64, 64))).astype(float) for image in (one, other))
    return float(np.abs(first - second).mean())


def test_a_picture_comes_into_being(client: openai.OpenAI, server: ServedApp, account: Account) -> None:
    # Large, so that the last of them is there long before the picture.
    more = {"extra_body": {"image_quality": "2K", "seed": 3}}
    with client.images.generate(prompt=GARDEN, stream=True, partial_images=3, **more) as events:  # type: ignore[arg-type]
        *partial, completed = list(events)

    assert isinstance(completed, ImageGenCompletedEvent)
    assert [event.partial_image_index for event in partial] == [0, 1, 2]
    for event in partial:
        assert isinstance(event, ImageGenPartialImageEvent)
        ImageGenPartialImageEvent.model_validate(event.model_dump(), strict=True)
    final = opened(completed)
    distances = [apart(opened(event), final) for event in partial]
    assert distances == sorted(distances, reverse=True) and distances[0] > 2 * distances[-1]
    assert max(opened(partial[0]).size) == 512
    balance, held = server.balance(account)
    assert (balance, held) == (100 - completed.creditsCharged, 0)  # type: ignore[attr-defined]
    assert {row["kind"] for row in server.fetch("SELECT kind FROM cavendish.ledger WHERE account_id = $1", account.id)} == {
        "grant", "hold", "capture"
    }  # fmt: skip


def test_an_edit_shows_what_is_being_changed(client: openai.OpenAI) -> None:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "PNG")
    more = {"extra_body": {"image_quality": "2K"}}
    with client.images.edit(
        prompt="as a watercolor", image=("a.png", file.getvalue()), stream=True, partial_images=2, **more  # type: ignore[arg-type]
    ) as events:  # fmt: skip
        *partial, completed = list(events)

    assert isinstance(completed, ImageEditCompletedEvent)
    assert [event.partial_image_index for event in partial] == [0]
    ImageEditPartialImageEvent.model_validate(partial[0].model_dump(), strict=True)
    assert apart(opened(partial[0]), opened(completed)) > 1


def test_who_wants_none_gets_the_picture_alone(client: openai.OpenAI) -> None:
    with client.images.generate(prompt=GARDEN, stream=True, partial_images=0) as events:
        found = list(events)

    assert [event.type for event in found] == ["image_generation.completed"]


def test_more_than_three_are_refused(client: openai.OpenAI, server: ServedApp, account: Account) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(prompt=GARDEN, stream=True, partial_images=4)

    assert refused.value.param == "partial_images"
    assert server.balance(account) == (100, 0)


def test_nothing_is_left_of_them_behind_the_picture(server: ServedApp, client: openai.OpenAI) -> None:
    with client.images.generate(prompt=GARDEN, stream=True, partial_images=3) as events:
        list(events)

    left = [True]
    for _ in range(100):  # the sweep comes every two seconds
        left = server.fetch("SELECT pg_sleep(0.1) FROM cavendish.previews LIMIT 1")
        if not left:
            break
    assert left == []
