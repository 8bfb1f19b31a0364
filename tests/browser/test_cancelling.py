"""What is under way can be cancelled on its page; where it cannot, the page says why and goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from browser.browser_helpers import ARTIFACTS, DESKTOP, PHONE, Place, Visitor, another_tab, make, shown

# Drawn for some seconds, by an engine that nobody pays.
LARGE = "A futuristic cityscape at sunset with flying cars and neon lights"


def cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel", exact=True).click()


def order_large(page: Page) -> None:
    page.locator('input[name=quality][value="4K"]').check(force=True)
    make(page, LARGE)
    expect(page.locator(".purse")).to_contain_text("84")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_nobody_is_paid_for_is_cancelled_and_its_credits_are_back(
    studio: Place, visitor: Visitor, size: tuple[int, int], scheme: str
) -> None:
    page = visitor.page(studio, studio.account(credits=100), size=size, color_scheme=scheme)
    order_large(page)

    cancel(page)

    failure = page.locator("#failure")
    expect(failure).to_contain_text("cancelled")
    expect(failure).to_contain_text("Nothing was charged")
    expect(page.locator(".purse")).to_contain_text("100")
    assert page.get_by_role("button", name="Cancel", exact=True).count() == 0
    assert page.evaluate("document.activeElement.id") == "frame", "the keyboard goes on from there"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"make-cancelled-{'phone' if size == PHONE else 'desktop'}-{scheme}.png")
    row = studio.rows("SELECT error_code, credits_charged FROM cavendish.generations ORDER BY created_at DESC LIMIT 1")
    assert tuple(row[0]) == ("CANCELLED", None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_where_it_is_too_late_the_page_says_why_and_the_picture_comes(
    place: Place, visitor: Visitor, size: tuple[int, int], scheme: str
) -> None:
    page = visitor.page(place, place.account(credits=100), size=size, color_scheme=scheme)
    make(page, "slowly sleep=4 steps=8")
    page.locator(".words:has-text('Drawing')").wait_for()

    cancel(page)

    expect(page.locator(".why")).to_contain_text("may be paid for what it has begun; its picture comes.")
    assert page.get_by_role("button", name="Cancel", exact=True).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"make-too-late-{'phone' if size == PHONE else 'desktop'}-{scheme}.png")
    shown(page)
    expect(page.locator(".purse")).to_contain_text("96")


def test_a_cancellation_that_did_not_arrive_can_be_asked_for_again(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(credits=100))
    page.route("**/cancel", lambda route: route.abort(), times=1)
    make(page, "slowly sleep=4 steps=8")
    page.locator(".words:has-text('Drawing')").wait_for()

    cancel(page)
    expect(page.locator(".why")).to_contain_text("The service did not answer")
    cancel(page)

    expect(page.locator(".why")).to_contain_text("its picture comes")
    shown(page)


def test_it_is_asked_for_once_however_often_it_is_pressed_and_other_tabs_hear_of_it(
    studio: Place, visitor: Visitor
) -> None:
    page = visitor.page(studio, studio.account(credits=100))
    other = another_tab(page)
    asked: list[str] = []

    def count(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page.route("**/cancel", count)
    order_large(page)
    page.evaluate("""() => {
        const press = [...document.querySelectorAll("#under button")].find((one) => one.textContent === "Cancel");
        press.click();
        press.click();
    }""")

    expect(page.locator("#failure")).to_contain_text("cancelled")
    expect(other.locator("#failure")).to_contain_text("cancelled")
    assert len(asked) == 1
