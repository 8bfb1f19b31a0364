"""Ten seconds: from the link that the first start prints to a picture of one's own prompt."""

from __future__ import annotations

import json
import time

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
    page.get_by_text("Model, seed and web search").click()
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
