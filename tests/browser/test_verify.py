"""Anybody drops a picture at /verify, and reads in plain words where it comes from."""

from __future__ import annotations

import io
import urllib.request

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from browser.browser_helpers import Place, Visitor


def look(page: Page, data: bytes, kind: str = "image/png") -> None:
    page.set_input_files("#files", {"name": "x", "mimeType": kind, "buffer": data})


@pytest.fixture(scope="module")
def made(studio: Place) -> bytes:
    """As this service delivered it."""
    (made,) = studio.pictures(studio.account(), ["a lighthouse above a stormy sea"])
    with urllib.request.urlopen(made["imageUrl"], timeout=30) as answer:
        data: bytes = answer.read()
    return data


def test_an_untouched_picture_is_known_with_its_maker(studio: Place, visitor: Visitor, made: bytes) -> None:
    page = visitor.page(studio, path="/verify")
    look(page, made)

    expect(page.locator("#found h2")).to_have_text("This service delivered it")
    expect(page.locator("#found")).to_contain_text("Cavendish says that this picture was drawn by an algorithm")
    expect(page.locator("#found")).to_contain_text("It is the very file that was delivered, made by sketch")


def test_half_its_size_as_jpeg_it_is_still_known(studio: Place, visitor: Visitor, made: bytes) -> None:
    image, file = Image.open(io.BytesIO(made)).convert("RGB"), io.BytesIO()
    image.resize((image.width // 2, image.height // 2)).save(file, "JPEG", quality=75)
    page = visitor.page(studio, path="/verify")
    look(page, file.getvalue(), "image/jpeg")

    expect(page.locator("#found h2")).to_have_text("This service delivered it")
    expect(page.locator("#found")).to_contain_text("There is none. Most programs that save a picture drop it.")
    expect(page.locator("#found")).to_contain_text("It looks the same as one that was delivered")


def test_a_stranger_is_not_known_and_that_proves_nothing(studio: Place, visitor: Visitor) -> None:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "JPEG")
    page = visitor.page(studio, path="/verify")
    look(page, file.getvalue(), "image/jpeg")

    expect(page.locator("#found h2")).to_have_text("Nothing was found")
    expect(page.locator("main")).to_contain_text("Nothing found proves nothing")


def test_a_changed_picture_is_told_to_be_changed(studio: Place, visitor: Visitor, made: bytes) -> None:
    page = visitor.page(studio, path="/verify")
    look(page, made + b"x")

    expect(page.locator("#found")).to_contain_text("The file was changed since it was signed.")


def test_what_is_no_picture_is_refused_in_a_sentence(studio: Place, visitor: Visitor) -> None:
    page = visitor.page(studio, path="/verify")
    look(page, b"words")

    expect(page.locator("#trouble")).to_contain_text("Only PNG, JPEG, WebP")
