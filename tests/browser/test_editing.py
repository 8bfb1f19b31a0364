"""Pictures to edit come by drop, by paste, by address and from what was made before."""

from __future__ import annotations

import io

import pytest
from cavendish_test_engines.png import png
from PIL import Image
from playwright.sync_api import Page

from browser.browser_helpers import Place, Visitor, drop, files, make, shown

PICTURE = ("photo.png", "image/png", png(40, 30))


@pytest.fixture
def page(place: Place, visitor: Visitor) -> Page:
    return visitor.page(place, place.account())


def edited(place: Place, page: Page) -> dict[str, object]:
    """The newest generation of this page's account."""
    found: dict[str, object] = page.evaluate("fetch('/api/v1/generations?limit=1').then((answer) => answer.json())")[
        "generations"
    ][0]
    return found


def uploaded(page: Page, count: int = 1) -> None:
    page.locator("#inputs li:not(.waiting)").nth(count - 1).wait_for()


def test_a_dropped_picture_is_edited(place: Place, page: Page) -> None:
    drop(page, PICTURE)
    uploaded(page)
    assert page.get_by_role("radio", name="Edit pictures").is_checked()
    assert page.locator("#inputs-count").inner_text() == "1 of at most 14"

    make(page, "Make it a snowy winter day")
    shown(page)

    made = edited(place, page)
    assert made["mode"] == "edit" and len(made["inputImageUrls"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["gif", "avif"])
def test_every_type_that_the_service_reads_may_be_dropped(kind: str, page: Page) -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, kind)

    drop(page, (f"photo.{kind}", f"image/{kind}", file.getvalue()))

    uploaded(page)
    assert f"image/{kind}" in (page.get_attribute("#files", "accept") or "")


def test_a_pasted_picture_is_edited(place: Place, page: Page) -> None:
    transfer = files(page, PICTURE)
    page.evaluate(
        "(clipboardData) => document.querySelector('#prompt').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))",
        transfer,
    )
    uploaded(page)

    make(page, "Turn it into a pencil drawing")
    shown(page)

    assert edited(place, page)["mode"] == "edit"


def test_a_picture_is_edited_by_its_address(place: Place, page: Page) -> None:
    make(page, "the original")
    address = place.url + shown(page)
    page.get_by_role("radio", name="Edit pictures").check()
    page.fill("#input-url", address)
    page.keyboard.press("Enter")
    uploaded(page)

    make(page, "Make it night with stars in the sky")
    page.locator(".caption:has-text('Make it night')").wait_for()
    shown(page)

    assert edited(place, page)["inputImageUrls"] == [address]


def test_what_is_no_address_is_told(page: Page) -> None:
    page.get_by_role("radio", name="Edit pictures").check()
    page.fill("#input-url", "javascript:alert(1)")
    page.click("#add-url")

    assert page.locator("#trouble").inner_text() == "Write the whole address of a picture, beginning with https://"
    assert page.locator("#inputs li").count() == 0


def test_a_picture_that_was_made_becomes_an_input(page: Page) -> None:
    make(page, "the original")
    source = shown(page)

    page.get_by_role("button", name="Use as input").click()

    assert page.locator("#inputs img").get_attribute("src") == source
    assert page.get_by_role("radio", name="Edit pictures").is_checked()
    assert page.evaluate("document.activeElement.id") == "prompt"


def test_fourteen_pictures_are_taken_and_a_fifteenth_is_refused(page: Page) -> None:
    drop(page, *[(f"{number}.png", "image/png", png(8, 8)) for number in range(15)])
    uploaded(page, 14)

    assert page.locator("#trouble").inner_text() == "This model takes at most 14 pictures; remove one first."
    assert page.locator("#inputs li").count() == 14

    page.get_by_role("button", name="Remove picture 14").click()

    assert page.locator("#inputs-count").inner_text() == "13 of at most 14"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (("notes.txt", "text/plain", b"hello"), "notes.txt is no picture that can be read."),
        (("broken.png", "image/png", b"\x89PNG\r\n\x1a\nbroken"), "broken.png: The picture could not be read."),
    ],
    ids=["no picture", "broken"],
)
def test_a_file_that_is_no_picture_is_refused_by_name(file: tuple[str, str, bytes], told: str, page: Page) -> None:
    drop(page, file)

    page.locator("#trouble:not([hidden])").wait_for()
    assert page.locator("#trouble").inner_text().startswith(told)
    assert page.locator("#inputs li").count() == 0


def test_an_edit_without_a_picture_is_not_sent(page: Page) -> None:
    page.get_by_role("radio", name="Edit pictures").check()

    make(page, "Snow")

    assert page.locator("#trouble").inner_text() == "Add at least one picture to edit: choose, drop or paste one."


def test_more_pictures_than_another_model_takes_are_told_and_left_out_by_their_owner(place: Place, page: Page) -> None:
    drop(page, *[(f"{number}.png", "image/png", png(8, 8)) for number in range(11)])
    uploaded(page, 11)
    page.locator("#more").click()
    page.select_option("#model", "nano-banana-pro")

    told = page.locator("#inputs-over").inner_text()
    assert told.startswith("This model takes at most 8 pictures: remove 3, or choose another model.")
    make(page, "too many")
    assert page.locator("#trouble").inner_text() == "Remove 3 of the pictures to edit, or choose another model."
    assert page.evaluate("document.activeElement.id") == "inputs-keep"
    assert page.evaluate("fetch('/api/v1/generations').then((answer) => answer.json())")["generations"] == []

    page.get_by_role("button", name="Keep the first 8").click()
    assert page.locator("#inputs-count").inner_text() == "8 of at most 8"
    assert page.locator("#inputs-over").is_hidden()
    make(page, "just enough")
    shown(page)

    assert len(edited(place, page)["inputImageUrls"]) == 8  # type: ignore[arg-type]
