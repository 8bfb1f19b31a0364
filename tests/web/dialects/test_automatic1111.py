"""Automatic1111's API: what its clients send, and what they read."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import httpx2
import pytest
from cavendish_test_engines import script
from cavendish_test_engines.png import png
from PIL import Image

from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

SD = "/sdapi/v1"
LISTS = ("sd-models", "samplers", "schedulers", "upscalers", "latent-upscale-modes", "sd-vae", "sd-modules")
# SillyTavern 1.13, source `auto`
SILLY = {
    "prompt": "a lake", "negative_prompt": "blurry", "sampler_name": "Euler a", "scheduler": "automatic", "steps": 20,
    "cfg_scale": 7, "width": 512, "height": 768, "restore_faces": False, "enable_hr": False, "hr_upscaler": "Latent",
    "hr_scale": 2, "denoising_strength": 0.7, "hr_second_pass_steps": 0, "seed": -1, "clip_skip": 1,
    "save_images": True, "send_images": True, "do_not_save_grid": False, "do_not_save_samples": False,
    "override_settings": {"CLIP_stop_at_last_layers": 1},
}  # fmt: skip
# Open WebUI 0.12, engine automatic1111
OPEN_WEBUI = {"prompt": "a lake", "batch_size": 2, "width": 512, "height": 512, "negative_prompt": ""}
# LibreChat's tool stable-diffusion
LIBRECHAT = {
    "prompt": "a lake", "negative_prompt": "", "sampler_index": "DPM++ 2M Karras", "cfg_scale": 4.5, "steps": 22,
    "width": 1024, "height": 1024,
}  # fmt: skip


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


def basic(account: Account, user: str = "user") -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{account.key}'.encode()).decode()}"}


async def ask(app: App, account: Account, body: Any, name: str = "txt2img") -> httpx2.Response:
    return await app.client.post(f"{SD}/{name}", json=body, headers=basic(account), timeout=30)


def made(answer: httpx2.Response) -> list[Image.Image]:
    assert answer.status_code == 200, answer.text
    found = [Image.open(io.BytesIO(base64.b64decode(one, validate=True))) for one in answer.json()["images"]]
    assert {image.format for image in found} == {"PNG"}
    return found


def refused(answer: httpx2.Response, status: int, code: str) -> str:
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, code), answer.text
    assert set(told) == {"error", "detail", "errors", "body"} and told["detail"] == told["errors"]
    return str(told["detail"])


async def test_sillytavern_has_its_size_and_hears_what_was_not_honoured(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, SILLY)

    [image] = made(answer)
    assert image.size == (512, 768)
    assert answer.headers["cavendish-warning"].startswith("negative_prompt was ignored")
    assert "cfg_scale" in answer.headers["cavendish-ignored"]
    assert await working.balance(account) == (96, 0)


async def test_open_webui_has_its_batch(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, OPEN_WEBUI)

    assert [image.size for image in made(answer)] == [(512, 512)] * 2
    assert await working.balance(account) == (92, 0)


async def test_librechat_reads_the_info(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**LIBRECHAT, "seed": 7, "n_iter": 2})

    assert len(made(answer)) == 2
    info = json.loads(answer.json()["info"])
    assert (info["width"], info["height"], info["seed"], info["all_seeds"]) == (1024, 1024, 7, [7, 8])
    assert info["infotexts"][0] == "a lake\nSeed: 7, Size: 1024x1024, Model: nano-banana-2"
    assert (info["creditsCharged"], info["creditsRemaining"], len(info["generationIds"])) == (8, 92, 2)


async def test_a_picture_sent_is_edited(working: App) -> None:
    account = await working.account(credits=100)
    picture = base64.b64encode(png(60, 30)).decode()
    for sent in (picture, f"data:image/png;base64,{picture}"):
        answer = await ask(working, account, {**OPEN_WEBUI, "batch_size": 1, "init_images": [sent]}, "img2img")

        [generation_id] = json.loads(answer.json()["info"])["generationIds"]
        assert made(answer)[0].size == (512, 512) and (await working.row(generation_id))["mode"] == "edit"


async def test_what_they_look_at_first_is_there(app: App) -> None:
    account = await app.account()

    found = {name: (await app.client.get(f"{SD}/{name}", headers=basic(account))).json() for name in LISTS}
    options = (await app.client.get(f"{SD}/options", headers=basic(account))).json()
    chosen = await ask(app, account, {**options, "sd_model_checkpoint": "nano-banana-2"}, "options")

    assert found["sd-models"] == [{"title": "nano-banana-2", "model_name": "nano-banana-2"}]
    assert all(one["name"] for one in found["samplers"] + found["schedulers"] + found["upscalers"])
    assert options["sd_model_checkpoint"] == "nano-banana-2" and "forge_preset" not in options
    assert chosen.status_code == 200


@pytest.mark.parametrize("fields", [{}, {"override_settings": {"live_previews_enable": False}}])
async def test_progress_shows_how_the_picture_looks_by_now(working: App, fields: dict[str, Any]) -> None:
    account, other = await working.account(), await working.account()
    wanted = not fields
    asked = asyncio.create_task(
        ask(working, account, {**OPEN_WEBUI, "prompt": "shows=2 gate=a", "batch_size": 1, **fields})
    )

    async def looked(who: Account, more: str = "") -> Any:
        return (await working.client.get(f"{SD}/progress{more}", headers=basic(who))).json().get("current_image")

    async with asyncio.timeout(20):
        while await working.services.db.fetchval("SELECT count(*) FROM cavendish.previews") < 2 and wanted:
            await asyncio.sleep(0.01)
        while not await working.services.db.fetchval("SELECT count(*) FROM cavendish.generations WHERE fence = 1"):
            await asyncio.sleep(0.01)
    shown, skipped, foreign = (
        await looked(account),
        await looked(account, "?skip_current_image=true"),
        await looked(other),
    )
    script.GATES["a"].set()
    made(await asked)
    script.GATES.clear()

    assert (shown is not None, skipped, foreign) == (wanted, None, None)
    if wanted:
        assert Image.open(io.BytesIO(base64.b64decode(shown, validate=True))).size == (11, 10), "the newest"
    assert await looked(account) is None, "behind the end there is the picture"


async def test_progress_is_that_of_what_is_under_way_and_an_interrupt_stops_nothing(app: App) -> None:
    account, other = await app.account(), await app.account()
    idle = (await app.client.get(f"{SD}/progress", headers=basic(account))).json()
    generation_id = await app.submit(account)
    await app.services.db.fetch("UPDATE cavendish.generations SET progress = 40")

    assert (await ask(app, account, {}, "interrupt")).status_code == 200
    busy = (await app.client.get(f"{SD}/progress", headers=basic(account))).json()
    others = (await app.client.get(f"{SD}/progress", headers=basic(other))).json()

    assert (idle["progress"], idle["state"]["job_count"]) == (0, 0)
    assert (busy["progress"], busy["state"]["job_count"]) == (0.4, 1)
    assert others == idle
    assert (await app.check(account, generation_id)).json()["status"] == "pending"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({}, 400, "INVALID_PROMPT"),
        ({"prompt": " "}, 400, "INVALID_PROMPT"),
        ({**LIBRECHAT, "width": 8}, 400, "INVALID_INPUT"),
        ({**LIBRECHAT, "width": "wide"}, 400, "INVALID_INPUT"),
        ({**LIBRECHAT, "batch_size": 11}, 400, "INVALID_INPUT"),
        ({**LIBRECHAT, "batch_size": 4, "n_iter": 3}, 400, "INVALID_INPUT"),
        ({**LIBRECHAT, "seed": -2}, 400, "INVALID_INPUT"),
        ({**LIBRECHAT, "mask": "AAAA"}, 400, "INVALID_INPUT"),
        ({**LIBRECHAT, "override_settings": {"sd_model_checkpoint": "sdxl"}}, 404, "NOT_FOUND"),
    ],
)
async def test_a_refusal_is_in_their_words_and_holds_nothing(app: App, sent: Any, status: int, code: str) -> None:
    account = await app.account(credits=100)

    refused(await ask(app, account, sent), status, code)
    refused(await ask(app, account, LIBRECHAT, "img2img"), 400, "MISSING_INPUT_IMAGE")

    assert await app.balance(account) == (100, 0)


async def test_a_picture_that_fails_is_given_back(working: App) -> None:
    account, poor = await working.account(credits=100), await working.account(credits=3)

    refused(await ask(working, account, {"prompt": "blocked"}), 400, "CONTENT_BLOCKED")
    refused(await ask(working, account, {"prompt": "rejected"}), 502, "GENERATION_FAILED")
    refused(await ask(working, poor, LIBRECHAT), 402, "INSUFFICIENT_CREDITS")

    assert await working.balance(account) == (100, 0)


async def test_a_password_is_a_key_on_these_paths_alone(app: App) -> None:
    account = await app.account()
    for headers in (basic(account), basic(account, ""), account.headers, {"x-api-key": account.key}):
        assert (await app.client.get(f"{SD}/options", headers=headers)).status_code == 200
    for value in (
        "Basic",
        "Basic !",
        "Basic YQ==",
        f"Basic {base64.b64encode(account.key.encode()).decode()}",
        "Basic /w==",
    ):
        refused(await app.client.get(f"{SD}/options", headers={"Authorization": value}), 401, "LOGIN_REQUIRED")
    for path in ("/v1/models", "/api/v1/credits"):
        assert (await app.client.get(path, headers=basic(account))).status_code == 401


async def test_a_key_is_asked_for_in_the_way_these_clients_know(app: App) -> None:
    options = await app.client.get(f"{SD}/options")
    elsewhere = [await app.client.get(path) for path in ("/v1/models", "/api/v1/credits")]

    assert options.headers["www-authenticate"] == 'Basic realm="cavendish"'
    assert {answer.headers["www-authenticate"] for answer in elsewhere} == {'Bearer realm="cavendish"'}


FOREIGN = ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
           {"Sec-Fetch-Site": "same-site"})  # fmt: skip


@pytest.mark.parametrize("said", FOREIGN)
async def test_a_password_that_a_browser_remembers_is_not_spent_by_another_sites_page(
    working: App, said: dict[str, str]
) -> None:
    account = await working.account(credits=100)
    own = {"Origin": working.settings.public_url, "Sec-Fetch-Site": "same-origin"}

    sent = await working.client.post(f"{SD}/txt2img", json=LIBRECHAT, headers={**basic(account), **said})
    looked = await working.client.get(f"{SD}/options", headers={**basic(account), **said})
    by_key = await working.client.get(f"{SD}/options", headers={**account.headers, **said})
    from_here = await working.client.get(f"{SD}/options", headers={**basic(account), **own})

    assert "another site" in refused(sent, 403, "FORBIDDEN") and refused(looked, 403, "FORBIDDEN")
    assert (by_key.status_code, from_here.status_code) == (200, 200)
    assert await working.balance(account) == (100, 0)
