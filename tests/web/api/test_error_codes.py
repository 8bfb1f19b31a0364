"""Every row of the API text's error table, the extensions beside it, and the shape that all errors share."""

from __future__ import annotations

import httpx2
import pytest

from cavendish import errors
from cavendish.errors import ApiError
from cavendish.models import RateLimit
from cavendish.stores import generation_lists, generations
from cavendish.web.http import answering, google, openai
from harness import expect
from harness.inprocess import PATH, App

pytestmark = pytest.mark.anyio

UNKNOWN_ID = "0123456789abcdef" * 2

# errorCode | HTTP Status | Description, as it stands in the API text.
TEXT = """
LOGIN_REQUIRED | 401 | Authentication required
API_KEY_RATE_LIMIT_EXCEEDED | 429 | Rate limit exceeded
INSUFFICIENT_CREDITS | 402 | Not enough credits
INVALID_PROMPT | 400 | Prompt is missing or empty
MISSING_INPUT_IMAGE | 400 | Edit mode requires input images
TOO_MANY_IMAGES | 400 | More than 14 input images
IMAGE_URLS_REQUIRED | 400 | API calls require inputImageUrls for edit mode
CREDIT_RESERVATION_FAILED | 500 | Failed to reserve credits
GENERATION_FAILED | 500 | Image generation failed
NOT_FOUND | 404 | Generation ID not found
FORBIDDEN | 403 | Access denied (not your generation)
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in TEXT.strip().splitlines()]


# --- the lists agree


@pytest.mark.parametrize(("code", "status", "description"), ROWS)
def test_each_row_of_the_text_is_an_error_class(code: str, status: str, description: str) -> None:
    error = errors.CODES[code]

    assert (error.status, error.title) == (int(status), description)


def test_the_extensions_have_the_statuses_that_were_decided() -> None:
    decided = {
        "INVALID_INPUT": 400,
        "PAYLOAD_TOO_LARGE": 413,
        "TOO_LATE_TO_CANCEL": 409,
        "IDEMPOTENCY_KEY_REUSED": 422,
        "SERVICE_BUSY": 503,
        "INTERNAL_ERROR": 500,
        "METHOD_NOT_ALLOWED": 405,
        "EXPIRED": 410,
        "DELETED": 410,
        "UNKNOWN_HOST": 421,
        "SAFEGUARD_REFUSED": 200,
    }

    assert {code: errors.CODES[code].status for code in decided} == decided


@pytest.mark.parametrize("error", errors.DECLINED)
def test_what_a_filter_declines_has_the_words_of_every_face(error: type[ApiError]) -> None:
    assert (openai.status(error()), openai.body(error())["error"]["code"]) == (400, "moderation_blocked")
    assert (google.status(error()), google.body(error())["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert (error.ends_generations, error.of_order) == (True, True)
    assert error in answering.ERRORS


def test_every_error_class_is_in_the_list_once() -> None:
    def below(error: type[ApiError]) -> set[type[ApiError]]:
        return {error} | {found for child in error.__subclasses__() for found in below(child)}

    ours = {error for error in below(ApiError) - {ApiError} if error.__module__ == errors.__name__}

    assert set(errors.CODES.values()) == ours
    assert all(code == error.code for code, error in errors.CODES.items())


# --- each row of the text, over HTTP


async def test_login_required(shared: App) -> None:
    answer = await shared.post(f"{PATH}/generate", {"prompt": "a lake", "mode": "generate"})

    expect.refusal(answer, errors.LoginRequired, "Authorization: Bearer")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_api_key_rate_limit_exceeded(shared: App) -> None:
    account = await shared.account(limit=RateLimit(1, 3600))
    await shared.submit(account)

    answer = await shared.generate(account)

    expect.refusal(answer, errors.RateLimitExceeded, "1/hour")


async def test_insufficient_credits(shared: App) -> None:
    account = await shared.account(credits=3)

    answer = await shared.generate(account)

    expect.refusal(answer, errors.InsufficientCredits, "costs 4", "balance is 3")
    assert await shared.balance(account) == (3, 0)


async def test_credits_for_exactly_one_are_enough_for_one(shared: App) -> None:
    account = await shared.account(credits=4)

    await shared.submit(account)
    expect.refusal(await shared.generate(account), errors.InsufficientCredits, "balance is 0")


async def test_invalid_prompt(shared: App) -> None:
    expect.refusal(await shared.generate(await shared.account(), prompt=""), errors.InvalidPrompt)


async def test_missing_input_image(shared: App) -> None:
    expect.refusal(await shared.generate(await shared.account(), mode="edit"), errors.MissingInputImage)


async def test_too_many_images(shared: App) -> None:
    urls = ["https://images.example.com/a.png"] * 15

    answer = await shared.generate(await shared.account(), mode="edit", inputImageUrls=urls)

    expect.refusal(answer, errors.TooManyImages, "15", "14")


async def test_image_urls_required(shared: App) -> None:
    answer = await shared.generate(await shared.account(), mode="edit", inputImages=["iVBORw0KGgo="])

    expect.refusal(answer, errors.ImageUrlsRequired)


async def test_credit_reservation_failed_when_the_database_refuses_and_the_log_says_so_without_the_prompt(
    app: App, capfd: pytest.CaptureFixture[str]
) -> None:
    account = await app.account(credits=10)
    await app.services.db.fetchval(
        "ALTER TABLE cavendish.generations ADD CONSTRAINT planted CHECK (prompt <> 'a secret lake')"
    )

    answer = await app.generate(account, prompt="a secret lake")

    expect.refusal(answer, errors.CreditReservationFailed)
    assert not any(word in answer.text for word in ("planted", "generations_", "secret"))
    assert await app.balance(account) == (10, 0)
    logged = "".join(capfd.readouterr())
    assert "planted" in logged
    assert "secret" not in logged


@pytest.mark.parametrize("options", [{"routes": "nano-banana-pro=instant"}])
async def test_generation_failed_when_the_model_has_no_engine(app: App) -> None:
    account = await app.account(credits=10)

    answer = await app.generate(account)

    expect.refusal(answer, errors.GenerationFailed, "nano-banana-2")
    assert await app.balance(account) == (10, 0)


async def test_not_found(shared: App) -> None:
    expect.refusal(await shared.check(await shared.account(), UNKNOWN_ID), errors.NotFound, "generationId")


async def test_forbidden(shared: App) -> None:
    generation_id = await shared.submit(await shared.account())

    expect.refusal(await shared.check(await shared.account(), generation_id), errors.Forbidden)


@pytest.mark.parametrize("options", [{"fast_lane": "on"}, {"fast_lane": "off"}])
async def test_internal_error_tells_nothing_of_what_went_wrong(
    app: App, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object, **__: object) -> None:
        prompt = "secret of a frame"
        raise ZeroDivisionError(f"{prompt} 0x7f3a /usr/lib SELECT 1")

    account = await app.account()
    generation_id = await app.submit(account)
    monkeypatch.setattr(generations, "poll", broken)
    monkeypatch.setattr(generation_lists, "own", broken)
    monkeypatch.setattr(generations, "get", broken)

    answers = [
        await app.check(account, generation_id),
        await app.client.get("/api/v1/generations", headers=account.headers),
        await app.client.get(f"/api/v1/generations/{UNKNOWN_ID}", headers=account.headers),
    ]

    for answer in answers:
        expect.refusal(answer, errors.InternalError)
        assert not any(word in answer.text for word in ("secret", "0x7f3a", "/usr/lib", "SELECT", "ZeroDivision"))
    logged = "".join(capfd.readouterr())
    assert logged.count("unexpected error") == 3
    assert "/api/v1/generations/{generation_id}" in logged and UNKNOWN_ID not in logged, "the route, not what was sent"
    assert "ZeroDivisionError" in logged and "broken" in logged, "an operator finds where it happened"
    assert "secret" not in logged, "the text and the variables of an exception may hold a prompt"


# --- the shape


@pytest.mark.parametrize("accept", ["application/problem+json", "text/html, application/problem+json;q=0.9"])
async def test_rfc_9457s_media_type_is_there_for_who_asks(shared: App, accept: str) -> None:
    problem = await shared.post(f"{PATH}/generate", {}, headers={"Accept": accept})
    plain = await shared.post(f"{PATH}/generate", {}, headers={"Accept": "*/*"})

    assert problem.headers["content-type"] == "application/problem+json"
    assert plain.headers["content-type"] == "application/json"
    assert expect.any_refusal(problem) == expect.any_refusal(plain)


async def test_an_errors_type_is_an_absolute_address_of_its_documentation(shared: App) -> None:
    body = expect.any_refusal(await shared.post(f"{PATH}/generate", {}))

    assert body["type"] == "http://cavendish.test/docs#LOGIN_REQUIRED"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api/nano-banana-2", f"{PATH}/generate/x", f"{PATH}/Generate", "/generations/", "/api/v1/"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_path_is_404_in_our_shape(shared: App, method: str, path: str) -> None:
    answer = await shared.client.request(method, path)

    body = expect.any_refusal(answer)
    assert (answer.status_code, body["errorCode"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (f"{PATH}/generate", {"POST"}),
        (f"{PATH}/check-status", {"POST"}),
        ("/api/nano-banana-pro/generate", {"POST"}),
        ("/api/v1/credits", {"GET"}),
        ("/api/v1/generations", {"GET", "POST"}),
        (f"/api/v1/generations/{UNKNOWN_ID}", {"DELETE", "GET"}),
        ("/healthz", {"GET", "HEAD"}),
        (f"/generations/{UNKNOWN_ID}-1.png", {"GET", "HEAD"}),
        ("/openapi.json", {"GET", "HEAD"}),
    ],
)
async def test_another_method_is_405_in_our_shape_and_says_what_is_allowed(
    shared: App, path: str, allowed: set[str]
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - allowed:
        answer = await shared.client.request(method, path)

        expect.refusal(answer, errors.MethodNotAllowed)
        assert {word.strip() for word in answer.headers["allow"].split(",")} == allowed


async def test_a_requests_id_is_taken_from_a_proxy_if_it_is_harmless(shared: App) -> None:
    async def answered(sent: str) -> str:
        answer: httpx2.Response = await shared.client.get("/healthz", headers={"X-Request-Id": sent})
        return str(answer.headers["x-request-id"])

    assert await answered("proxy-17.a_B") == "proxy-17.a_B"
    assert await answered("a b") != "a b"
    assert len(await answered("x" * 65)) == 16
