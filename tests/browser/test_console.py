"""The console of one account: keys shown once, credits by generation, what became of each."""

from __future__ import annotations

from playwright.sync_api import Route

from browser.browser_helpers import Place, Visitor, drawn, section
from harness.inprocess import Account


def works(place: Place, key: str) -> bool:
    """For a program, by plain HTTP."""
    return place.served.call("/api/v1/credits", key=key)[0] == 200


def test_a_key_is_shown_once_and_works(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    page.fill("#label", "my phone")
    page.fill("#limit", "7/hour")
    page.get_by_role("button", name="Make a key").click()
    key = page.locator(".secret").inner_text()
    page.get_by_role("button", name="I have kept it").click()

    assert works(place, key)
    row = page.locator("tr:has-text('my phone')")
    assert "7 an hour" in row.inner_text()
    page.reload()
    drawn(page, "keys")
    assert key not in page.content()


def test_escape_does_not_discard_a_key_that_is_shown_once(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    page.get_by_role("button", name="Make a key").click()
    key = page.locator(".secret").inner_text()

    for _ in range(4):
        page.keyboard.press("Escape")
    page.wait_for_timeout(100)  # a close would be told by now

    assert page.get_by_role("dialog").is_visible() and page.locator(".secret").inner_text() == key
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("dialog").wait_for(state="detached")


def test_a_key_gets_another_label_and_limit(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Label").last.fill("renamed")
    page.get_by_label("Limit").last.fill("nonsense")
    page.get_by_role("button", name="Save").click()
    assert "write COUNT/PERIOD" in page.get_by_role("dialog").get_by_role("alert").inner_text()

    page.get_by_label("Limit").last.fill("5/minute")
    page.get_by_role("button", name="Save").click()

    page.locator("tr:has-text('renamed'):has-text('5 a minute')").wait_for()


def test_a_revoked_key_stops_working(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    page.fill("#label", "lost")
    page.get_by_role("button", name="Make a key").click()
    key = page.locator(".secret").inner_text()
    page.get_by_role("button", name="I have kept it").click()

    page.get_by_role("button", name="Revoke lost").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    page.locator("tr:has-text('lost') .pill.revoked").wait_for()
    page.wait_for_timeout(300)

    assert not works(place, key)


def test_revoking_the_key_that_signed_in_ends_the_sign_in(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    page.wait_for_timeout(300)
    page.goto("/console")

    page.locator("#key").wait_for()
    assert "/login" in page.url


def test_the_statement_tells_every_credit_that_moved(place: Place, visitor: Visitor) -> None:
    account = place.account(credits=100)
    place.pictures(account, ["one"])
    place.served.picture("please blocked", key=account.key)
    page = visitor.page(place, account, "/console#statement")

    lines = page.locator("tbody tr").all()
    told = [(line.locator(".pill").inner_text(), line.locator("td").nth(3).inner_text()) for line in lines]

    assert told == [("release", "+4"), ("hold", "−4"), ("capture", ""), ("hold", "−4"), ("grant", "+100")]


def test_the_overview_counts_and_draws_what_was_made(place: Place, visitor: Visitor) -> None:
    account = place.account(credits=100)
    place.pictures(account, ["one", "another"])
    page = visitor.page(place, account, "/console")

    figures = page.locator(".figure").all_inner_texts()
    assert [text.split()[0] for text in figures[:4]] == ["92", "0", "2", "8"]
    page.get_by_role("img", name="Pictures by day: 2 in 30 days, at most 2 on one").wait_for()
    assert page.locator(".plot rect").count() == 1


def test_a_generation_tells_its_history(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, ["with a past"])
    page = visitor.page(place, account, "/console#generations")
    page.locator("details summary").click()
    page.locator(".history li").first.wait_for()

    states = page.locator(".history .pill").all_inner_texts()

    assert states == ["pending", "hold", "generating", "completed", "capture"]


def test_a_long_list_goes_on_by_a_button(place: Place, visitor: Visitor) -> None:
    account = place.account()
    place.pictures(account, [f"number {number}" for number in range(26)])
    page = visitor.page(place, account, "/console#statement")
    assert page.locator("tbody tr").count() == 50

    page.get_by_role("button", name="Show more").click()

    page.locator("tbody tr").nth(52).wait_for()
    assert page.get_by_role("button", name="Show more").is_hidden()


def test_somebody_without_the_role_sees_nothing_of_the_service(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#accounts")

    assert page.get_by_role("tab").all_inner_texts() == ["Overview", "Keys", "Credits", "Generations"]
    assert page.locator("#panel h2").inner_text() == "Overview"


def test_a_section_that_fails_offers_to_try_again(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console")
    page.route("**/api/v1/statement*", lambda route: route.abort(), times=1)
    page.click("#tab-statement")
    page.locator("#panel [role=alert]").wait_for()

    page.get_by_role("button", name="Try again").click()

    page.locator("#panel table").wait_for()


def test_the_skip_link_leads_to_the_content_and_not_to_another_section(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, place.account(), "/console#keys")
    drawn(page, "keys")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "panel"
    assert page.locator("#panel h2").inner_text() == "Keys"


def operator(place: Place) -> Account:
    return place.account(operator=True)


def test_an_operator_comes_to_what_all_accounts_make(place: Place, visitor: Visitor) -> None:
    """And not to the own account, which may have made nothing."""
    place.pictures(place.account(), ["one of somebody", "another of somebody"])
    page = visitor.page(place, operator(place), "/console")

    drawn(page, "service")
    made = page.locator(".figure:has-text('pictures in 30 days') b").inner_text()
    assert int(made.replace(",", "")) >= 2
    assert page.locator(".plot rect").count() >= 1


def test_an_operator_grants_credits_with_a_reason(place: Place, visitor: Visitor) -> None:
    other = place.account(credits=5, name="granted-one")
    page = visitor.page(place, operator(place), "/console#accounts")
    page.get_by_role("button", name="Grant credits to granted-one").click()
    page.fill("#amount", "40")
    page.fill("#reason", "for March")
    page.get_by_role("dialog").get_by_role("button", name="Grant").click()

    page.locator("#toast:has-text('granted-one has 45 credits')").wait_for()
    theirs = visitor.page(place, other, "/console#statement")
    assert "for March" in theirs.locator("tbody tr").first.inner_text()


def test_an_impossible_grant_is_refused_in_the_dialog(place: Place, visitor: Visitor) -> None:
    place.account(name="not-granted")
    page = visitor.page(place, operator(place), "/console#accounts")
    page.get_by_role("button", name="Grant credits to not-granted").click()
    page.fill("#amount", "-1")
    page.get_by_role("dialog").get_by_role("button", name="Grant").click()

    page.get_by_role("dialog").get_by_role("alert").filter(has_text="a whole number from 1 to").wait_for()


def test_an_operator_makes_an_account_and_its_login_link_works_once(place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, operator(place), "/console#accounts")
    page.fill("#name", "new-team")
    page.get_by_role("button", name="Make an account").click()
    page.get_by_role("button", name="Login link for new-team").click()
    link = page.locator(".secret").inner_text()

    first = visitor.context(place).new_page()
    first.goto(link)
    first.locator("#prompt").wait_for()
    assert first.locator(".who .name").inner_text() == "new-team"
    second = visitor.context(place).new_page()
    second.goto(link)
    second.locator("#trouble:not([hidden])").wait_for()
    assert "was used already" in second.locator("#trouble").inner_text()


def test_an_operator_gives_and_takes_the_role(place: Place, visitor: Visitor) -> None:
    other = place.account(name="deputy")
    page = visitor.page(place, operator(place), "/console#accounts")
    page.get_by_role("button", name="Make deputy an operator").click()
    page.get_by_role("dialog").get_by_role("button", name="Make an operator").click()
    page.get_by_role("button", name="Take the role away from deputy").wait_for()
    assert visitor.page(place, other, "/console").get_by_role("tab", name="Accounts").count() == 1

    page.get_by_role("button", name="Take the role away from deputy").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it away").click()

    page.get_by_role("button", name="Make deputy an operator").wait_for()


def test_an_operator_sees_everyones_generations_by_state(place: Place, visitor: Visitor) -> None:
    other = place.account(name="busy-one")
    place.pictures(other, ["a good one"])
    place.served.picture("please no_image", key=other.key)
    page = visitor.page(place, operator(place), "/console#all")
    page.fill("#account", "busy-one")
    page.select_option("#state", "failed")

    page.locator("tbody tr:has-text('GENERATION_FAILED')").wait_for()
    page.locator("tbody tr:has-text('a good one')").wait_for(state="detached")


def test_an_engine_that_is_spared_says_so_with_what_waits_and_how_long(place: Place, visitor: Visitor) -> None:
    page = visitor.context(place, operator(place)).new_page()
    line = {"name": "gemini", "routes": ["nano-banana-2"], "waiting": 122, "generating": 0, "oldestSeconds": 431,
            "completed": 5, "failed": 9, "open": 1}  # fmt: skip
    answer = {"success": True, "engines": [line], "workers": []}
    page.route("**/api/v1/operator/engines", lambda route: route.fulfill(json=answer))
    page.goto("/console#engines")
    drawn(page, "engines")

    cells = page.locator("tbody tr").first.locator("td").all_inner_texts()

    assert cells[1].startswith("paused in 1 worker") and "tried anew" in cells[1]
    assert cells[3:6] == ["122", "0", "7 min"]


def test_a_generation_is_found_by_the_id_that_its_row_shows(place: Place, visitor: Visitor) -> None:
    someone = place.account()
    first, second = place.pictures(someone, ["a first", "a second"])
    page = visitor.page(place, operator(place), "/console#all")

    page.get_by_label("Prompt or id").fill(first["generationId"])
    page.get_by_role("button", name="Show", exact=True).click()

    page.locator(f"tr:has-text('{second['generationId']}')").wait_for(state="detached")
    rows = page.locator("tbody tr")
    assert rows.count() == 1 and first["generationId"] in rows.inner_text()
    gallery = visitor.page(place, someone)
    gallery.fill("#find", second["generationId"])
    gallery.locator("#gallery .tile:has-text('a first')").wait_for(state="detached")
    assert gallery.locator("#gallery .tile").count() == 1


def test_a_list_goes_on_behind_pages_without_a_match(place: Place, visitor: Visitor) -> None:
    """As a look that took too long answers: nothing yet, and where to go on."""
    someone = place.account()
    place.pictures(someone, ["a kite"])
    page = visitor.context(place, someone).new_page()

    def late(route: Route) -> None:
        if "cursor" in route.request.url:
            route.continue_()
        else:
            route.fulfill(json={"success": True, "generations": [], "nextCursor": "f" * 32})

    page.route("**/api/v1/generations?*", late)
    page.route(
        "**/api/v1/generations?*cursor=f*", lambda route: route.continue_(url=route.request.url.split("&cursor")[0])
    )

    page.goto("/console#generations")
    page.locator("tr:has-text('a kite')").wait_for()
    page.goto("/nano-banana-2")
    page.locator("#gallery .tile:has-text('a kite')").wait_for()


def test_an_operator_sees_engines_failures_and_who_did_what(place: Place, visitor: Visitor) -> None:
    account = operator(place)
    place.served.picture("please no_image", key=account.key)
    page = visitor.page(place, account, "/console#engines")
    assert page.locator("tr:has-text('script') .pill").first.inner_text() == "in use"

    section(page, "failures")
    assert "GENERATION_FAILED" in page.locator("#panel").inner_text()
    section(page, "audit")
    assert "sign in" in page.locator("tbody tr").first.inner_text()
