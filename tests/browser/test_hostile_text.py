"""Whatever people write is text on every page: nothing of it becomes an element, an attribute or a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from browser.browser_helpers import Place, Visitor, drawn, section
from cavendish.stores import accounts, ledger
from harness.inprocess import Account

# None holds a word that the scripted engine obeys: those stand alone between spaces.
STRINGS = [
    "<script>window.hacked=1</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=window.hacked=2>",
    "<img src=x onerror=\"window.hacked=3\">",
    "<svg onload=window.hacked=4>",
    "<svg><script>window.hacked=5</script></svg>",
    "<svg><animate onbegin=window.hacked=6 attributeName=x dur=1s>",
    "<math><mi//xlink:href=\"data:x,<script>window.hacked=7</script>\">",
    "<body onload=window.hacked=8>",
    "<iframe src=javascript:window.hacked=9></iframe>",
    "<iframe srcdoc='<script>parent.hacked=10</script>'></iframe>",
    "<object data=javascript:window.hacked=11>",
    "<embed src=javascript:window.hacked=12>",
    "<a href=javascript:window.hacked=13>click</a>",
    "<form action=javascript:window.hacked=14><button>go</button></form>",
    "<input autofocus onfocus=window.hacked=15>",
    "<details open ontoggle=window.hacked=16>",
    "<video><source onerror=window.hacked=17></video>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<template><script>window.hacked=18</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.hacked=19>\">",
    "<!--><img src=x onerror=window.hacked=20>-->",
    "<![CDATA[><script>window.hacked=21</script>]]>",
    "</textarea><script>window.hacked=22</script>",
    "</title><script>window.hacked=23</script>",
    "</script><script>window.hacked=24</script>",
    "\"><script>window.hacked=25</script>",
    "'><img src=x onerror=window.hacked=26>",
    "\" onmouseover=\"window.hacked=27",
    "' onfocus='window.hacked=28' autofocus='",
    "` onclick=`window.hacked=29",
    "javascript:window.hacked=30",
    "JaVaScRiPt:window.hacked=31//",
    "data:text/html,<script>window.hacked=32</script>",
    "{{constructor.constructor('window.hacked=33')()}}",
    "${window.hacked=34}",
    "#{window.hacked=35}",
    "<%= window.hacked=36 %>",
    "[[${window.hacked=37}]]",
    "&lt;script&gt;window.hacked=38&lt;/script&gt;",
    "&#60;img src=x onerror=window.hacked=39&#62;",
    "%3Cscript%3Ewindow.hacked=40%3C/script%3E",
    "\\u003cscript\\u003ewindow.hacked=41\\u003c/script\\u003e",
    "'; DROP TABLE generations; --",
    "\u202egnp.exe\u202c <b>\u2066bold\u2069</b>",
    "\u200b\ufeff<i>\u00ad</i>\u2028line\u2029paragraph \x01\x7f",
    "<b>" * 300 + "W" * 3000,
]  # fmt: skip

SOUND = """() => ({
    hacked: window.hacked ?? null,
    scripts: [...document.scripts].map((one) => one.getAttribute("src")),
    handlers: [...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((attribute) => attribute.name.startsWith("on"))).length,
    strange: document.querySelectorAll("object, embed, base, math, video, template, style, marquee").length,
    links: [...document.querySelectorAll("a, form")].filter((one) => /^(javascript|data):/i.test(one.getAttribute("href") ?? one.getAttribute("action") ?? "")).length,
    elsewhere: performance.getEntriesByType("resource").filter((one) => new URL(one.name).host !== location.host).length,
})"""


def sound(page: Page, script: str) -> bool:
    found = page.evaluate(SOUND)
    expected = {
        "hacked": None,
        "scripts": [f"/assets/{script}"],
        "handlers": 0,
        "strange": 0,
        "links": 0,
        "elsewhere": 0,
    }
    assert found == expected, found
    return True


@pytest.fixture(scope="module")
def writer(place: Place) -> Account:
    """Somebody who writes nothing else, in an account that manages the service."""
    assert len(STRINGS) == 50
    account = place.account(credits=100_000, operator=True)
    place.pictures(account, STRINGS)

    async def write(connection: object) -> None:
        # Behind the service's back: what its rules refuse today, a row of yesterday may hold.
        for text in STRINGS:
            line = text.replace("\0", "")[:200]
            await accounts.create_key(connection, await accounts.get(connection, account.id), label=line)  # type: ignore[arg-type]
            other = await accounts.ensure(connection, f"{line[:90]} {len(text)}")  # type: ignore[arg-type]
            await ledger.grant(connection, account.id, 1, reason=line)  # type: ignore[arg-type]
            await ledger.grant(connection, other.id, 1, reason=line)  # type: ignore[arg-type]

    place.ask(write)
    return account


def told(page: Page, selector: str) -> set[str]:
    return set(page.locator(selector).evaluate_all("(all) => all.map((one) => one.textContent)"))


def whole_list(page: Page) -> None:
    while (more := page.get_by_role("button", name="Show more")).is_visible():
        before = page.locator("tbody tr").count()
        more.click()
        page.locator("tbody tr").nth(before).wait_for()


def test_prompts_are_text_in_the_gallery_and_beside_the_picture(
    writer: Account, place: Place, visitor: Visitor
) -> None:
    page = visitor.page(place, writer)
    for _ in range(30):
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(50)
        if page.locator("#gallery .tile").count() == len(STRINGS):
            break

    assert told(page, "#gallery .foot bdi") == {text[:200] for text in STRINGS}
    page.evaluate("scrollTo(0, 0)")
    seen = page.evaluate(
        """async () => {
            const seen = [];
            for (const tile of document.querySelectorAll("#gallery .look")) {
                tile.click();
                await new Promise((done) => setTimeout(done, 10));
                const more = [...document.querySelectorAll("#result button")].find((one) => one.textContent.startsWith("Show the whole"));
                more?.click();
                for (const tab of document.querySelectorAll("#result [role=tab]")) tab.click();
                seen.push(document.querySelector(".caption").textContent);
            }
            return seen;
        }"""
    )
    assert set(seen) == set(STRINGS)
    assert sound(page, "try.js")


@pytest.mark.parametrize(
    ("name", "selector", "expected"),
    [
        ("keys", "tbody td:first-child bdi", {text[:200] for text in STRINGS}),
        ("statement", "tbody td:last-child bdi", {text[:200] for text in STRINGS}),
        ("generations", "tbody .clamp bdi", {text[:400] for text in STRINGS}),
        ("accounts", "tbody td:first-child bdi", {f"{text[:90]} {len(text)}" for text in STRINGS}),
        ("all", "tbody .clamp bdi", {text[:400] for text in STRINGS}),
    ],
)  # fmt: skip
def test_everything_is_text_in_the_console(
    name: str, selector: str, expected: set[str], writer: Account, place: Place, visitor: Visitor
) -> None:
    page = visitor.page(place, writer, f"/console#{name}")
    drawn(page, name)
    whole_list(page)

    assert expected - told(page, selector) == set()
    assert sound(page, "console.js")


def test_names_are_text_in_dialogs_and_in_what_is_said_afterwards(
    writer: Account, place: Place, visitor: Visitor
) -> None:
    hostile = "<img src=x onerror=window.hacked=99>"
    place.account(name=hostile)
    page = visitor.page(place, writer, "/console#accounts")
    whole_list(page)
    for action in ("Grant credits to", "Login link for", "Make"):
        page.locator(f"button[aria-label^='{action} {hostile}']").click()
        assert hostile in page.get_by_role("dialog").get_by_role("heading").inner_text()
        if action == "Login link for":  # shown once: Esc does not discard it
            page.get_by_role("dialog").get_by_role("button", name="I have kept it").click()
        else:
            page.keyboard.press("Escape")
    page.locator(f"button[aria-label^='Grant credits to {hostile}']").click()
    page.fill("#amount", "1")
    page.fill("#reason", hostile)
    page.get_by_role("dialog").get_by_role("button", name="Grant").click()
    page.locator("#toast p").wait_for()

    assert hostile in page.locator("#toast").inner_text()
    assert sound(page, "console.js")


def test_an_error_that_repeats_what_was_sent_is_text(writer: Account, place: Place, visitor: Visitor) -> None:
    hostile = "<img src=x onerror=window.hacked=98>"
    page = visitor.page(place, writer, "/console#keys")
    page.fill("#limit", hostile)
    page.get_by_role("button", name="Make a key").click()

    page.get_by_role("alert").filter(has_text=hostile).wait_for()
    assert sound(page, "console.js")


def test_the_policy_stops_a_script_that_got_in_all_the_same(place: Place, visitor: Visitor) -> None:
    """The second wall, tried from inside: inline code, handlers and HTML text are all refused by the browser."""
    page = visitor.page(place, place.account())

    found = page.evaluate(
        """async () => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
            const tried = (work) => { try { work(); } catch (error) { refused.push(error.name); } };
            tried(() => { const one = document.createElement("script"); one.append("window.hacked = 1"); document.body.append(one); });
            tried(() => { document.body.innerHTML += "<img src=x onerror='window.hacked = 2'>"; });
            tried(() => { document.body.setAttribute("onclick", "window.hacked = 3"); document.body.click(); });
            tried(() => { const one = document.createElement("script"); one.src = "https://evil.example/x.js"; document.body.append(one); });
            tried(() => { const one = document.createElement("img"); one.src = "https://evil.example/x.png"; document.body.append(one); });
            await fetch("https://evil.example/").catch(() => {});
            await new Promise((done) => setTimeout(done, 300));
            return [window.hacked ?? null, refused];
        }"""
    )

    assert found[0] is None
    assert {"TypeError", "require-trusted-types-for", "img-src", "connect-src"} <= set(found[1]), found
    assert visitor.problems  # the browser told of each
    visitor.problems.clear()


def test_inline_code_in_the_page_itself_does_not_run(place: Place, visitor: Visitor) -> None:
    def smuggle(route: Route) -> None:
        answer = route.fetch()
        inline = "<script>window.hacked=1</script><svg onload='window.hacked=2'></svg></body>"
        route.fulfill(response=answer, body=answer.text().replace("</body>", inline))

    context = visitor.context(place, place.account())
    context.route("**/nano-banana-2", smuggle)
    page = context.new_page()
    page.goto("/nano-banana-2")
    page.locator("#prompt").wait_for()

    assert page.evaluate("[document.scripts.length, window.hacked ?? null]") == [2, None]
    assert any("Content Security Policy" in problem for problem in visitor.problems)
    visitor.problems.clear()


def test_a_section_of_hostile_names_is_reached_from_another(writer: Account, place: Place, visitor: Visitor) -> None:
    page = visitor.page(place, writer, "/console")

    section(page, "audit")

    assert sound(page, "console.js")
