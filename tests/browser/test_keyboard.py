"""Everything is done with the keyboard alone, and one always sees where one is."""

from __future__ import annotations

import pytest
from cavendish_test_engines.png import png
from playwright.sync_api import Page

from browser.browser_helpers import DESKTOP, PHONE, Place, Visitor, drawn, drop, shown

FOCUSED = """() => {
    const one = document.activeElement;
    const ring = (element) => element && getComputedStyle(element).outlineStyle !== "none" && parseFloat(getComputedStyle(element).outlineWidth) >= 2;
    return [one.tagName + (one.id ? "#" + one.id : "." + one.className) + " " + one.textContent.slice(0, 20), Boolean(ring(one) || ring(one.nextElementSibling))];
}"""


def press(page: Page, key: str, until: str, *, most: int = 60) -> None:
    """Press a key until what has the focus matches."""
    for _ in range(most):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", until):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} does not lead to {until}")


def test_a_picture_is_made_with_the_keyboard_alone(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    assert page.evaluate("document.activeElement.id") == "prompt"
    page.keyboard.type("by keys only")

    press(page, "Tab", "input[name=ratio]")
    page.keyboard.press("ArrowRight")
    press(page, "Tab", "input[name=quality]")
    page.keyboard.press("ArrowRight")
    press(page, "Tab", "#make")
    page.keyboard.press("Enter")
    shown(page)

    facts = page.locator(".facts").inner_text()
    assert "3:2" in facts and "8 credits" in facts


def test_control_and_enter_send_from_the_prompt(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account())
    page.keyboard.type("at once")
    page.keyboard.press("Control+Enter")

    shown(page)


def test_the_focus_is_always_seen(place: Place, visitor: Visitor) -> None:
    account = place.account(operator=True)
    place.pictures(account, ["one"])
    for path, size in (("/nano-banana-2", DESKTOP), ("/console#accounts", PHONE), ("/console#keys", DESKTOP)):
        page = visitor.page(place, account, path, size=size)
        if path == "/nano-banana-2":
            page.get_by_role("button", name="Show: one").click()
            page.evaluate("document.activeElement.blur()")
        seen = []
        for _ in range(45):
            page.keyboard.press("Tab")
            seen.append(page.evaluate(FOCUSED))
        assert [name for name, ringed in seen if not ringed and not name.startswith("BODY")] == []
        assert len({name for name, _ in seen}) > 12


def test_the_sections_of_the_console_are_opened_by_arrow_keys(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(operator=True), "/console#overview")
    press(page, "Tab", "[role=tab]")
    opened = []
    for name in (
        "keys",
        "statement",
        "generations",
        "service",
        "accounts",
        "all",
        "engines",
        "failures",
        "audit",
        "overview",
    ):
        page.keyboard.press("ArrowDown")
        drawn(page, name)
        opened.append(page.locator("#panel h2").inner_text())

    assert opened[-1] == "Overview" and len(set(opened)) == 10


def test_a_dialog_keeps_the_focus_and_gives_it_back(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    press(page, "Tab", "button[aria-label^=Change]")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        )

    page.keyboard.press("Escape")

    page.get_by_role("dialog").wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Change")


def test_a_picture_is_deleted_with_the_keyboard_and_the_focus_goes_on(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["first"])
    place.pictures(account, ["second"])
    page = visitor.page(place, account)
    page.locator("#gallery .tile").nth(1).wait_for()
    press(page, "Tab", "button[aria-label='Delete: second']")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Enter")

    page.locator("#gallery .tile").nth(1).wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Show: first"


# What has the focus, and which part of it lies under the bar at the lower edge or outside the window.
COVERED = """() => {
    const one = document.activeElement;
    const bar = document.querySelector(".send");
    const name = one.id || one.name || one.textContent.slice(0, 20);
    if (one === document.body || bar.contains(one)) return [name, 0];
    const [box, over] = [one.getBoundingClientRect(), bar.getBoundingClientRect()];
    const across = Math.min(box.right, over.right) - Math.max(box.left, over.left);
    const down = Math.min(box.bottom, over.bottom, innerHeight) - Math.max(box.top, over.top);
    const beyond = Math.max(box.bottom - innerHeight, -box.top);
    return [name, Math.max(across > 1 ? down : 0, beyond, 0) / box.height];
}"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_the_bar_covers_nothing_that_has_the_focus(
    key: str, size: tuple[int, int], place: Place, visitor: Visitor
) -> None:
    page = visitor.page(place, place.account(), size=size)
    drop(page, *[(f"{number}.png", "image/png", png(8, 8)) for number in range(3)])
    page.locator("#inputs li:not(.waiting)").nth(2).wait_for()
    page.click("#make")
    page.locator("#trouble:not([hidden])").wait_for()
    page.locator("summary").first.click()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")

    seen = []
    for _ in range(40):
        page.keyboard.press(key)
        seen.append(tuple(page.evaluate(COVERED)))
    for name in ("mode", "ratio", "quality"):  # radio buttons are gone through by arrows
        page.locator(f"input[name={name}]").first.focus()
        for _ in range(14):
            page.keyboard.press("ArrowRight")
            seen.append(tuple(page.evaluate(COVERED)))

    assert {name for name, _ in seen} >= {"quality", "seed", "input-url"}
    # Of a field the browser shows where one writes, not its last edge.
    assert [(name, part) for name, part in seen if part > (0.2 if name == "prompt" else 0.01)] == []
