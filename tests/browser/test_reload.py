"""A reload loses nothing: what is under way goes on, what was typed stays in its tab, and every tab shows the same."""

from __future__ import annotations

from typing import Any

import pytest
from cavendish_test_engines.png import png
from playwright.sync_api import Page, expect

from browser.browser_helpers import Place, Visitor, another_tab, balance, drop, lose_the_answer, make, shown

PICTURE = ("photo.png", "image/png", png(40, 30))
ADDRESS = "https://example.com/elsewhere.jpg"


def reload(page: Page) -> None:
    page.reload()
    page.locator("main:not([hidden])").wait_for()


def test_a_picture_under_way_goes_on_after_a_reload(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    make(page, "patient sleep=4 steps=8")
    page.locator(".words:has-text('Drawing')").wait_for()

    reload(page)

    page.locator(".words:has-text('Drawing')").wait_for()
    shown(page)
    assert page.locator(".caption").inner_text() == "patient sleep=4 steps=8"
    expect(page.locator("#gallery .tile img")).to_have_count(1)


def test_what_ended_meanwhile_is_shown(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    make(page, "meanwhile sleep=1")
    page.locator(".words").wait_for()
    page.goto("/console#generations")
    page.locator("tr:has-text('meanwhile')").wait_for()
    while not page.locator("tr:has-text('meanwhile') .pill.completed").count():
        page.reload()
        page.locator("tr:has-text('meanwhile')").wait_for()

    page.goto("/nano-banana-2")

    shown(page)
    assert page.locator(".caption").inner_text() == "meanwhile sleep=1"


def typed(page: Page) -> list[Any]:
    return [
        page.input_value("#prompt"),
        [page.locator(f"input[name={name}]:checked").input_value() for name in ("mode", "ratio", "quality")],
        page.input_value("#model"),
        page.input_value("#seed"),
        page.locator("#inputs li").count(),
    ]


def test_what_was_typed_and_chosen_stays_in_its_tab(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    drop(page, PICTURE)
    page.locator("#inputs li:not(.waiting)").wait_for()
    page.fill("#input-url", ADDRESS)
    page.click("#add-url")
    page.get_by_role("radio", name="2:3").check()
    page.get_by_role("radio", name="2K").check()
    page.locator("summary").click()
    page.select_option("#model", "nano-banana-pro")
    page.fill("#seed", "77")
    page.fill("#prompt", "a long and dear text")
    before = typed(page)

    reload(page)

    assert typed(page) == before == ["a long and dear text", ["edit", "2:3", "2K"], "nano-banana-pro", "77", 2]
    assert page.locator("#seed").is_visible()
    assert page.locator("#inputs img").first.evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 40
    assert typed(another_tab(page))[0] == ""


def test_what_was_taken_from_an_example_stays_too(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.get_by_role("button", name="Red fox").click()

    reload(page)

    assert page.input_value("#prompt").startswith("Close-up portrait of a red fox")


@pytest.mark.parametrize("leave", ["signing out", "another account"])
def test_nobody_sees_anothers_draft(leave: str, place: Place, visitor: Visitor) -> None:
    other = place.account()
    page = visitor.page(place, place.account())
    page.fill("#prompt", "my secret plan")
    if leave == "signing out":
        page.get_by_role("button", name="Sign out").click()
        page.locator("#key").wait_for()
        assert page.evaluate("sessionStorage.length") == 0
    else:
        page.context.clear_cookies()
        page.goto("/login")
    page.fill("#key", other.key)
    page.keyboard.press("Enter")
    page.locator("#prompt").wait_for()

    assert page.input_value("#prompt") == ""
    assert "secret" not in str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_another_tab_shows_what_is_ordered_in_the_first(place: Place, visitor: Visitor) -> None:
    one = visitor.page(place, place.account())
    before = another_tab(one)
    make(one, "for both sleep=3 steps=6")
    one.locator(".words:has-text('Drawing')").wait_for()

    after = another_tab(one)

    for tab in (before, after):
        tab.locator("progress").wait_for()
        assert tab.locator("#gallery .foot span").all_inner_texts() == ["for both sleep=3 steps=6"]
    assert shown(before) == shown(after) == shown(one)
    for tab in (before, after, one):
        expect(tab.locator("#gallery .tile img")).to_have_count(1)


def test_an_order_whose_answer_was_lost_is_not_paid_twice_after_a_reload(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(credits=100))
    lose_the_answer(page)
    make(page, "once only")
    page.locator("#trouble:not([hidden])").wait_for()
    reload(page)
    expect(page.locator("#gallery .tile img")).to_have_count(1)

    page.click("#make")
    shown(page)

    page.locator(".purse:text-is('96 credits')").wait_for()
    assert balance(page) == "96 credits" and page.locator("#gallery .tile").count() == 1
