"""Each page in each of its states: without a barrier that axe finds, as wide as the screen, and kept as a picture."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from cavendish_test_engines.png import png
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from browser.browser_helpers import ARTIFACTS, DESKTOP, PHONE, WALL, Place, Visitor, drawn, drop, make, shown
from harness.inprocess import Account

PROMPTS = [
    "A futuristic cityscape at sunset with flying cars and neon lights",
    "A serene Japanese garden with cherry blossoms and a koi pond",
    "Underwater scene with a whale, tropical fish and coral, sun rays",
    "Snowy mountains at dawn, a lake in front",
    "A lighthouse above a stormy sea",
    "A hot air balloon over hills in autumn",
    "A galaxy with a ringed planet",
]
LONG = "An old harbour in the morning mist, " * 30


@pytest.fixture(scope="module")
def owner(studio: Place) -> Account:
    """Somebody with pictures, keys, failures and the role, so that no table is empty."""
    account = studio.account(credits=2000, operator=True, name="design-team")
    studio.account(credits=250, name="a-quiet-one")
    studio.pictures(account, PROMPTS, seed=11)
    studio.pictures(account, [LONG], aspectRatio="9:16", seed=4)
    studio.served.picture("please", key=account.key, mode="edit", inputImageUrls=["http://nowhere.invalid/away.jpg"])
    return account


@pytest.fixture(scope="module", autouse=True)
def past(studio: Place, owner: Account) -> None:
    """Some of it was made on other days."""

    async def spread(connection: Any) -> None:
        rows = await connection.fetch("SELECT id FROM cavendish.generations ORDER BY created_at")
        for number, row in enumerate(rows):
            back = datetime.timedelta(days=(number * 3) % 19, minutes=number)
            await connection.execute(
                "UPDATE cavendish.generations SET created_at = created_at - $2::interval, "
                "started_at = started_at - $2::interval, finished_at = finished_at - $2::interval WHERE id = $1",
                row["id"], back,
            )  # fmt: skip

    studio.ask(spread)


def idle(page: Page) -> None:
    page.locator("#gallery .tile").first.wait_for()


def newcomer(page: Page) -> None:
    page.locator("#gallery-empty:not([hidden])").wait_for()


def under_way(page: Page) -> None:
    page.route("**/events", lambda route: route.abort())
    page.route(
        "**/check-status",
        lambda route: route.fulfill(json={"success": True, "status": "generating", "progress": 45}),
    )
    make(page, "A lighthouse above a stormy sea")
    page.locator(".words:has-text('45 %')").wait_for()
    page.locator("#make:enabled").wait_for()


def opened(text: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.get_by_role("button", name=f"Show: {text}").first.click()
        shown(page)

    return show


def code(page: Page) -> None:
    opened(PROMPTS[1])(page)
    page.get_by_text("This request in your program").click()


def failed(page: Page) -> None:
    page.get_by_role("button", name="Show: please").click()
    page.locator("#failure").wait_for()


def editing(page: Page) -> None:
    drop(page, ("photo.png", "image/png", png(40, 30)))
    page.locator("#inputs li:not(.waiting)").wait_for()
    page.locator("#more").click()


def refused(page: Page) -> None:
    page.click("#make")
    page.locator("#trouble:not([hidden])").wait_for()


def deleting(page: Page) -> None:
    page.locator("#gallery .foot button").first.click()
    page.get_by_role("dialog").wait_for()


def unknown_picture(page: Page) -> None:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, "JPEG")
    page.set_input_files("#files", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    page.locator("#found h2").wait_for()


def wrong_key(page: Page) -> None:
    page.fill("#key", "cav_live_wrong")
    page.get_by_role("button", name="Sign in").click()
    page.locator("#trouble:not([hidden])").wait_for()


def section(name: str) -> Callable[[Page], None]:
    return lambda page: drawn(page, name)


def new_key(page: Page) -> None:
    page.fill("#label", "a screenshot")
    page.get_by_role("button", name="Make a key").click()
    page.locator(".secret").wait_for()
    page.locator(".secret").evaluate("(one) => { one.textContent = 'cav_live_' + 'x'.repeat(46); }")


def granting(page: Page) -> None:
    page.get_by_role("button", name="Grant credits to a-quiet-one").click()
    page.get_by_role("dialog").wait_for()


def history(page: Page) -> None:
    page.locator("details summary").first.click()
    page.locator(".history li").first.wait_for()


OWN, NEW, NOBODY = "owner", "newcomer", "nobody"
STATES: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "login": (NOBODY, "/login", lambda page: None),
    "login-refused": (NOBODY, "/login", wrong_key),
    "verify": (NOBODY, "/verify", lambda page: None),
    "verify-nothing": (NOBODY, "/verify", unknown_picture),
    "make": (OWN, "/nano-banana-2", idle),
    "make-newcomer": (NEW, "/nano-banana-2", newcomer),
    "make-waiting": (OWN, "/nano-banana-2", under_way),
    "make-picture": (OWN, "/nano-banana-2", opened(PROMPTS[0])),
    "make-long-prompt": (OWN, "/nano-banana-2", opened("An old harbour")),
    "make-code": (OWN, "/nano-banana-2", code),
    "make-failed": (OWN, "/nano-banana-2", failed),
    "make-editing": (OWN, "/nano-banana-2", editing),
    "make-refused": (OWN, "/nano-banana-2", refused),
    "make-deleting": (OWN, "/nano-banana-2", deleting),
    "console-overview": (OWN, "/console#overview", section("overview")),
    "console-service": (OWN, "/console", section("service")),
    "console-newcomer": (NEW, "/console", section("overview")),
    "console-keys": (OWN, "/console#keys", section("keys")),
    "console-new-key": (OWN, "/console#keys", new_key),
    "console-credits": (OWN, "/console#statement", section("statement")),
    "console-generations": (OWN, "/console#generations", section("generations")),
    "console-history": (OWN, "/console#generations", history),
    "console-accounts": (OWN, "/console#accounts", section("accounts")),
    "console-granting": (OWN, "/console#accounts", granting),
    "console-all": (OWN, "/console#all", section("all")),
    "console-engines": (OWN, "/console#engines", section("engines")),
    "console-failures": (OWN, "/console#failures", section("failures")),
    "console-audit": (OWN, "/console#audit", section("audit")),
}
# All that a scheme of colours changes: the pages have one layout for both.
BY_COLOUR = ["color-contrast", "link-in-text-block"]
SIZES = {"desktop": DESKTOP, "phone": PHONE}

LOADED = """() => Promise.all([...document.images]
    .filter((one) => { const box = one.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; })
    .map((one) => one.decode().catch(() => {})))"""

# axe takes a placeholder for a name; who types sees it no longer.
UNNAMED = """() => [...document.querySelectorAll("input:not([hidden]), select, textarea")]
    .filter((one) => !one.labels.length && !one.hasAttribute("aria-label")).map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def stranger(studio: Place) -> Account:
    return studio.account(credits=3, name="newcomer")


def picture(page: Page, name: str) -> None:
    """Keep how it looks, once every picture in sight has come."""
    page.evaluate(LOADED)
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png")


class Room:
    """Browsers that stay open from test to test: signing in anew for each would take most of the time."""

    def __init__(self, browser: Browser, place: Place, accounts: dict[str, Account | None]) -> None:
        self._visitor, self._place, self._accounts = Visitor(browser), place, accounts
        self._contexts: dict[tuple[str, str], Any] = {}

    def page(self, who: str, size: str) -> Page:
        key = (who, size)
        if key not in self._contexts:
            # Without motion nothing is half faded when it is looked at.
            options = {"size": SIZES[size], "reduced_motion": "reduce"}
            self._contexts[key] = self._visitor.context(self._place, self._accounts[who], **options)
        page: Page = self._contexts[key].new_page()
        return page

    def told(self) -> list[str]:
        """What the pages since the last question should not have done."""
        problems, self._visitor.problems = self._visitor.problems, []
        return problems

    def close(self) -> None:
        self._visitor.close()


@pytest.fixture(scope="module")
def room(browser: Browser, studio: Place, owner: Account, stranger: Account) -> Iterator[Room]:
    opened = Room(browser, studio, {OWN: owner, NEW: stranger, NOBODY: None})
    yield opened
    opened.close()


def barriers(page: Page, **options: Any) -> list[tuple[str, list[str]]]:
    """What axe finds."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", STATES)
def test_a_page_has_no_barrier_and_fits_its_screen(name: str, size: str, room: Room) -> None:
    who, path, reach = STATES[name]
    page = room.page(who, size)
    page.goto(path)
    page.locator("main:not([hidden])").wait_for()
    reach(page)

    picture(page, f"{name}-{size}-light")
    by_day = barriers(page)
    page.emulate_media(color_scheme="dark")
    picture(page, f"{name}-{size}-dark")
    by_night = barriers(page, runOnly=BY_COLOUR)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    unnamed = page.evaluate(UNNAMED)
    page.close()

    assert by_day == []
    assert by_night == []
    assert unnamed == []
    assert overflow == 0
    assert room.told() == []


@pytest.mark.parametrize("name", ["make-picture", "console-overview", "login"])
def test_a_page_fills_a_wall_of_pixels(
    name: str, owner: Account, stranger: Account, studio: Place, visitor: Visitor
) -> None:
    who, path, reach = STATES[name]
    page = visitor.page(studio, owner if who == OWN else None, path, size=WALL, reduced_motion="reduce")
    reach(page)

    picture(page, f"{name}-wall-light")
    size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")

    assert 24 <= size <= 32
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_picture_stays_within_the_window_whatever_its_shape(studio: Place, visitor: Visitor) -> None:
    account = studio.account()
    for ratio in ("1:8", "8:1"):
        studio.pictures(account, [f"mist {ratio}"], aspectRatio=ratio)
    page = visitor.page(studio, account)
    for ratio in ("1:8", "8:1"):
        page.get_by_role("button", name=f"Show: mist {ratio}").click()
        expect(page.locator("#picture")).to_have_attribute("alt", f"mist {ratio}")
        shown(page)
        box = page.locator("#frame").bounding_box()
        assert box and box["height"] <= 1000 and box["width"] <= 1400
        picture(page, f"make-{ratio.replace(':', 'x')}-desktop-light")
