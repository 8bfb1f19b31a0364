"""The catalogue of models: true to prices, sizes and engines here, as OpenAI's client reads it and in the house style."""

from __future__ import annotations

import dataclasses
import os
import uuid
from typing import Any

import httpx2
import openai
import pytest

from cavendish import errors
from cavendish.engines.base import Capabilities
from cavendish.errors import DatabaseUnavailable
from cavendish.models import MODELS, RATIOS, Mode, Quality
from cavendish.settings import Settings
from cavendish.stores import workers
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

HOUSE, OPENAI = "/api/v1/models", "/v1/models"
NARROW = Capabilities(
    modes=(Mode.GENERATE,), aspect_ratios=("1:1", "16:9"), image_qualities=(Quality.ONE_K,), seed=False
)


async def get(app: App, path: str, account: Account | None = None) -> httpx2.Response:
    answer: httpx2.Response = await app.client.get(path, headers=account.headers if account else {})
    return answer


def refusal(answer: httpx2.Response, status: int, code: str, kind: str = "invalid_request_error") -> str:
    """An error in OpenAI's shape; its message."""
    error = answer.json()["error"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.status_code == status
    assert set(answer.json()) == {"error"} and set(error) - {"param"} == {"message", "type", "code"}
    assert (error["type"], error["code"]) == (kind, code)
    assert error.get("param") == ("model" if code == "model_not_found" else None)
    return str(error["message"])


def client(app: App, key: str) -> openai.AsyncOpenAI:
    transport = type(app.client._transport)(app=app.client._transport.app)  # type: ignore[attr-defined,call-arg]
    http = openai.DefaultAsyncHttpxClient(transport=transport)
    return openai.AsyncOpenAI(api_key=key, base_url="http://cavendish.test/v1", http_client=http, max_retries=0)


async def told(app: App, **engines: Capabilities) -> None:
    async with app.services.db.connection() as connection:
        await workers.seen(connection, uuid.uuid4(), "a-host", os.getpid(), {}, engines)
    app.services.known_engines.forget()


async def test_openais_client_lists_and_finds_the_models(shared: App) -> None:
    ask = client(shared, (await shared.account()).key)

    listed = [model async for model in ask.models.list()]
    one = await ask.models.retrieve("nano-banana-pro")

    assert [model.id for model in listed[:2]] == list(MODELS)
    assert {(model.object, model.owned_by, type(model.created)) for model in listed} == {("model", "cavendish", int)}
    assert one == listed[1]


async def test_openais_client_understands_the_errors(shared: App) -> None:
    with pytest.raises(openai.AuthenticationError) as wrong_key:
        await client(shared, "sk-none").models.list()
    with pytest.raises(openai.NotFoundError) as unknown:
        await client(shared, (await shared.account()).key).models.retrieve("llama-3")

    assert wrong_key.value.code == "invalid_api_key"
    assert unknown.value.code == "model_not_found"
    assert "'llama-3' does not exist here" in str(unknown.value)


async def test_without_a_key_openais_list_is_refused_and_the_houses_is_public(shared: App) -> None:
    refused, listed = await get(shared, OPENAI), await get(shared, HOUSE)

    assert "Authorization: Bearer" in refusal(refused, 401, "invalid_api_key")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    models = expect.success(listed)["models"]
    assert [model["name"] for model in models] == list(MODELS)
    assert not any("engines" in model for model in models), "who is behind it is for those who have a key"


async def test_every_size_has_its_pixels_and_its_price(shared: App) -> None:
    account = await shared.account()
    house = expect.success(await get(shared, HOUSE, account))["models"][0]
    other = (await get(shared, f"{OPENAI}/nano-banana-2", account)).json()

    assert house["prices"] == {"1K": 4, "2K": 8, "4K": 16}
    assert (house["modes"], house["imagesMax"]) == (["generate", "edit"], 14)
    assert len(house["sizes"]) == len(other["sizes"]) == len(RATIOS) * 3
    assert {"aspectRatio": "16:9", "imageQuality": "2K", "width": 2752, "height": 1536} in house["sizes"]
    assert {"size": "2752x1536", "aspect_ratio": "16:9", "image_quality": "2K", "credits": 8} in other["sizes"]
    assert house["engines"] == other["engines"] == ["script", "backup"]


async def test_what_no_engine_here_can_make_is_not_offered(app: App) -> None:
    account = await app.account()
    await told(app, script=NARROW, backup=NARROW, instant=Capabilities(input_images_max=3, search=True))

    two, pro = expect.success(await get(app, HOUSE, account))["models"]

    assert (two["modes"], two["seed"], two["googleSearch"], two["prices"]) == (["generate"], False, False, {"1K": 4})
    assert {size["aspectRatio"] for size in two["sizes"]} == {"1:1", "16:9"}
    assert (pro["imagesMax"], pro["seed"], pro["googleSearch"]) == (3, True, True)


@pytest.mark.parametrize("options", [{"routes": "nano-banana-pro=instant;of-a-route-only=script"}])
async def test_only_models_that_have_a_path_and_a_route_are_listed(app: App) -> None:
    account = await app.account()

    listed = [model["id"] for model in (await get(app, OPENAI, account)).json()["data"]]
    assert listed == ["nano-banana-pro", "gemini-3-pro-image", "gemini-3-pro-image-preview"]
    refusal(await get(app, f"{OPENAI}/of-a-route-only", account), 404, "model_not_found")


@pytest.mark.parametrize("options", [{"show_engines": "false", "search_url": "http://127.0.0.1:9"}])
async def test_an_operator_may_hide_the_engines(app: App) -> None:
    account = await app.account()

    house = expect.success(await get(app, HOUSE, account))["models"]
    other = (await get(app, OPENAI, account)).json()["data"]
    me = expect.success(await get(app, "/api/v1/me", account))

    assert not any("engines" in model for model in [*house, *other])
    assert me["engines"] == {}
    assert house[0]["googleSearch"] is True, "the service searches where the engines do not"


async def test_a_key_that_is_not_good_is_refused_by_the_public_list_too(shared: App) -> None:
    answer = await shared.client.get(HOUSE, headers={"x-api-key": "cav_live_none"})

    expect.refusal(answer, errors.LoginRequired)


async def test_trouble_has_openais_shape_too(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await app.account()

    async def raised(error: Exception) -> httpx2.Response:
        async def failing(*_: object, **__: object) -> Any:
            raise error

        monkeypatch.setattr(app.client._transport.app._app.state.web.services.authenticator, "caller", failing)  # type: ignore[attr-defined]
        return await get(app, OPENAI, account)

    refusal(await raised(DatabaseUnavailable("away")), 503, "service_busy", "server_error")
    refusal(await raised(ZeroDivisionError("secret")), 500, "internal_error", "server_error")


async def test_another_method_has_it_too_and_an_unknown_path_beside_it_has_the_houses(shared: App) -> None:
    posted = await shared.client.post(OPENAI)

    refusal(posted, 405, "method_not_allowed")
    assert posted.headers["allow"] == "GET"
    expect.refusal(await get(shared, "/v1/nothing"), errors.NotFound)


async def test_nothing_is_offered_that_would_be_refused(app: App) -> None:
    """Two engines that can different things: what each can by itself, and no mixture of both."""
    square = Capabilities(modes=(Mode.GENERATE,), aspect_ratios=("1:1",))
    wide = Capabilities(aspect_ratios=("8:1",), image_qualities=(Quality.ONE_K,), input_images_max=1)
    async with app.services.db.connection() as connection:
        engines = {"script": square, "backup": wide}
        await workers.seen(connection, uuid.uuid4(), "a-host", os.getpid(), {}, engines)
    app.services.known_engines.forget()
    account = await app.account(credits=1000)

    [offer] = [entry for entry in (await get(app, HOUSE)).json()["models"] if entry["name"] == "nano-banana-2"]

    offered = {(size["aspectRatio"], size["imageQuality"]) for size in offer["sizes"]}
    assert offered == {("1:1", "1K"), ("1:1", "2K"), ("1:1", "4K"), ("8:1", "1K")}
    assert offer["imagesMax"] == 1
    for ratio in RATIOS:
        for quality in Quality:
            answer = await app.generate(account, aspectRatio=ratio, imageQuality=quality.value)
            assert (answer.status_code == 200) == ((ratio, quality.value) in offered), (ratio, quality)


async def test_where_nothing_can_be_edited_no_input_image_is_offered(app: App) -> None:
    async with app.services.db.connection() as connection:
        engines = {name: Capabilities(modes=(Mode.GENERATE,)) for name in ("script", "backup")}
        await workers.seen(connection, uuid.uuid4(), "a-host", os.getpid(), {}, engines)
    app.services.known_engines.forget()

    [offer] = [entry for entry in (await get(app, HOUSE)).json()["models"] if entry["name"] == "nano-banana-2"]

    assert (offer["modes"], offer["imagesMax"]) == (["generate"], 0)


@pytest.mark.parametrize("options", [{"routes": "nano-banana-2=sketch;nano-banana-pro=script,sketch"}])
@pytest.mark.parametrize("hidden", ["true", "false"])
async def test_that_the_preview_engine_draws_is_told_to_who_may_order(settings: Settings, hidden: str) -> None:
    async with App.started(dataclasses.replace(settings, show_engines=hidden == "true")) as app:
        account = await app.account()
        house = expect.success(await get(app, HOUSE, account))["models"]
        other = (await get(app, OPENAI, account)).json()["data"]
        public = expect.success(await get(app, HOUSE))["models"]

    assert [model["sketch"] for model in house] == [model["sketch"] for model in other[:2]] == ["always", "failover"]
    assert ["engines" in model for model in house] == [hidden == "true"] * 2
    assert not any("sketch" in model for model in public)


async def test_a_model_that_the_preview_engine_has_no_part_in_says_nothing_of_it(shared: App) -> None:
    assert not any("sketch" in model for model in (await get(shared, OPENAI, await shared.account())).json()["data"])
