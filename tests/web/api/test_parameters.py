"""The parameter table of the API text, row by row: types, defaults, limits, and both sides of each rule."""

from __future__ import annotations

import json

import httpx2
import orjson
import pytest

from cavendish.errors import (
    ApiError,
    ImageUrlsRequired,
    InvalidInput,
    InvalidPrompt,
    MissingInputImage,
    PayloadTooLarge,
    TooManyImages,
)
from cavendish.models import PIXELS_1K, RATIOS, SEED_MAX
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

PRO = "/api/nano-banana-pro"
URL = "https://images.example.com/a.png"


@pytest.fixture
async def account(shared: App) -> Account:
    return await shared.account(credits=100_000)


async def post(app: App, account: Account, path: str = PATH, **fields: object) -> httpx2.Response:
    """Exactly these fields: nothing is added."""
    return await app.post(f"{path}/generate", fields, account)


async def stored(app: App, answer: httpx2.Response) -> dict[str, object]:
    """The row that an accepted submission became."""
    return dict(await app.row(expect.success(answer)["generationId"]))


# --- defaults


async def test_prompt_and_mode_are_enough_and_the_rest_has_the_documented_defaults(
    shared: App, account: Account
) -> None:
    row = await stored(shared, await post(shared, account, prompt="a lake", mode="generate"))

    assert row["aspect_ratio"] == "16:9"
    assert row["image_quality"] == "1K"
    assert row["google_search"] is False
    assert row["input_image_urls"] == []
    assert row["seed"] is None
    assert row["model"] == "nano-banana-2"


async def test_null_means_absent(shared: App, account: Account) -> None:
    fields = {"aspectRatio": None, "imageQuality": None, "googleSearch": None, "inputImageUrls": None, "seed": None}
    row = await stored(shared, await post(shared, account, prompt="a lake", mode="generate", **fields))

    assert (row["aspect_ratio"], row["image_quality"], row["google_search"]) == ("16:9", "1K", False)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"prompt": None, "mode": "generate"}, InvalidPrompt),
        ({"prompt": "a lake", "mode": None}, InvalidInput),
        ({"prompt": "a lake", "mode": "edit", "inputImageUrls": None}, MissingInputImage),
    ],
)
async def test_a_required_field_that_is_null_is_missing(
    shared: App, account: Account, fields: dict[str, object], error: type[ApiError]
) -> None:
    expect.refusal(await post(shared, account, **fields), error)


async def test_unknown_fields_are_ignored(shared: App, account: Account) -> None:
    fields = {
        "model": "gpt-image-2",
        "negative_prompt": "people",
        "width": 1024,
        "price": 0,
        "credits": 1_000_000,
        "account_id": 1,
        "state": "completed",
        "fence": 99,
        "isAdmin": True,
    }
    answer = await post(shared, account, prompt="a lake", mode="generate", **fields)

    row = await stored(shared, answer)
    assert (row["price"], row["account_id"]) == (4, account.id)
    assert row["fence"] < 99, "a worker may have taken it by now, and made it"
    assert "warnings" not in answer.json()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "nonsense", ""])
async def test_any_content_type_is_taken(shared: App, account: Account, content_type: str) -> None:
    body = orjson.dumps({"prompt": "a lake", "mode": "generate"})
    answer = await shared.post(f"{PATH}/generate", body, account, headers={"Content-Type": content_type})

    expect.success(answer)


# --- prompt


@pytest.mark.parametrize("prompt", ["", " ", "\n\t ", "\u3000\u2003", 7, True, [], {}, ["a lake"], 1.5])
async def test_a_prompt_that_is_empty_or_no_string_is_refused(shared: App, account: Account, prompt: object) -> None:
    expect.refusal(await post(shared, account, prompt=prompt, mode="generate"), InvalidPrompt, "prompt")


async def test_a_missing_prompt_is_refused(shared: App, account: Account) -> None:
    expect.refusal(await post(shared, account, mode="generate"), InvalidPrompt)


async def test_a_prompt_has_at_most_20000_characters(shared: App, account: Account) -> None:
    longest = "ä" * 20_000

    row = await stored(shared, await post(shared, account, prompt=longest, mode="generate"))
    assert row["prompt"] == longest
    expect.refusal(await post(shared, account, prompt=longest + "ä", mode="generate"), InvalidPrompt, "20001", "20000")


def longest_body(prompt: str) -> bytes:
    """Everything that may be asked, as long as it may be, and written as long as JSON can write it."""
    urls = [f"https://images.example.com/{number:02}/".ljust(2048, "a") for number in range(14)]
    fields = {"aspectRatio": "21:9", "imageQuality": "4K", "googleSearch": True, "seed": SEED_MAX}
    text = json.dumps({"prompt": prompt, "mode": "edit", **fields, "inputImageUrls": urls}, indent=2)
    return text.replace("/", r"\/").encode()


@pytest.mark.parametrize("character", ["a", "ä", "湖", "😀"])
async def test_20000_characters_fit_however_they_are_written(shared: App, account: Account, character: str) -> None:
    """JSON may write an emoji as two escapes, 12 bytes for one character, and Python does."""
    body = longest_body(character * 20_000)

    row = await stored(shared, await shared.post(f"{PATH}/generate", body, account))

    assert row["prompt"] == character * 20_000
    assert len(row["input_image_urls"]) == 14


async def test_a_body_of_more_than_320_kib_is_refused_with_the_way_out(shared: App, account: Account) -> None:
    head = b'{"prompt":"a lake","mode":"generate","pad":"'
    fits = head + b"x" * (320 * 1024 - len(head) - 2) + b'"}'

    expect.success(await shared.post(f"{PATH}/generate", fits, account))
    answer = await shared.post(f"{PATH}/generate", fits + b" ", account)
    expect.refusal(answer, PayloadTooLarge, "320 KiB", "inputImageUrls")


# --- mode, aspectRatio, imageQuality, googleSearch, seed


@pytest.mark.parametrize("mode", ["GENERATE", "text", "", 1, True, [], {}, ["generate"], "generate "])
async def test_an_unknown_mode_is_refused_and_the_allowed_ones_are_named(
    shared: App, account: Account, mode: object
) -> None:
    expect.refusal(await post(shared, account, prompt="a lake", mode=mode), InvalidInput, "mode", "generate", "edit")


async def test_a_missing_mode_is_refused(shared: App, account: Account) -> None:
    expect.refusal(await post(shared, account, prompt="a lake"), InvalidInput, "mode is required")


def test_the_four_documented_ratios_and_ten_more_are_offered() -> None:
    assert {"16:9", "9:16", "4:3", "3:4"} < set(RATIOS)
    assert len(RATIOS) == 14


@pytest.mark.parametrize("ratio", RATIOS)
async def test_each_ratio_is_accepted_and_delivered(shared: App, account: Account, ratio: str) -> None:
    answer = await post(shared, account, prompt="a lake", mode="generate", aspectRatio=ratio)
    ended = await shared.ended(account, expect.success(answer)["generationId"])

    assert (ended["width"], ended["height"]) == PIXELS_1K[ratio]


@pytest.mark.parametrize("ratio", ["2:1", "16x9", "16:9 ", "", "auto", 1.78, 16, True, ["16:9"], {"16": 9}])
async def test_an_unknown_ratio_is_refused_and_all_allowed_ones_are_named(
    shared: App, account: Account, ratio: object
) -> None:
    answer = await post(shared, account, prompt="a lake", mode="generate", aspectRatio=ratio)

    expect.refusal(answer, InvalidInput, "aspectRatio", *RATIOS)


@pytest.mark.parametrize(
    ("field", "value", "meant"),
    [("aspectRatio", "2:1", "16:9"), ("imageQuality", "HD", "1K"), ("mode", "Edit", "edit")],
)
@pytest.mark.parametrize("path", [PATH, "/api/nano-banana-pro"])
async def test_an_unknown_value_is_refused_with_the_nearest_that_is_allowed(
    shared: App, account: Account, path: str, field: str, value: str, meant: str
) -> None:
    answer = await shared.generate(account, path=path, **{field: value})

    expect.refusal(answer, InvalidInput, f"{field} '{value}' is not valid", f"; {meant} is nearest")


@pytest.mark.parametrize(("quality", "price"), [("1K", 4), ("2K", 8), ("4K", 16)])
async def test_each_quality_has_its_price_in_credits(shared: App, account: Account, quality: str, price: int) -> None:
    before, _ = await shared.balance(account)
    answer = await post(shared, account, prompt="sleep=5", mode="generate", imageQuality=quality)

    body = expect.success(answer)
    assert body["creditsHeld"] == price
    assert body["creditsRemaining"] == before - price
    assert await shared.balance(account) == (before - price, price)


@pytest.mark.parametrize("quality", ["HD", "1k", "8K", "", 1, 1024, True, ["1K"]])
async def test_an_unknown_quality_is_refused_and_the_allowed_ones_are_named(
    shared: App, account: Account, quality: object
) -> None:
    answer = await post(shared, account, prompt="a lake", mode="generate", imageQuality=quality)

    expect.refusal(answer, InvalidInput, "imageQuality", "1K", "2K", "4K")


@pytest.mark.parametrize("flag", [True, False])
async def test_google_search_is_a_boolean(shared: App, account: Account, flag: bool) -> None:
    row = await stored(shared, await post(shared, account, prompt="a lake", mode="generate", googleSearch=flag))

    assert row["google_search"] is flag


@pytest.mark.parametrize("flag", ["true", 1, 0, "", [], {}])
async def test_what_looks_like_a_boolean_is_refused(shared: App, account: Account, flag: object) -> None:
    answer = await post(shared, account, prompt="a lake", mode="generate", googleSearch=flag)

    expect.refusal(answer, InvalidInput, "googleSearch", "true or false")


@pytest.mark.parametrize("seed", [0, 1, 42, SEED_MAX, 7.0, -0.0])
async def test_a_seed_is_taken_and_shown(shared: App, account: Account, seed: int) -> None:
    answer = await post(shared, account, prompt="a lake", mode="generate", seed=seed)
    ended = await shared.ended(account, expect.success(answer)["generationId"])

    assert ended["seed"] == seed


@pytest.mark.parametrize(
    "seed", [-1, SEED_MAX + 1, 2**53 + 1, 2**63, 2**64, -1.0, 4294967296.0, 1e300, 1.5, "1", True, [1], {}]
)
async def test_a_seed_outside_0_to_2_32_is_refused(shared: App, account: Account, seed: object) -> None:
    answer = await shared.post(
        f"{PATH}/generate",
        b'{"prompt":"a lake","mode":"generate","seed":'
        + (str(seed).encode() if type(seed) is int else orjson.dumps(seed))
        + b"}",
        account,
    )

    expect.refusal(answer, InvalidInput, "seed", "0 to 4294967295")


# --- input images


@pytest.mark.parametrize(("path", "most"), [(PATH, 14), (PRO, 8)])
async def test_edit_takes_up_to_its_models_number_of_images(
    shared: App, account: Account, path: str, most: int
) -> None:
    accepted = await post(shared, account, path, prompt="a lake", mode="edit", inputImageUrls=[URL] * most)
    refused = await post(shared, account, path, prompt="a lake", mode="edit", inputImageUrls=[URL] * (most + 1))

    row = await stored(shared, accepted)
    assert row["input_image_urls"] == [URL] * most
    expect.refusal(refused, TooManyImages, str(most + 1), str(most))


@pytest.mark.parametrize("path", [PATH, PRO])
@pytest.mark.parametrize("fields", [{}, {"inputImageUrls": []}, {"inputImageUrls": None}, {"inputImages": []}])
async def test_edit_without_an_image_is_refused(
    shared: App, account: Account, path: str, fields: dict[str, object]
) -> None:
    expect.refusal(await post(shared, account, path, prompt="a lake", mode="edit", **fields), MissingInputImage)


@pytest.mark.parametrize("images", [["iVBORw0KGgo="], "iVBORw0KGgo=", ["data:image/png;base64,iVBORw0KGgo="]])
async def test_base64_in_place_of_urls_is_an_error_of_its_own(shared: App, account: Account, images: object) -> None:
    answer = await post(shared, account, prompt="a lake", mode="edit", inputImages=images)

    expect.refusal(answer, ImageUrlsRequired, "inputImageUrls")


async def test_base64_beside_urls_is_ignored_with_a_warning(shared: App, account: Account) -> None:
    answer = await post(shared, account, prompt="a lake", mode="edit", inputImages=["iVBO"], inputImageUrls=[URL])

    (warning,) = expect.success(answer)["warnings"]
    assert "inputImages" in warning


async def test_input_urls_in_mode_generate_are_ignored_with_a_warning_that_stays(shared: App, account: Account) -> None:
    answer = await post(
        shared, account, prompt="a lake", mode="generate", inputImageUrls=["http://10.0.0.1/", "not a url"]
    )
    ended = await shared.ended(account, expect.success(answer)["generationId"])

    (warning,) = answer.json()["warnings"]
    assert "inputImageUrls" in warning and "edit" in warning
    assert ended["warnings"] == [warning]
    assert (await stored(shared, answer))["input_image_urls"] == []


@pytest.mark.parametrize("urls", [URL, {"0": URL}, [7], [None], [[URL]], [{"url": URL}], 7, True, "", 0, False])
async def test_input_urls_that_are_no_list_of_strings_are_refused(shared: App, account: Account, urls: object) -> None:
    answer = await post(shared, account, prompt="a lake", mode="edit", inputImageUrls=urls)

    expect.refusal(answer, InvalidInput, "inputImageUrls", "list of strings")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://images.example.com/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "gopher://images.example.com/",
        "//images.example.com/a.png",
        "images.example.com/a.png",
        "https://",
        "",
        "https://user:secret@images.example.com/a.png",
        "http://10.0.0.1/a.png",
        "http://192.168.1.1/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/a.png",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://168.63.129.16/",
        "http://100.100.100.200/",
        "http://exa mple.com/",
        "http://example.com\\@10.0.0.1/",
    ],
)
async def test_an_input_url_that_no_worker_may_fetch_is_refused_at_submit(
    shared: App, account: Account, url: str
) -> None:
    before = await shared.balance(account)
    answer = await post(shared, account, prompt="a lake", mode="edit", inputImageUrls=[URL, url])

    body = expect.refusal(answer, InvalidInput, "inputImageUrls[1]")
    assert "secret" not in body["error"]
    assert await shared.balance(account) == before


@pytest.mark.parametrize(
    "url", ["http://cavendish.test/generations/" + "0" * 32 + "-1.png", "http://127.0.0.1:8188/a.png", URL + "?token=1"]
)
async def test_names_allowed_networks_and_our_own_pictures_pass_at_submit(
    shared: App, account: Account, url: str
) -> None:
    expect.success(await post(shared, account, prompt="a lake", mode="edit", inputImageUrls=[url]))


# --- both paths


async def test_either_path_takes_the_same_bodies_and_checks_any_generation(shared: App, account: Account) -> None:
    from_pro = await post(shared, account, PRO, prompt="a lake", mode="generate", imageQuality="1K")
    from_two = await post(shared, account, PATH, prompt="a lake", mode="generate", imageQuality="1K")

    assert (await stored(shared, from_pro))["model"] == "nano-banana-pro"
    for answer in (from_pro, from_two):
        for path in (PATH, PRO):
            shown = expect.success(await shared.check(account, answer.json()["generationId"], path=path))
            assert shown["generationId"] == answer.json()["generationId"]
