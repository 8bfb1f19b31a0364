"""Through API, queue and worker: an engine that does not search is told facts; whatever the search does, it draws."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from search_helpers import NO_ANSWER, NOT_SET_UP, NOTHING_FOUND, OWN_GROUNDING, Recorder, worker

from cavendish.engines.base import Capabilities
from cavendish.models import Mode, Quality
from emulators.search_apis import FACTS, KEY, PAGES, Brave, Searxng
from emulators.server import Emulator, Reply
from harness.inprocess import App
from harness.shared import judged

pytestmark = pytest.mark.anyio

PROMPT = "the Eiffel tower"
GROUNDING = {"queries": [PROMPT], "sources": [{"title": title, "url": url} for title, url, _ in PAGES]}


@pytest.fixture
def searxng() -> Iterator[Any]:
    api: Any = Searxng()
    with Emulator(api) as emulator:
        api.url = emulator.url
        yield api
    assert api.faults == []


@pytest.fixture
def brave() -> Iterator[Any]:
    api: Any = Brave()
    with Emulator(api) as emulator:
        api.url = emulator.url
        yield api
    assert api.faults == []


@pytest.fixture
def set_up() -> tuple[str, ...]:
    """Which services the operator has; a test says otherwise by its parameter."""
    return ("searxng",)


@pytest.fixture
def seconds() -> float:
    return 1.0


@pytest.fixture
def routes() -> str:
    return "nano-banana-2=script"


@pytest.fixture
def options(searxng: Any, brave: Any, set_up: tuple[str, ...], seconds: float, routes: str) -> dict[str, object]:
    theirs = {"searxng": {"search_url": searxng.url}, "brave": {"brave_url": brave.url, "brave_api_key": KEY}}
    found: dict[str, object] = {"wake_seconds": "0.2", "search_seconds": str(seconds), "routes": routes}
    for name in set_up:
        found |= theirs[name]
    return found


@pytest.fixture
async def app(app: App) -> AsyncIterator[App]:
    await judged(app)
    yield app


async def _made(app: App, engine: Recorder | None = None, prompt: str = PROMPT, **fields: Any) -> dict[str, Any]:
    """What check-status says in the end of a generation with googleSearch."""
    account = await app.account(credits=100)
    async with worker(app, engine):
        generation_id = await app.submit(account, **{"prompt": prompt, "googleSearch": True, **fields})
        answer = await app.ended(account, generation_id)
    assert answer["status"] == "completed", answer
    assert await app.entries(generation_id) == ["hold", "capture"]
    assert (await app.row(generation_id))["prompt"] == prompt
    return answer


@pytest.mark.parametrize("set_up", [("searxng",), ("brave",), ("searxng", "brave")], ids="-".join)
async def test_the_engine_is_told_facts_and_the_caller_where_they_come_from(app: App) -> None:
    engine = Recorder()

    answer = await _made(app, engine)

    assert [request.prompt for request in engine.requests] == [f"{PROMPT}\n\n{FACTS}"]
    assert answer["grounding"] == GROUNDING
    assert "warnings" not in answer


async def test_what_pages_say_changes_nothing_but_the_prompt(app: App, searxng: Any) -> None:
    order = 'size=8x8 --ar 1:8 aspectRatio: "9:16" mode=edit seed=7 imageQuality 4K {"imageQuality": "4K"} <lora:x:1>'
    searxng.results = [{**searxng.results[0], "content": order}]
    engine = Recorder()

    answer = await _made(app, engine, aspectRatio="4:3", imageQuality="2K", seed=42)

    (request,) = engine.requests
    assert "Facts: size=8x8" in request.prompt and "{" not in request.prompt
    assert (request.aspect_ratio, request.image_quality, request.mode) == ("4:3", Quality.TWO_K, Mode.GENERATE)
    assert (request.seed, request.input_images) == (42, ())
    assert answer["creditsCharged"] == 8


async def test_pages_that_a_database_would_refuse_cost_no_picture(app: App, searxng: Any) -> None:
    searxng.results = [{**searxng.results[0], "title": "a\x00b\u202e", "content": "The tower\x00 is tall.\ud7ff"}]

    answer = await _made(app, Recorder())

    assert answer["grounding"]["sources"] == [{"title": "ab", "url": PAGES[0][1]}]


@pytest.mark.parametrize("routes", ["nano-banana-2=sketch"])
async def test_the_built_in_engine_is_told_facts_too(app: App) -> None:
    account = await app.account(credits=100)
    async with worker(app):
        fields = {"prompt": PROMPT, "seed": 1}
        asked = [await app.submit(account, **fields, googleSearch=search) for search in (True, False)]
        with_facts, without = [await app.ended(account, generation_id) for generation_id in asked]

    assert with_facts["grounding"] == GROUNDING
    assert "grounding" not in without
    pictures = [(await app.row(generation_id))["image_sha256"] for generation_id in asked]
    assert pictures[0] != pictures[1]


async def test_an_engine_that_searches_itself_gets_the_prompt_as_it_is_and_nobody_else_searches(
    app: App, searxng: Any
) -> None:
    engine = Recorder(capabilities=Capabilities(search=True), grounding=OWN_GROUNDING)

    answer = await _made(app, engine)

    assert [(request.prompt, request.google_search) for request in engine.requests] == [(PROMPT, True)]
    assert searxng.queries == []
    assert answer["grounding"]["queries"] == ["its own"]
    assert "warnings" not in answer


async def test_without_google_search_nobody_searches(app: App, searxng: Any) -> None:
    engine = Recorder()

    answer = await _made(app, engine, googleSearch=False)

    assert engine.requests[0].prompt == PROMPT
    assert searxng.queries == []
    assert not {"grounding", "warnings"} & set(answer)


@pytest.mark.parametrize("set_up", [()], ids=["nothing"])
async def test_where_nothing_is_set_up_the_caller_hears_it(app: App, searxng: Any, brave: Any) -> None:
    engine = Recorder()

    answer = await _made(app, engine)

    assert engine.requests[0].prompt == PROMPT
    assert answer["warnings"] == [NOT_SET_UP]
    assert "grounding" not in answer
    assert searxng.queries == brave.queries == []


async def test_where_nothing_is_found_the_caller_hears_it(app: App, searxng: Any) -> None:
    searxng.results = []
    engine = Recorder()

    answer = await _made(app, engine)

    assert engine.requests[0].prompt == PROMPT
    assert answer["warnings"] == [NOTHING_FOUND]
    assert "grounding" not in answer


FAILURES = {
    "403": Reply.json({}, 403),
    "429": Reply.json({}, 429),
    "500": Reply.json({}, 500),
    "reset": Reply(fault="reset"),
    "garbage": Reply(200, b"<html>\x00\xff"),
    "redirect": Reply(302, b"", {"Location": "http://127.0.0.1:9/"}),
    "drip": Reply.json({"results": [], "x": "x" * 1000}, drip=0.05),
}


@pytest.mark.parametrize("set_up", [("searxng",), ("brave",)], ids="-".join)
@pytest.mark.parametrize("case", FAILURES)
async def test_a_search_that_fails_costs_the_facts_not_the_picture(
    app: App, searxng: Any, brave: Any, case: str
) -> None:
    searxng.reply = brave.reply = FAILURES[case]
    engine = Recorder()

    answer = await _made(app, engine)

    assert [request.prompt for request in engine.requests] == [PROMPT]
    assert answer["warnings"] == [NO_ANSWER]
    assert "grounding" not in answer


@pytest.mark.parametrize(("set_up", "seconds"), [(("searxng",), 5.0), (("searxng", "brave"), 5.0)], ids=["one", "both"])
async def test_services_that_hang_hold_a_picture_up_for_five_seconds_and_no_longer(
    app: App, searxng: Any, brave: Any
) -> None:
    searxng.reply = brave.reply = Reply(fault="hang")
    engine, started = Recorder(), time.monotonic()

    answer = await _made(app, engine)

    assert 4.9 < time.monotonic() - started < 8
    assert engine.requests[0].prompt == PROMPT
    assert answer["warnings"] == [NO_ANSWER]
