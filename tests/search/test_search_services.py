"""A search asks SearXNG, then Brave, in one short time; whatever they answer, it gives a prompt and never raises."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from search_helpers import NO_ANSWER, NOT_SET_UP, NOTHING_FOUND, searching
from structlog.testing import capture_logs

from cavendish import settings as configuration
from cavendish.errors import ConfigurationError
from cavendish.models import Grounding, Source
from cavendish.search.base import Facts, FoundPage
from cavendish.search.lookup import Lookup
from emulators.search_apis import FACTS, KEY, PAGES, Brave, Searxng
from emulators.server import Emulator, Reply

pytestmark = pytest.mark.anyio

PROMPT = "canaryprompt-9d41 the Eiffel tower"
SOURCES = tuple(Source(title, url) for title, url, _ in PAGES)


@pytest.fixture
def searxng() -> Iterator[Searxng]:
    api = Searxng()
    with _served(api):
        yield api
    assert api.faults == []


@pytest.fixture
def brave() -> Iterator[Brave]:
    api = Brave()
    with _served(api):
        yield api
    assert api.faults == []


@contextlib.contextmanager
def _served(api: Any) -> Iterator[None]:
    with Emulator(api) as emulator:
        api.url, api.requests = emulator.url, emulator.requests
        yield


async def _search(prompt: str = PROMPT, **settings: Any) -> Facts:
    async with searching(**settings) as search:
        return await search(prompt)


async def _by_searxng(searxng: Any, prompt: str = PROMPT, **settings: Any) -> Facts:
    return await _search(prompt, search_url=searxng.url, **settings)


async def _by_brave(brave: Any, prompt: str = PROMPT, **settings: Any) -> Facts:
    return await _search(prompt, brave_url=brave.url, brave_api_key=KEY, **settings)


async def _by_both(searxng: Any, brave: Any, prompt: str = PROMPT, **settings: Any) -> Facts:
    return await _search(prompt, search_url=searxng.url, brave_url=brave.url, brave_api_key=KEY, **settings)


# --- what is found ---------------------------------------------------------------------------------------------------


async def test_what_searxng_finds_stands_behind_the_prompt(searxng: Searxng) -> None:
    found = await _by_searxng(searxng)

    assert found == Facts(f"{PROMPT}\n\n{FACTS}", Grounding((PROMPT,), SOURCES))


async def test_what_brave_finds_stands_behind_the_prompt(brave: Brave) -> None:
    found = await _by_brave(brave)

    assert found == Facts(f"{PROMPT}\n\n{FACTS}", Grounding((PROMPT,), SOURCES))


@pytest.mark.parametrize("prefix", ["", "/searxng", "/a/b"])
async def test_searxng_may_live_below_a_path(searxng: Any, prefix: str) -> None:
    searxng.prefix = prefix

    found = await _search(search_url=f"{searxng.url}{prefix}/")

    assert found.grounding is not None


async def test_an_encyclopedias_own_words_come_first(searxng: Searxng) -> None:
    url = "https://en.wikipedia.org/wiki/Eiffel"
    box = {"infobox": "Eiffel", "id": url, "content": "A lattice tower of wrought iron.", "urls": []}
    searxng.infoboxes = [box]

    found = await _by_searxng(searxng)

    assert "Facts: A lattice tower of wrought iron. The tower is 330" in found.prompt
    assert found.grounding is not None and found.grounding.sources[0] == Source("Eiffel", url)


async def test_an_encyclopedias_article_without_an_address_is_named_by_its_links(searxng: Searxng) -> None:
    links = [{"title": "x", "url": "javascript:x"}, {"title": "y", "url": "https://y.example/"}]
    searxng.infoboxes = [{"infobox": "E", "id": "urn:x", "content": "A lattice tower.", "urls": links}]

    found = await _by_searxng(searxng)

    assert found.grounding is not None and found.grounding.sources[0].url == "https://y.example/"


async def test_the_address_of_this_machine_that_searxng_tells_is_not_used(searxng: Searxng) -> None:
    assert "203.0.113.7" not in repr(await _by_searxng(searxng))


async def test_how_much_is_added_is_a_setting(searxng: Searxng) -> None:
    searxng.results = [
        {**searxng.results[0], "url": f"https://p.example/{n}", "content": f"{n} says " * 90} for n in range(9)
    ]

    lengths = [
        len((await _by_searxng(searxng, search_characters=n)).prompt) - len(PROMPT) - 2 for n in (100, 600, 2000)
    ]

    assert [length <= most for length, most in zip(lengths, (100, 600, 2000), strict=True)] == [True] * 3
    assert lengths[0] > 60 and lengths[1] > 500 and lengths[2] > 1800


@pytest.mark.parametrize("prompt", ["word " * 5000, "塔" * 20_000, "!!g :de <3 --ar\x07 \u202ea\ncat"])
async def test_both_accept_the_query_of_any_prompt(searxng: Searxng, brave: Brave, prompt: str) -> None:
    """The emulators count a query that is too long, or gives orders, as a fault."""
    searxng.results = []

    found = await _by_both(searxng, brave, prompt)

    assert found.prompt.startswith(prompt) and found.grounding is not None
    assert found.grounding.queries == tuple(brave.queries)


@pytest.mark.parametrize("prompt", ["!?:<", "\u200b \u202e", "-- ++"])
async def test_where_a_prompt_has_nothing_to_search_for_nobody_is_asked(searxng: Searxng, prompt: str) -> None:
    found = await _by_searxng(searxng, prompt)

    assert found == Facts(prompt, warnings=(NOTHING_FOUND,))
    assert searxng.queries == []


# --- which is asked --------------------------------------------------------------------------------------------------


async def test_where_nothing_is_set_up_the_caller_hears_it_and_there_is_no_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("httpx2.AsyncClient", lambda **_: pytest.fail("a client was made"))

    assert await _search(brave_url="https://brave.example") == Facts(PROMPT, warnings=(NOT_SET_UP,))


async def test_searxng_is_asked_first_and_alone_where_it_knows_something(searxng: Searxng, brave: Brave) -> None:
    found = await _by_both(searxng, brave)

    assert found.grounding is not None
    assert (len(searxng.queries), len(brave.queries)) == (1, 0)


@pytest.mark.parametrize(
    "reply",
    [Reply.json({}, 403), Reply.json({}, 500), Reply.json({"results": []}), Reply(fault="reset"), Reply(fault="hang"),
     Reply.json({"results": [{"title": "T", "url": "https://a.example/", "content": "<script>x</script>"}]})],
    ids=["403", "500", "empty", "reset", "hang", "useless"],
)  # fmt: skip
async def test_brave_is_asked_where_searxng_gives_nothing(searxng: Searxng, brave: Brave, reply: Reply) -> None:
    searxng.reply = reply

    found = await _by_both(searxng, brave, search_seconds=1)

    assert found == Facts(f"{PROMPT}\n\n{FACTS}", Grounding((PROMPT,), SOURCES))


async def test_two_that_hang_take_no_longer_than_one(searxng: Searxng, brave: Brave) -> None:
    searxng.reply = brave.reply = Reply(fault="hang")
    started = time.monotonic()

    found = await _by_both(searxng, brave, search_seconds=1)

    assert found == Facts(PROMPT, warnings=(NO_ANSWER,))
    assert 0.9 < time.monotonic() - started < 1.6
    assert (len(searxng.queries), len(brave.queries)) == (1, 1)


async def test_where_one_answered_and_found_nothing_the_caller_hears_that(searxng: Searxng, brave: Brave) -> None:
    searxng.results, brave.reply = [], Reply.json({}, 429)

    assert (await _by_both(searxng, brave)).warnings == (NOTHING_FOUND,)


async def test_searxng_never_sees_braves_key(searxng: Any, brave: Any) -> None:
    searxng.results = []

    await _by_both(searxng, brave)

    assert KEY in str(brave.requests[0].headers)
    assert KEY not in str(searxng.requests)


# --- whatever comes --------------------------------------------------------------------------------------------------

_PAGE = {"title": "T", "url": "https://a.example/", "content": "The tower is tall.", "snippets": ["The tower is tall."]}
GOOD = orjson.dumps({"results": [_PAGE], "grounding": {"generic": [_PAGE]}})
LARGE = orjson.dumps({"results": ["x" * 1024] * 2100})
FAILURES = {
    "401": Reply(401, GOOD),
    "403": Reply(403, GOOD),
    "404": Reply(404, b"<html>"),
    "422": Reply(422, GOOD),
    "429": Reply(429, GOOD, {"Retry-After": "3600"}),
    "500": Reply(500, GOOD),
    "204": Reply(204),
    "reset": Reply(fault="reset"),
    "closed": Reply(fault="close"),
    "hang": Reply(fault="hang"),
    "slow head": Reply(200, GOOD, delay=3),
    "drip": Reply(200, GOOD, drip=0.05),
    "cut": Reply(200, GOOD + b" " * 9, cut=len(GOOD)),
    "html": Reply(200, b"<html>"),
    "nothing": Reply(200, b""),
    "binary": Reply(200, bytes(range(256))),
    "not UTF-8": Reply(200, b'{"results": ["\xff"]}'),
    "half a surrogate": Reply(200, b'{"results": ["\\ud800"]}'),
    "deep": Reply(200, b'{"results":' * 100_000),
    "a list": Reply(200, b"[]"),
    "a text": Reply(200, b'"results"'),
    "a number": Reply(200, b"1e400"),
    "null": Reply(200, b"null"),
    "no results": Reply.json({}),
    "results of another type": Reply.json({"results": "x", "grounding": "x"}),
    "too large": Reply(200, LARGE),
    "endless head": Reply(200, b"{}", {f"X-{n}": "x" * 1000 for n in range(300)}),
    "compressed": Reply(200, gzip.compress(GOOD), {"Content-Encoding": "gzip"}),
    "broken compression": Reply(200, GOOD, {"Content-Encoding": "br"}),
    "no location": Reply(302, GOOD),
    "a strange location": Reply(302, GOOD, {"Location": "http://[::1"}),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("service", ["searxng", "brave"])
async def test_whatever_a_service_does_the_prompt_comes_back_unchanged_in_time(
    searxng: Searxng, brave: Brave, service: str, case: str
) -> None:
    searxng.reply = brave.reply = FAILURES[case]

    ask = _by_searxng(searxng, search_seconds=0.5) if service == "searxng" else _by_brave(brave, search_seconds=0.5)
    async with asyncio.timeout(20):  # a busy machine is slow to notice that half a second is over
        found = await ask

    assert found == Facts(PROMPT, warnings=(NO_ANSWER,))


async def test_a_redirect_is_not_followed(searxng: Any, brave: Any) -> None:
    for status in (301, 302, 303, 307, 308):
        searxng.reply = Reply(status, b"", {"Location": f"{brave.url}/res/v1/llm/context?q=x"})

        assert (await _by_searxng(searxng)).warnings == (NO_ANSWER,)

    assert brave.requests == []


async def test_nobody_there_is_no_answer(searxng: Any) -> None:
    with Emulator(Searxng()) as gone:
        url = gone.url

    assert (await _search(search_url=url)).warnings == (NO_ANSWER,)
    assert (await _search(search_url="http://no-such-host.invalid")).warnings == (NO_ANSWER,)


WRONG: list[Any] = [None, True, 0, -1.5, "", "text", [], ["x"], [[]], {}, {"x": {}}, {"title": {}}, "\x00", "x" * 5000]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: repr(wrong)[:12])
async def test_wrong_types_anywhere_are_skipped_and_the_good_is_used(
    searxng: Searxng, brave: Brave, wrong: Any
) -> None:
    good, page = searxng.results[0], brave.pages[0]
    searxng.results = [wrong, *({**good, key: wrong} for key in ("title", "url", "content")), good]
    searxng.infoboxes = [wrong, *({"infobox": "x", "id": "x", "urls": [], "content": "x", key: wrong}
                                  for key in ("infobox", "id", "urls", "content")), {"urls": [wrong, {"url": wrong}]}]  # fmt: skip
    brave.pages = [
        wrong,
        *({**page, key: wrong} for key in ("title", "url", "snippets")),
        {**page, "snippets": [wrong]},
        page,
    ]

    for found in (await _by_searxng(searxng), await _by_brave(brave)):
        assert "The tower is 330 metres tall." in found.prompt
        assert found.prompt.count("\n") == 2 and "\x00" not in repr(found.grounding)
        assert found.grounding is not None
        assert {source.url for source in found.grounding.sources} == {PAGES[0][1]}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: repr(wrong)[:12])
async def test_wrong_types_around_the_pages_never_raise(searxng: Searxng, brave: Brave, wrong: Any) -> None:
    with capture_logs() as logged:
        for key in ("results", "infoboxes", "unresponsive_engines", "answers"):
            searxng.reply = Reply.json({"results": [], "infoboxes": [], key: wrong})
            assert (await _by_searxng(searxng)).prompt == PROMPT
        for content in ({"grounding": wrong}, {"grounding": {"generic": wrong}}, wrong):
            brave.reply = Reply.json(content)
            assert (await _by_brave(brave)).prompt == PROMPT

    assert [entry for entry in logged if entry["event"] == "search broke"] == []


async def test_ten_thousand_results_are_as_good_as_twenty(searxng: Searxng) -> None:
    searxng.results = [
        {"title": f"{n}", "url": f"https://p.example/{n}", "content": f"Page {n} says this."} for n in range(10_000)
    ]
    started = time.monotonic()

    found = await _by_searxng(searxng)

    assert "Page 0 says this. Page 1 says this." in found.prompt
    assert found.grounding is not None and len(found.grounding.sources) == 5
    assert time.monotonic() - started < 1


async def test_an_answer_of_nearly_the_largest_size_is_read(searxng: Searxng) -> None:
    searxng.results += [{"content": "x" * 1000} for _ in range(1800)]

    assert (await _by_searxng(searxng)).grounding is not None


async def test_a_bug_in_here_costs_no_picture_and_its_text_is_not_logged() -> None:
    class Broken:
        name = "broken"

        def query(self, prompt: str) -> str:
            return prompt

        async def find(self, query: str) -> list[FoundPage]:
            raise ZeroDivisionError(query)

        async def close(self) -> None:
            pass

    with capture_logs() as logged:
        found = await Lookup([Broken()], seconds=5, characters_max=600)(PROMPT)

    assert found == Facts(PROMPT, warnings=(NO_ANSWER,))
    assert logged[-1]["error"] == "ZeroDivisionError" and "test_search_services.py:" in logged[-1]["where"]
    assert PROMPT not in repr(logged)


async def test_who_cancels_a_search_is_heard(searxng: Any) -> None:
    searxng.reply = Reply(fault="hang")
    async with searching(search_url=searxng.url) as search:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await search(PROMPT)


async def test_many_searches_at_once_do_not_mix(searxng: Any) -> None:
    async with searching(search_url=searxng.url) as search:
        found = await asyncio.gather(*(search(f"prompt {n}") for n in range(100)))

    assert [one.grounding.queries for one in found if one.grounding] == [(f"prompt {n}",) for n in range(100)]


async def test_connections_are_given_back_at_the_end(searxng: Any) -> None:
    async with searching(search_url=searxng.url) as search:
        await search(PROMPT)

    assert (await search(PROMPT)).warnings == (NO_ANSWER,)


# --- what the operator reads -----------------------------------------------------------------------------------------


async def test_an_instance_without_json_is_told_with_its_fix(searxng: Searxng) -> None:
    searxng.formats = ("html",)

    with capture_logs() as logged:
        found = await _by_searxng(searxng)

    assert found == Facts(PROMPT, warnings=(NO_ANSWER,))
    (line,) = logged
    assert (line["log_level"], line["service"], line["reason"]) == ("warning", "searxng", "status 403")
    assert "search.formats" in line["fix"]


async def test_engines_of_searxng_that_do_not_answer_are_named(searxng: Searxng) -> None:
    searxng.results, searxng.unresponsive = [], [["google", "CAPTCHA"], ["brave", "too many requests"]]

    with capture_logs() as logged:
        found = await _by_searxng(searxng)

    assert found.warnings == (NOTHING_FOUND,)
    assert [(line["log_level"], line["engines"]) for line in logged] == [("warning", ["google", "brave"])]


async def test_engines_that_do_not_answer_are_no_warning_where_others_found_something(searxng: Searxng) -> None:
    searxng.unresponsive = [["google", "CAPTCHA"]]

    with capture_logs() as logged:
        await _by_searxng(searxng)

    assert logged == []


async def test_a_key_that_brave_refuses_is_told_with_its_fix(brave: Any) -> None:
    with capture_logs() as logged:
        found = await _search(brave_url=brave.url, brave_api_key="BSA-canarywrong")

    assert found.warnings == (NO_ANSWER,)
    assert logged[0]["reason"] == "status 422" and "CAVENDISH_BRAVE_API_KEY" in logged[0]["fix"]
    assert "canarywrong" not in repr(logged)


@pytest.mark.parametrize("case", FAILURES)
async def test_no_log_holds_the_prompt_the_key_or_an_address(
    searxng: Any, brave: Any, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Libraries are logged from warnings on, as `telemetry.logs` sets them up."""
    caplog.set_level(logging.WARNING)
    searxng.reply = brave.reply = FAILURES[case]

    with capture_logs() as logged:
        await _by_both(searxng, brave, search_seconds=0.6)

    told = repr(logged) + caplog.text
    assert len(logged) == 2
    assert "canary" not in told and "127.0.0.1" not in told and "Eiffel" not in told


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["two words", "schlüssel", "line\nbreak", "x" * 1001, "nul\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configuration.load({"data": "/nowhere"}, environment={"CAVENDISH_BRAVE_API_KEY": text})

    assert "CAVENDISH_BRAVE_API_KEY" in str(refused.value) and text not in str(refused.value)


def test_a_line_break_behind_the_key_is_no_part_of_it() -> None:
    found = configuration.load({"data": "/nowhere"}, environment={"CAVENDISH_BRAVE_API_KEY": f"{KEY}\n"})

    assert found.brave_api_key == KEY


def test_the_key_is_masked_where_settings_are_shown() -> None:
    shown = configuration.describe(configuration.load({"data": "/nowhere", "brave_api_key": KEY}, environment={}))

    assert KEY not in repr(shown)


@pytest.mark.parametrize(("text", "fits"), [("99", False), ("100", True), ("4000", True), ("4001", False)])
def test_how_much_is_added_is_bounded(text: str, fits: bool) -> None:
    with contextlib.nullcontext() if fits else pytest.raises(ConfigurationError):
        configuration.load({"data": str(Path("/nowhere")), "search_characters": text}, environment={})
