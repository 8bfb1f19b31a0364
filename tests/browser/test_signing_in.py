"""A sign-in is a cookie that scripts cannot read, for this service's own pages only."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route

from browser.browser_helpers import Place, Visitor


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A page of another server."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><link rel=icon href='data:,'><p>evil")

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def enter(page: Page, key: str) -> None:
    page.fill("#key", key)
    page.get_by_role("button", name="Sign in").click()


def test_a_key_signs_in_and_leaves_nothing_that_a_script_can_read(place: Place, visitor: Visitor) -> None:
    account = place.account()
    page = visitor.page(place, path="/console")
    page.locator("#key").wait_for()
    enter(page, account.key)
    page.locator("#panel h2").wait_for()

    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("cavendish_session", True, "Lax")
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    assert account.key not in page.content()
    assert page.url == f"{place.url}/console"


def test_a_wrong_key_is_told(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, path="/login")
    enter(page, "cav_live_nonsense")

    page.locator("#trouble:not([hidden])").wait_for()
    assert page.get_by_role("button", name="Sign in").is_enabled()
    assert page.evaluate("document.activeElement.id") == "key"


def test_a_login_link_works_once_and_leaves_the_address(place: Place, visitor: Visitor) -> None:
    path = place.login_path(place.account())
    first = visitor.context(place).new_page()
    first.goto(path)
    first.locator("#prompt").wait_for()

    second = visitor.context(place).new_page()
    second.goto(path)
    second.locator("#trouble:not([hidden])").wait_for()

    assert "was used already" in second.locator("#trouble").inner_text()
    assert second.url == f"{place.url}/login"
    first.go_back()
    assert path.partition("#")[2] not in first.url


@pytest.mark.parametrize("wish", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_link_leads_elsewhere_after_signing_in(wish: str, place: Place, visitor: Visitor) -> None:
    page = visitor.context(place).new_page()
    page.goto(f"/login?next={wish}")

    enter(page, place.account().key)
    page.locator("#prompt").wait_for()

    assert page.url == f"{place.url}/nano-banana-2"


def test_signing_out_in_one_tab_ends_it_in_the_other(place: Place, visitor: Visitor) -> None:
    one = visitor.page(place, place.account())
    other = one.context.new_page()
    other.goto("/console#statement")
    other.locator("#panel table").wait_for()

    one.get_by_role("button", name="Sign out").click()
    one.locator("#key").wait_for()
    other.wait_for_timeout(300)
    other.click("#tab-keys")

    other.locator("#key").wait_for()
    assert other.url.endswith("/login?next=%2Fconsole%23keys")


def test_another_sites_page_cannot_act_as_the_one_who_is_signed_in(
    elsewhere: str, place: Place, visitor: Visitor
) -> None:
    """Another port is another origin, but the same site: the cookie comes along, and only the Origin tells."""
    page = visitor.page(place, place.account(), "/console#keys")
    evil = page.context.new_page()
    evil.goto(elsewhere)
    sent = []
    page.context.on("response", lambda answer: sent.append((answer.request.method, answer.status)))

    evil.evaluate(
        """(url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: '{"label": "stolen"}' })""",
        f"{place.url}/api/v1/keys",
    )

    assert ("POST", 403) in sent
    page.reload()
    page.locator("tbody tr").first.wait_for()
    assert "stolen" not in page.locator("#panel").inner_text()


def test_the_sign_in_page_asks_for_nothing_that_is_missing(place: Place, visitor: Visitor) -> None:
    answers: list[tuple[str, int]] = []
    context = visitor.context(place)
    context.on("response", lambda answer: answers.append((answer.url, answer.status)))
    page = context.new_page()
    page.goto("/login")
    page.wait_for_load_state("networkidle")

    assert any(url.endswith("/api/v1/session/offers") for url, _ in answers)
    assert [(url, status) for url, status in answers if status >= 400] == []


def test_an_offered_company_sign_in_is_a_link(place: Place, visitor: Visitor) -> None:
    def offer(route: Route) -> None:
        route.fulfill(json={"success": True, "single": "Company <b>login</b>"})

    page = visitor.context(place).new_page()
    page.route("**/api/v1/session/offers", offer)
    page.goto("/login")

    link = page.get_by_role("link", name="Company <b>login</b>")
    assert link.get_attribute("href") == "/login/single"
