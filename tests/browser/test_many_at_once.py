"""Many pictures and many tabs: one stream for all of them, told once, and it goes on when the tab that has it is closed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from browser.browser_helpers import Place, Visitor, another_tab, make, shown

PICTURES = 7  # one more than HTTP/1.1's six connections to a host

# As on plain HTTP under a name of its own.
NO_LOCKS = "delete Navigator.prototype.locks;"


class Streams:
    """Event streams that a browser has open, and how many it had at the most."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: list[Request] = []
        self.most = 0
        context.on("request", self._opened)
        context.on("requestfailed", self._ended)
        context.on("requestfinished", self._ended)

    def _opened(self, request: Request) -> None:
        if request.url.endswith("/events"):
            self.open.append(request)
            self.most = max(self.most, len(self.open))

    def _ended(self, request: Request) -> None:
        if request in self.open:
            self.open.remove(request)


def orders(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("fetch('/api/v1/generations').then((answer) => answer.json())")[
        "generations"
    ]
    return found


def test_seven_pictures_under_way_leave_every_tab_alive(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    streams = Streams(page.context)
    for number in range(PICTURES):
        make(page, f"number {number} sleep=4 steps=4")
        expect(page.locator(".caption")).to_have_text(f"number {number} sleep=4 steps=4")

    other = another_tab(page)
    make(other, "from another tab")
    shown(other)

    for tab in (page, other):
        expect(tab.locator("#gallery .tile img")).to_have_count(PICTURES + 1)
    assert streams.most == 1


def test_a_tile_that_is_clicked_twice_is_followed_once_and_told_once(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    make(page, "twice sleep=2 steps=4")
    make(page, "the other sleep=4")
    expect(page.locator(".caption")).to_have_text("the other sleep=4")
    page.evaluate("""() => {
        window.toasts = [];
        document.body.append(Object.assign(document.createElement("div"), { id: "toast" }));
        new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach((node) => window.toasts.push(node.textContent))))
            .observe(document.querySelector("#toast"), { childList: true });
    }""")
    streams = Streams(page.context)

    for _ in range(2):
        page.get_by_role("button", name="Show: twice").dblclick()
    page.get_by_role("button", name="Show: the other").click()
    page.locator("#gallery .tile:has-text('twice') img").wait_for()
    shown(page)

    assert [text for text in page.evaluate("window.toasts") if "Another picture" in text] == [
        "Another picture is ready"
    ]
    assert streams.most <= 1


def test_nothing_is_held_open_when_all_has_ended(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    streams = Streams(page.context)
    make(page, "short sleep=1")
    shown(page)

    with page.expect_response("**/api/v1/me"):
        make(page, "another")
        shown(page)

    assert streams.most == 1 and streams.open == []


def test_another_tab_goes_on_when_the_one_with_the_stream_is_closed(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    make(page, "survivor sleep=4 steps=8")
    page.locator(".words:has-text('Drawing')").wait_for()
    other = another_tab(page)
    other.get_by_role("button", name="Show: survivor").click()
    paths: list[str] = []
    other.on("request", lambda request: paths.append(request.url.rpartition("/")[2]))

    with other.expect_request("**/api/v1/events"):
        page.close()

    shown(other)
    assert "check-status" not in paths


@pytest.mark.parametrize("missing", [NO_LOCKS, "delete window.BroadcastChannel;"], ids=["locks", "channel"])
def test_without_locks_or_channel_a_tab_has_a_stream_of_its_own(missing: str, place: Place, visitor: Visitor) -> None:
    context = visitor.context(place, place.account())
    context.add_init_script(missing)
    streams = Streams(context)
    page = context.new_page()
    page.goto("/nano-banana-2")
    for number in range(3):
        make(page, f"number {number} sleep=2 steps=4")
        expect(page.locator(".caption")).to_have_text(f"number {number} sleep=2 steps=4")

    shown(page)

    expect(page.locator("#gallery .tile img")).to_have_count(3)
    assert streams.most == 1 and len(orders(page)) == 3


def test_a_picture_that_ends_before_its_own_answer_came_is_not_waited_for(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    make(page, "the long one sleep=6 steps=6")
    page.locator(".words:has-text('Drawing')").wait_for()

    def late(route: Any) -> None:
        answer = route.fetch()
        page.wait_for_timeout(1000)  # the stream tells its end meanwhile
        route.fulfill(response=answer)

    page.route("**/generate", late, times=1)
    paths: list[str] = []
    page.on("request", lambda request: paths.append(request.url.rpartition("/")[2]))
    make(page, "at once")
    shown(page)

    assert page.locator(".caption").inner_text() == "at once"
    assert "check-status" not in paths
