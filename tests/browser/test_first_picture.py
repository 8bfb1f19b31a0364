"""Ten seconds: from the link that the first start prints to a picture of one's own prompt."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from browser.browser_helpers import ARTIFACTS, LINK, SKETCHED, Place, Services, Visitor, balance, make, shown

PATIENCE_SECONDS = 10.0
OWN_CODE_BYTES_MAX = 100_000
PROMPT = "A serene Japanese garden with cherry blossoms and a koi pond"


def test_the_printed_link_leads_to_a_picture_within_ten_seconds_with_nothing_typed_but_the_prompt(
    services: Services, visitor: Visitor
) -> None:
    began = time.monotonic()
    place = Place(services(data=services.folder / "cold", CAVENDISH_ROUTES=SKETCHED))
    ready = time.monotonic()
    link = LINK.search(place.served.log.read_text())
    assert link, place.served.log.read_text()
    page = visitor.context(place).new_page()
    loaded: list[tuple[str, int]] = []
    page.on("requestfinished", lambda request: loaded.append((request.url, request.sizes()["responseBodySize"])))

    opened = time.monotonic()
    page.goto(link[0])
    page.locator("#prompt").wait_for()
    usable = time.monotonic()
    own = [(url, size) for url, size in loaded if "/assets/" in url or url.endswith(("/login", "/nano-banana-2"))]
    make(page, PROMPT)
    shown(page)
    seconds = time.monotonic() - opened

    numbers = {
        "start to ready, s": round(ready - began, 2),
        "link to a page that can be used, s": round(usable - opened, 2),
        "link to the picture, s": round(seconds, 2),
        "requests until the page can be used": len(loaded),
        "of them our own files": len(own),
        "bytes of our own files": sum(size for _, size in own),
    }
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    (ARTIFACTS / "numbers.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    print(numbers)
    assert seconds < PATIENCE_SECONDS
    assert page.evaluate("document.querySelector('#picture').naturalWidth") == 1376
    assert balance(page) == "996 credits"
    assert sum(size for _, size in own) < OWN_CODE_BYTES_MAX
    assert LINK.search(page.url) is None


def test_the_root_leads_to_the_page(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/")

    assert page.url == f"{place.url}/nano-banana-2"


def test_an_example_is_one_click(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())

    page.get_by_role("button", name="Red fox").click()

    assert page.input_value("#prompt") == "Close-up portrait of a red fox in an autumn forest, golden hour"


def test_the_price_stands_on_the_button_before_and_the_balance_is_told_after(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(credits=30))
    page.get_by_role("radio", name="4K").check()
    assert page.locator("#make").inner_text() == "Make picture · 16 credits"
    assert page.locator("#cost").inner_text().startswith("30 credits now, 14 after this one.")

    make(page, "a plain one")
    shown(page)

    assert page.locator(".purse:text-is('14 credits')").count() == 1
    assert page.locator("#cost").inner_text().startswith("This needs 16 credits and you have 14.")


def test_the_request_is_shown_for_programs_as_it_was_sent(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.get_by_role("radio", name="1:1", exact=True).check()
    page.locator("#more").click()
    page.fill("#seed", "7")
    make(page, 'it\'s a "test"')
    shown(page)

    page.get_by_text("This request in your program").click()
    texts = {}
    for name in ("curl", "Python", "JavaScript"):
        page.get_by_role("tab", name=name).click()
        texts[name] = page.locator("#code").inner_text()

    assert all('"seed": 7' in text and '"aspectRatio": "1:1"' in text for text in texts.values())
    assert r"it'\''s a" in texts["curl"]
    compile(texts["Python"], "snippet", "exec")
    assert f'"{place.url}/api/nano-banana-2/generate"' in texts["JavaScript"]


@pytest.mark.parametrize(
    ("sketch", "told"),
    [
        ("always", "Drawn by sketch, a preview engine without AI."),
        ("failover", "Where others fail, sketch draws it: a preview engine without AI."),
    ],
)
def test_that_no_model_draws_is_said_before_payment(sketch: str, told: str, place: Place, visitor: Visitor) -> None:
    page = visitor.context(place, place.account()).new_page()
    offered(page, {"sketch": sketch})
    page.goto("/nano-banana-2")

    page.locator(f"#drawn-by:text-is('{told}')").wait_for()
    page.locator("#more").click()
    page.select_option("#model", "nano-banana-pro")

    assert page.locator("#drawn-by").is_hidden()


def test_it_is_said_by_the_service_as_it_comes(studio: Place, visitor: Visitor) -> None:
    page = visitor.page(studio, studio.account())

    assert page.locator("#drawn-by").inner_text() == "Drawn by sketch, a preview engine without AI."


def test_a_search_is_offered_where_one_of_the_models_engines_can(place: Place, visitor: Visitor) -> None:
    page = visitor.context(place, place.account()).new_page()
    offered(page, {"googleSearch": True})
    page.goto("/nano-banana-2")
    page.get_by_text("Model, seed and web search").click()
    page.get_by_role("switch", name="Google Search").check()

    page.select_option("#model", "nano-banana-pro")
    assert page.get_by_role("switch").is_hidden() and page.locator("#more").inner_text() == "Model and seed"
    with page.expect_request("**/generate") as unsearched:
        make(page, "without")
    page.select_option("#model", "nano-banana-2")
    with page.expect_request("**/generate") as searched:
        make(page, "with")

    assert "googleSearch" not in unsearched.value.post_data_json
    assert searched.value.post_data_json["googleSearch"] is True


def test_no_search_is_offered_by_the_service_as_it_comes(studio: Place, visitor: Visitor) -> None:
    page = visitor.page(studio, studio.account())
    page.locator("#more").click()

    assert page.locator("#model").is_visible() and page.get_by_role("switch").is_hidden()


def offered(page: Page, first: dict[str, Any]) -> None:
    """The catalogue with this of its first model, and with nothing special of the others."""

    def changed(route: Route) -> None:
        content = route.fetch().json()
        content["models"][0].update(first)
        route.fulfill(json=content)

    page.route("**/api/v1/models", changed)
