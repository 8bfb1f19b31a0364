"""A picture under way is watched: by events, by asking where these do not come through, and without anything jumping."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from browser.browser_helpers import DESKTOP, PHONE, Place, Visitor, make, shown

# A Layout Instability score; 0.1 is what the web calls good.
SHIFT_MAX = 0.02

RECORD_PROGRESS = """() => {
    window.seen = [];
    new MutationObserver(() => {
        const bar = document.querySelector("progress");
        if (bar && bar.value !== window.seen.at(-1)) window.seen.push(bar.value);
    }).observe(document.querySelector(".stage"), { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def asked(page: Page) -> list[str]:
    """The paths that a page asks for from now on."""
    paths: list[str] = []
    page.on("request", lambda request: paths.append(request.url.partition("?")[0].rpartition("/")[2]))
    return paths


def test_progress_comes_live_by_events(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.evaluate(RECORD_PROGRESS)
    paths = asked(page)

    make(page, "slowly sleep=2 steps=8")
    shown(page)

    seen = page.evaluate("window.seen")
    assert "events" in paths and "check-status" not in paths
    assert len(seen) >= 3 and seen == sorted(seen), seen


def test_without_events_the_page_asks(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.route("**/events", lambda route: route.abort())
    page.evaluate(RECORD_PROGRESS)
    paths = asked(page)

    make(page, "slowly sleep=4 steps=8")
    shown(page)

    assert paths.count("check-status") >= 2
    assert len(page.evaluate("window.seen")) >= 2


def test_a_second_order_takes_the_place_and_the_first_is_told(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    make(page, "the first sleep=2 steps=4")
    page.locator(".words:has-text('Drawing')").wait_for()

    make(page, "the second")
    shown(page)

    page.locator("#toast:has-text('Another picture is ready')").wait_for()
    assert page.locator(".caption").inner_text() == "the second"
    assert page.locator("#gallery .tile img").count() == 2


def test_two_tabs_show_the_same(place: Place, visitor: Visitor) -> None:
    account = place.account()
    one = visitor.page(place, account)
    make(one, "in the first tab sleep=3 steps=6")
    one.locator(".words:has-text('Drawing')").wait_for()
    other = one.context.new_page()
    other.goto("/nano-banana-2")

    other.get_by_role("button", name="Show: in the first tab").click()
    other.locator("progress").wait_for()

    assert shown(other) == shown(one)


WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts.push([one.value, one.sources.map((source) => source.node?.id || source.node?.className || source.node?.nodeName)]);
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE, (1400, 2200)], ids=["desktop", "phone", "tall"])
def test_nothing_jumps_while_the_page_and_a_picture_load(size: tuple[int, int], place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["one before", "another before"])
    context = visitor.context(place, account, size=size)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    page.goto("/nano-banana-2")
    page.locator("#gallery .tile").first.wait_for()

    make(page, "slowly sleep=1.5 steps=5")
    shown(page)
    page.wait_for_timeout(300)

    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < SHIFT_MAX, shifts


def test_whoever_wants_no_motion_gets_none(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), reduced_motion="reduce")
    make(page, "slowly sleep=2 steps=4")
    page.locator(".moving .fruit").wait_for()

    running = page.evaluate("document.getAnimations().length")

    assert running == 0
    shown(page)


def test_progress_is_told_to_screen_readers_but_not_every_percent(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.evaluate("""() => {
        window.told = [];
        const live = document.querySelector("#progress-told");
        new MutationObserver(() => window.told.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
    }""")

    make(page, "slowly sleep=2 steps=20")
    shown(page)

    told = page.evaluate("window.told")
    assert told[-1] == "The picture is there"
    assert 2 <= len(told) <= 8, told
