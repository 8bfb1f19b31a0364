"""What was made before is found, shown, made again, and deleted when its owner says so twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.browser_helpers import Place, Visitor, make, shown
from harness.inprocess import Account

PICTURES = 62


@pytest.fixture(scope="module")
def collector(place: Place) -> Account:
    """Somebody with many pictures."""
    account = place.account(credits=10_000)
    place.pictures(account, [f"number {number} of many" for number in range(PICTURES)])
    return account


def tiles(page: Page) -> int:
    return page.locator("#gallery .tile").count()


def test_the_gallery_grows_as_it_is_scrolled_to_the_very_last(
    collector: Account, place: Place, visitor: Visitor
) -> None:
    page = visitor.page(place, collector)
    page.locator("#gallery .tile").first.wait_for()
    first = tiles(page)
    assert first < PICTURES

    for _ in range(40):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(60)
        if tiles(page) == PICTURES:
            break

    names = page.locator("#gallery .foot span").all_inner_texts()
    assert len(names) == len(set(names)) == PICTURES


def test_a_search_finds_by_words_of_the_prompt_and_tells_when_there_is_none(
    collector: Account, place: Place, visitor: Visitor
) -> None:
    page = visitor.page(place, collector)
    page.fill("#find", "NUMBER 41 of")
    expect(page.locator("#gallery .foot span")).to_have_text(["number 41 of many"])

    page.fill("#find", "100%")

    page.locator("#gallery-empty:has-text('None of your prompts holds “100%”.')").wait_for()


def test_somebody_new_is_told_how_to_begin(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())

    page.locator("#gallery-empty:has-text('Click an example above')").wait_for()


def test_a_picture_is_deleted_only_after_a_yes(place: Place, visitor: Visitor) -> None:
    account = place.account()
    kept, gone = place.pictures(account, ["to be kept", "to be deleted"])
    page = visitor.page(place, account)
    page.get_by_role("button", name="Delete: to be deleted").click()
    page.get_by_role("button", name="Cancel").click()
    assert tiles(page) == 2

    page.get_by_role("button", name="Show: to be deleted").click()
    page.get_by_role("button", name="Delete: to be deleted").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.locator("#gallery .tile").nth(1).wait_for(state="detached")

    assert page.locator("#gallery .foot span").all_inner_texts() == ["to be kept"]
    assert page.locator("#picture").count() == 0
    assert page.request.get(gone["imageUrl"]).status == 410
    assert page.request.get(kept["imageUrl"]).ok


def test_again_makes_the_same_order_with_another_seed(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["once more"], aspectRatio="2:3", imageQuality="2K", seed=5)
    page = visitor.page(place, account)
    page.get_by_role("button", name="Show: once more").click()
    shown(page)

    page.get_by_role("button", name="Again with another seed").click()
    page.locator("#gallery .tile img").nth(1).wait_for()

    made = page.evaluate("fetch('/api/v1/generations').then((answer) => answer.json())")["generations"]
    assert [(one["prompt"], one["aspectRatio"], one["imageQuality"]) for one in made] == [
        ("once more", "2:3", "2K")
    ] * 2
    assert made[0].get("seed") != made[1]["seed"] == 5


def test_a_new_picture_stands_first_without_moving_what_is_there(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["the older"])
    page = visitor.page(place, account)
    page.locator("#gallery .tile").first.wait_for()

    make(page, "the newer")
    shown(page)

    page.locator("#gallery .tile img").nth(1).wait_for()
    assert page.locator("#gallery .foot span").all_inner_texts() == ["the newer", "the older"]


def test_tiles_are_square(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["tall"], aspectRatio="1:8")
    place.pictures(account, ["wide"], aspectRatio="8:1")
    page = visitor.page(place, account)
    page.locator("#gallery .tile").nth(1).wait_for()

    boxes = [box.bounding_box() for box in page.locator(".look").all()]

    assert all(box and abs(box["width"] - box["height"]) < 1 for box in boxes)
