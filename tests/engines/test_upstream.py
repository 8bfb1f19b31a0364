"""The engine `upstream`: submitted once, polled with patience, fetched with patience, told apart when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_helpers import input_image, request

from cavendish import engines
from cavendish.application.work import retry_policy
from cavendish.engines import base, upstream
from cavendish.engines._http import download
from cavendish.errors import ConfigurationError, GenerationFailed
from cavendish.imaging import sniff
from cavendish.models import Grounding, InputImage, Quality, Source
from emulators.gemini_api import picture
from emulators.nano_banana import KEY, NanoBananaApi, refusal, status
from emulators.server import Emulator, Reply
from harness import served_app

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def api() -> Iterator[NanoBananaApi]:
    with NanoBananaApi() as started:
        yield started


@pytest.fixture
async def engine(api: NanoBananaApi, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[base.Engine]:
    monkeypatch.setattr(download, "_WAIT_SECONDS", 0.01)
    loaded = load(api.url)
    yield loaded
    await loaded.close()


def load(url: str, key: str = KEY, **variables: str) -> base.Engine:
    return engines.load(
        "upstream",
        {
            "CAVENDISH_UPSTREAM_BASE_URL": url,
            "CAVENDISH_UPSTREAM_API_KEY": key,
            "CAVENDISH_UPSTREAM_POLL_SECONDS": "0.02",
            **variables,
        },
    )


async def published(image: InputImage) -> str:
    return f"http://127.0.0.1:9/{len(image.data)}.png"


async def test_a_generation_there_is_a_picture_here(api: NanoBananaApi, engine: base.Engine) -> None:
    marks: list[int] = []

    result = await engine.generate(request("a kite", image_quality=Quality.TWO_K, progress=marks.append))

    header = sniff.sniff(result.data)
    assert header is not None
    assert (header.width, header.height) == (2752, 1536)
    assert api.bodies == [
        {"prompt": "a kite", "mode": "generate", "aspectRatio": "16:9", "imageQuality": "2K", "googleSearch": False}
    ]
    assert marks == [40, 80]
    assert not result.again, "it is paid for there, so nobody may order it anew"
    assert (result.model, result.seed, result.warnings, result.grounding) == ("nano-banana-2", None, (), None)


async def test_the_same_try_has_the_same_key_and_an_edit_has_none(api: NanoBananaApi, engine: base.Engine) -> None:
    for _ in range(2):
        await engine.generate(request(reference="a-upstream-0"))
    await engine.generate(request(reference="a-upstream-0", input_images=(input_image(),), publish=published))

    submits = [one for one in api.requests if one.path.endswith("/generate")]
    assert [one.headers.get("idempotency-key") for one in submits] == ["a-upstream-0", "a-upstream-0", None]


async def test_the_pro_model_is_asked_on_its_own_path(api: NanoBananaApi, engine: base.Engine) -> None:
    await engine.generate(request(model="nano-banana-pro"))

    assert [one.path for one in api.requests[:2]] == [
        "/api/nano-banana-pro/generate",
        "/api/nano-banana-pro/check-status",
    ]


async def test_inputs_are_published_and_named_in_their_order(api: NanoBananaApi, engine: base.Engine) -> None:
    images = (input_image(), input_image("image/jpeg"))

    await engine.generate(request(input_images=images, publish=published, seed=7, google_search=True))

    [body] = api.bodies
    assert body["inputImageUrls"] == [await published(image) for image in images]
    assert (body["mode"], body["seed"], body["googleSearch"]) == ("edit", 7, True)


async def test_what_the_server_says_beside_the_picture_is_passed_on_in_bounds(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    api.more = {
        "model": "gemini-nano-banana-2.1",
        "seed": 7,
        "warnings": ["a\x00 b", *["more"] * 50],
        "grounding": {
            "queries": ["kites", 7],
            "sources": [{"title": "T", "url": "https://a.example/"}, {"url": "javascript:1"}, 5],
            "renderedContent": "<b>as it is</b>",
        },
    }

    result = await engine.generate(request())

    assert (result.model, result.seed) == ("gemini-nano-banana-2.1", 7)
    assert result.warnings == ("a b", *["more"] * 9)
    assert result.grounding == Grounding(("kites",), (Source("T", "https://a.example/"),), "<b>as it is</b>")


@pytest.mark.parametrize("more", [{"warnings": 5, "seed": "x", "grounding": [], "model": None}, {"seed": -1}])
async def test_nonsense_beside_the_picture_does_not_cost_the_picture(
    api: NanoBananaApi, engine: base.Engine, more: dict[str, Any]
) -> None:
    api.more = more

    assert (await engine.generate(request())).seed is None


# The submission

REFUSALS: dict[str, tuple[Reply, type[base.EngineError]]] = {
    "login": (refusal(401, "LOGIN_REQUIRED"), base.EngineUnavailable),
    "forbidden": (refusal(403, "FORBIDDEN"), base.EngineUnavailable),
    "not there": (Reply(404, b"<html>"), base.EngineUnavailable),
    "credits": (refusal(402, "INSUFFICIENT_CREDITS"), base.EngineUnavailable),
    "limit": (refusal(429, "API_KEY_RATE_LIMIT_EXCEEDED", Retry_After="3"), base.EngineBusy),
    "reservation": (refusal(500, "CREDIT_RESERVATION_FAILED"), base.EngineBusy),
    "busy": (refusal(503, "SERVICE_BUSY"), base.EngineBusy),
    "prompt": (refusal(400, "INVALID_PROMPT", "Prompt is bad\n"), base.EngineRejected),
    "refused with 200": (
        Reply.json({"success": False, "error": "no", "errorCode": "INVALID_INPUT"}),
        base.EngineRejected,
    ),
    "reset": (Reply(fault="reset"), base.EngineTimeout),
    "garbage": (Reply(200, b"<html>"), base.EngineTimeout),
    "gateway": (Reply(502, b"<html>Bad Gateway"), base.EngineTimeout),
    "gateway timeout": (Reply(504, b"<html>"), base.EngineTimeout),
    "origin timeout": (Reply.json({"error_code": 524, "success": False}, 524), base.EngineTimeout),
    "another's 503": (Reply.json({"error": "no backend"}, 503), base.EngineTimeout),
    "no id": (Reply.json({"success": True}), base.EngineTimeout),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refused_submission_is_its_kind_and_never_sent_again(
    api: NanoBananaApi, engine: base.Engine, name: str
) -> None:
    reply, kind = REFUSALS[name]
    api.submits.append(reply)

    with pytest.raises(base.EngineError) as caught:
        await engine.generate(request())

    assert type(caught.value) is kind
    assert (len(api.bodies), api.asked) == (1, 0)
    assert getattr(caught.value, "sent", True)
    if name == "limit":
        assert caught.value.retry_after_seconds == 3.0  # type: ignore[attr-defined]


async def test_a_server_that_is_not_there_is_busy(api: NanoBananaApi, engine: base.Engine) -> None:
    api.stop()

    with pytest.raises(base.EngineBusy):
        await engine.generate(request())


# The polls


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(503, "SERVICE_BUSY"), refusal(429, "X", Retry_After="0"), Reply(500, b"<html>"), Reply(fault="reset"),
        Reply(200, b"no json"), Reply.json([1]), Reply.json({"status": 5}), status("queued"), status("cancelling"),
        refusal(404, "NOT_FOUND"), refusal(401, "LOGIN_REQUIRED"), Reply(403, b"<html>"),
    ],
    ids=["503", "429", "500", "reset", "no json", "a list", "no word", "queued", "another word", "404", "401", "403"],
)  # fmt: skip
async def test_trouble_with_a_poll_is_no_trouble_with_the_generation(
    api: NanoBananaApi, engine: base.Engine, trouble: Reply
) -> None:
    api.polls.extend([trouble] * 3)

    result = await engine.generate(request())

    assert sniff.whole(result.data)
    assert (len(api.bodies), api.asked) == (1, 6)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status("failed", error="Generation failed"), base.EngineNoImage),
        (status("failed", error="expired", errorCode="EXPIRED"), base.EngineNoImage),
        (status("failed", error="declined", errorCode="CONTENT_BLOCKED"), base.EngineBlocked),
        (status("failed", error="refused", errorCode="SAFEGUARD_REFUSED"), base.EngineBlocked),
        (status("failed", error="unreadable", errorCode="INPUT_IMAGE_FAILED"), base.EngineRejected),
        (status("completed"), base.EngineTimeout),
        (status("completed", imageUrl="file:///etc/passwd"), base.EngineTimeout),
    ],
    ids=["failed", "expired", "blocked", "safeguard", "input", "no url", "no web url"],
)
async def test_an_end_without_a_picture_is_its_kind(
    api: NanoBananaApi, engine: base.Engine, answer: Reply, kind: type[base.EngineError]
) -> None:
    api.polls.append(answer)

    with pytest.raises(base.EngineError) as caught:
        await engine.generate(request())

    assert type(caught.value) is kind
    assert getattr(caught.value, "sent", True)
    assert api.asked == 1


async def test_a_generation_that_the_server_no_longer_knows_is_given_up_and_not_ordered_again(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    api.polls.extend([refusal(404, "NOT_FOUND")] * 1000)

    with pytest.raises(base.EngineTimeout) as caught:
        await engine.generate(request())

    assert caught.value.sent
    assert isinstance(retry_policy.translated(caught.value), GenerationFailed), "no further try"
    assert (len(api.bodies), api.asked) == (1, upstream.LOST_POLLS_MAX)


async def test_a_generation_that_does_not_end_is_given_up_in_time_as_sent(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    api.polls.extend([status("pending")] * 1000)

    with pytest.raises(base.EngineTimeout) as caught:
        await engine.generate(request(timeout_seconds=0.4))

    assert caught.value.sent


# The picture


@pytest.mark.parametrize(
    "trouble",
    [Reply(503), Reply(404), Reply(fault="reset"), Reply(200, b"12345", cut=2)],
    ids=["503", "404", "reset", "cut"],
)
async def test_a_host_that_stumbles_is_asked_again_for_what_is_paid(
    api: NanoBananaApi, engine: base.Engine, trouble: Reply
) -> None:
    api.pictures.extend([trouble] * 3)

    assert sniff.whole((await engine.generate(request())).data)
    assert len(api.bodies) == 1


@pytest.mark.parametrize(
    "reply", [Reply(200, b"<html>"), Reply(200, picture(1376, 768)[:900]), Reply(302, headers={"Location": "/x"})]
)
async def test_what_is_no_whole_picture_is_not_ordered_again(
    api: NanoBananaApi, engine: base.Engine, reply: Reply
) -> None:
    api.pictures.extend([reply] * 9)

    with pytest.raises(base.EngineTimeout) as caught:
        await engine.generate(request())

    assert caught.value.sent, "it is paid for"


async def test_another_host_is_reached_only_where_a_callers_url_would_be(api: NanoBananaApi) -> None:
    with Emulator(lambda _: Reply(200, picture(1376, 768), {"Content-Type": "image/jpeg"})) as elsewhere:
        api.image_url = f"{elsewhere.url}/x.jpg"
        closed = load(api.url)
        opened = load(api.url, CAVENDISH_INPUT_ALLOW_NETWORKS="127.0.0.0/8")

        with pytest.raises(base.EngineTimeout):
            await closed.generate(request())
        assert not elsewhere.requests
        assert sniff.whole((await opened.generate(request())).data)

        assert "authorization" not in elsewhere.requests[0].headers
        await closed.close()
        await opened.close()


# Settings, and where inputs can be fetched


@pytest.mark.parametrize("missing", ["BASE_URL", "API_KEY"])
def test_address_and_key_are_needed(missing: str) -> None:
    environment = {"CAVENDISH_UPSTREAM_BASE_URL": "http://a.example", "CAVENDISH_UPSTREAM_API_KEY": "k"}
    environment.pop(f"CAVENDISH_UPSTREAM_{missing}")

    with pytest.raises(ConfigurationError, match=f"CAVENDISH_UPSTREAM_{missing}"):
        engines.load("upstream", environment)


async def test_inputs_that_the_world_cannot_fetch_are_the_operators_matter() -> None:
    engine = load("https://nanophoto.example")

    with pytest.raises(base.EngineUnavailable, match="cannot reach this service's input images") as caught:
        await engine.generate(request(input_images=(input_image(),), publish=published))

    assert not caught.value.asked, "which says nothing of whether the upstream draws"
    await engine.close()


# Another Cavendish


def test_a_node_of_cavendish_is_an_engine_with_its_words_passed_on(
    server_url: str, template: str, tmp_path: Path
) -> None:
    photo = input_image(size=(64, 48))
    settings = {"CAVENDISH_ROUTES": "nano-banana-2=sketch", "CAVENDISH_INPUT_ALLOW_NETWORKS": "127.0.0.0/8"}
    with (
        Emulator(lambda _: Reply(200, photo.data, {"Content-Type": "image/png"})) as host,
        served_app.opened(server_url, template, ROOT, tmp_path, **settings) as node,
    ):
        account = node.account(credits=100)
        drawn, edited = asyncio.run(_through(load(node.url, account.key), photo, f"{host.url}/photo.png"))

        assert (drawn.model, drawn.seed) == ("sketch-2", 5)
        assert "preview" in drawn.warnings[0]
        assert sniff.whole(edited.data)
        assert len(host.requests) == 1
        assert node.balance(account) == (92, 0)


CANCELLED = {"success": True, "errorCode": "CANCELLED", "creditsCharged": 0}


async def unwanted_once_drawn(engine: base.Engine) -> base.EngineResult:
    """What becomes of a generation that is unwanted after its first poll."""
    wanted = request("a kite", progress=lambda _: wanted.unwanted.set())
    return await engine.generate(wanted)


def asked_to_cancel(api: NanoBananaApi) -> list[str]:
    return [one.path for one in api.requests if one.path.endswith("/cancel")]


async def test_a_cavendish_is_asked_to_cancel_and_what_it_cancels_is_stopped(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    api.cancels.append(Reply.json({**CANCELLED, "status": "failed"}))

    with pytest.raises(base.EngineStopped):
        await unwanted_once_drawn(engine)

    assert asked_to_cancel(api) == ["/api/v1/generations/gen1/cancel"]
    assert len(api.bodies) == 1


@pytest.mark.parametrize(
    "answers",
    [
        [],  # the hosted service knows no such call
        [refusal(409, "TOO_LATE_TO_CANCEL")],
        [refusal(500, "INTERNAL_ERROR")],
        [Reply(200, b"<html>yes</html>", {"Content-Type": "text/html"})],
        [Reply.json({**CANCELLED, "status": "completed"})],
        [Reply.json({"success": True, "status": "failed", "errorCode": "GENERATION_FAILED"})],
    ],
    ids=["unknown", "too late", "broken", "no JSON", "completed", "failed"],
)
async def test_where_it_does_not_cancel_the_picture_comes_and_it_is_asked_once(
    api: NanoBananaApi, engine: base.Engine, answers: list[Reply]
) -> None:
    api.cancels.extend(answers)

    result = await unwanted_once_drawn(engine)

    assert sniff.sniff(result.data) is not None
    assert len(asked_to_cancel(api)) == 1 and len(api.bodies) == 1


async def test_a_cancellation_whose_answer_was_lost_is_seen_by_the_next_poll(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    api.cancels.append(refusal(502, "SERVICE_BUSY"))
    cancelled = status("failed", errorCode="CANCELLED", error="The generation was cancelled")
    api.polls.extend([status("generating", progress=10), cancelled])

    with pytest.raises(base.EngineStopped):
        await unwanted_once_drawn(engine)


async def test_what_the_other_servers_operator_cancels_is_a_failure_there(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    api.polls.append(status("failed", errorCode="CANCELLED", error="The generation was cancelled"))

    with pytest.raises(base.EngineNoImage):
        await engine.generate(request("a kite"))


async def test_what_is_unwanted_before_it_was_sent_is_never_sent(api: NanoBananaApi, engine: base.Engine) -> None:
    wanted = request("a kite")
    wanted.unwanted.set()

    with pytest.raises(base.EngineStopped):
        await engine.generate(wanted)

    assert api.requests == []


async def test_an_id_that_would_lead_elsewhere_is_one_part_of_the_address(
    api: NanoBananaApi, engine: base.Engine
) -> None:
    answer = {"success": True, "generationId": "../../x?y#z", "taskId": "t", "status": "pending"}
    api.submits.append(Reply.json(answer))
    api.polls.extend([status("generating", progress=10), refusal(404, "NOT_FOUND")])
    api.cancels.append(Reply.json({**CANCELLED, "status": "failed"}))

    with pytest.raises(base.EngineStopped):
        await unwanted_once_drawn(engine)

    assert asked_to_cancel(api) == ["/api/v1/generations/..%2F..%2Fx%3Fy%23z/cancel"]


@pytest.mark.parametrize("worker", [False, True], ids=["waits there", "is drawn there"])
def test_another_cavendish_cancels_what_is_unwanted_here_and_pays_it_back(
    server_url: str, template: str, tmp_path: Path, worker: bool
) -> None:
    """By a route that it can stop; the large one is drawn for some seconds."""
    arguments = [] if worker else ["--no-worker"]
    with served_app.opened(
        server_url, template, ROOT, tmp_path, *arguments, CAVENDISH_ROUTES="nano-banana-2=sketch"
    ) as node:
        account = node.account(credits=100)

        async def order() -> None:
            engine = load(node.url, account.key)
            wanted = request("a futuristic cityscape at sunset", image_quality=Quality.FOUR_K, timeout_seconds=60.0)
            asyncio.get_running_loop().call_later(0.5, wanted.unwanted.set)
            with pytest.raises(base.EngineStopped):
                await engine.generate(wanted)
            await engine.close()

        asyncio.run(order())
        assert node.balance(account) == (100, 0)


async def _through(engine: base.Engine, photo: InputImage, url: str) -> tuple[base.EngineResult, base.EngineResult]:
    """A picture and an edit by that node, after a request that it refuses."""

    async def publish(image: InputImage) -> str:
        assert image == photo
        return url

    with pytest.raises(base.EngineRejected, match="aspectRatio"):
        await engine.generate(request(aspect_ratio="2:1"))
    drawn = await engine.generate(request("a red kite", seed=5, reference="try"))
    again = await engine.generate(request("a red kite", seed=5, reference="try"))
    assert again == drawn, "a worker that took over gets the dead one's picture, and nothing is charged"
    edited = await engine.generate(request("as a watercolor", input_images=(photo,), publish=publish))
    await engine.close()
    return drawn, edited
