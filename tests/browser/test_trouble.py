"""Each trouble is told in a sentence with the way out, and what was typed stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route

from browser.browser_helpers import WIDE, Place, Visitor, balance, lose_the_answer, make, shown
from cavendish.models import RateLimit


def trouble(page: Page) -> str:
    page.locator("#trouble:not([hidden])").wait_for()
    return page.locator("#trouble").inner_text()


def test_without_credits_nothing_is_charged_and_the_operator_is_named(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(credits=3))
    make(page, "too dear")

    told = trouble(page)
    assert "Nothing was charged." in told and "ask your operator for credits" in told
    assert balance(page) == "3 credits"
    assert page.input_value("#prompt") == "too dear"
    assert page.locator("#under").inner_text() == "Your picture appears here."


def test_an_empty_prompt_is_not_sent(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.click("#make")

    assert trouble(page) == "Write what you want to see, or choose one of the examples."
    assert page.evaluate("document.activeElement.id") == "prompt"


def test_a_seed_that_is_too_large_is_not_sent(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.locator("#more").click()
    page.fill("#seed", "4294967296")
    make(page, "a test")

    assert trouble(page) == "The seed is a whole number from 0 to 4294967295."


def test_a_blocked_prompt_costs_nothing_and_tells_what_to_do(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(credits=50))
    make(page, "please blocked")
    page.locator("#failure").wait_for()

    told = page.locator("#failure").inner_text()
    assert "Say it in other words" in told and told.endswith("Nothing was charged.")
    page.locator(".purse:text-is('50 credits')").wait_for()
    assert page.get_by_role("button", name="Try again").is_visible()


def test_a_limit_is_told_with_the_time_until_it_resets(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(limit=RateLimit(1, 3600)))
    make(page, "the first")
    shown(page)
    make(page, "the second")

    told = trouble(page)
    match = re.fullmatch(
        r"You have made the 1 pictures of this period\. The next one is possible in (\d+) minutes, at \d\d:\d\d\.", told
    )
    assert match and 55 <= int(match[1]) <= 60, told


def test_a_service_that_is_away_is_told_and_the_order_is_not_paid_twice(place: Place, visitor: Visitor) -> None:
    """The answer is lost on its way; the same order, sent again, is the same generation."""
    page = visitor.page(place, place.account(credits=100))
    lose_the_answer(page)
    make(page, "once only")
    assert trouble(page) == "The service did not answer. Check that it runs, then try again."

    page.click("#make")
    shown(page)

    page.locator(".purse:text-is('96 credits')").wait_for()


def test_a_service_that_goes_away_meanwhile_is_asked_again(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.route("**/events", lambda route: route.abort())
    page.route("**/check-status", lambda route: route.abort())
    make(page, "patience")
    page.locator(".words:has-text('The service does not answer; asking again')").wait_for()

    page.unroute("**/check-status")

    shown(page)


def test_an_ended_sign_in_is_told_and_nothing_typed_is_lost(place: Place, visitor: Visitor) -> None:
    account = place.account()
    page = visitor.page(place, account)
    page.fill("#prompt", "a long and dear text")
    page.context.clear_cookies()
    page.click("#make")
    assert trouble(page).startswith("Your sign-in has ended.")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in on another page").click()
    opened.value.fill("#key", account.key)
    opened.value.keyboard.press("Enter")
    opened.value.locator("#prompt").wait_for()
    page.click("#make")
    shown(page)

    assert page.locator(".caption").inner_text() == "a long and dear text"


def test_a_page_that_cannot_learn_who_visits_offers_to_try_again(place: Place, visitor: Visitor) -> None:
    context = visitor.context(place, place.account())
    page = context.new_page()
    page.route("**/api/v1/me", lambda route: route.abort(), times=1)
    page.goto("/nano-banana-2")
    page.get_by_role("alert").wait_for()

    page.get_by_role("button", name="Try again").click()

    page.locator("#prompt").wait_for()


@pytest.mark.parametrize("trouble_of", ["refused", "offline", "limit"])
def test_an_order_that_is_not_taken_leaves_the_shown_picture(trouble_of: str, place: Place, visitor: Visitor) -> None:
    limit = RateLimit(1, 3600) if trouble_of == "limit" else WIDE
    page = visitor.page(place, place.account(credits=100 if trouble_of != "refused" else 7, limit=limit))
    make(page, "the dear one")
    address = shown(page)
    if trouble_of == "offline":
        page.context.set_offline(True)

    make(page, "too much")

    assert trouble(page)
    assert shown(page) == address
    assert page.locator(".caption").inner_text() == "the dear one"
    assert page.input_value("#prompt") == "too much" and page.locator("#make").is_enabled()


def test_what_is_made_again_names_its_price(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["a print"], imageQuality="4K")
    place.served.picture("please no_image", key=account.key)
    page = visitor.page(place, account)

    page.get_by_role("button", name="Show: a print").click()
    page.get_by_role("button", name="Again with another seed · 16 credits").wait_for()
    page.get_by_role("button", name="Show: please").click()
    page.get_by_role("button", name="Try again · 4 credits").wait_for()


@pytest.mark.parametrize("ratio", ["16:9", "1:8"])
def test_a_picture_that_does_not_come_is_told_and_loaded_again(ratio: str, place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["shy"], aspectRatio=ratio)
    page = visitor.page(place, account)
    page.locator("#gallery .tile img").wait_for()
    page.route("**/generations/*.png", lambda route: route.abort())

    page.reload()
    page.get_by_role("button", name="Show: shy").click()
    lost = page.locator("#frame [role=alert]")
    assert "The picture could not be loaded." in lost.inner_text()
    box, frame = lost.bounding_box(), page.locator("#frame").bounding_box()
    assert box and frame and box["height"] <= frame["height"]
    page.unroute("**/generations/*.png")
    page.get_by_role("button", name="Load it again").click()

    shown(page)
    assert page.locator("#lost").count() == 0


def test_while_a_picture_comes_its_place_is_not_empty(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["slow"])
    page = visitor.page(place, account)
    page.locator("#gallery .tile img").wait_for()
    held: list[Route] = []
    page.route("**/generations/*.png", lambda route: held.append(route))
    page.reload()
    page.get_by_role("button", name="Show: slow").click()

    page.locator("#frame .fruit").wait_for()
    for route in held:
        route.continue_()

    shown(page)
    assert page.locator("#frame .fruit").count() == 0
