"""What the tests in a real browser share: services to visit, people who visit them, and what a page must never do."""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import datetime
import os
import re
import secrets
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from playwright.sync_api import Browser, BrowserContext, Page, Route

from cavendish.models import RateLimit
from cavendish.postgres.cluster import Cluster
from cavendish.stores import accounts, ledger, sessions
from harness.inprocess import Account
from harness.processes import Served, Starter

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "src/cavendish/web/site"
ARTIFACTS = ROOT / "artifacts/pages"
WIDE = RateLimit(100_000, 3600)
DESKTOP, PHONE, WALL = (1400, 1000), (360, 740), (3840, 2160)
SCRIPTED = "nano-banana-2=script;nano-banana-pro=instant"
SKETCHED = "nano-banana-2=sketch;nano-banana-pro=sketch"
PATIENCE_MILLISECONDS = 15_000
LINK = re.compile(r"http://\S+/login#\S+")

Result = TypeVar("Result")


def chromium() -> str | None:
    """Your own by CAVENDISH_CHROMIUM, else the one that the system has."""
    own = os.environ.get("CAVENDISH_CHROMIUM")
    return own or next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)


class Services(Starter):
    """Starts `cavendish serve` from these sources."""

    def environment(self, **variables: str) -> dict[str, str]:
        environment = super().environment(**variables)
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), environment["PYTHONPATH"]])
        environment["PYTHONPYCACHEPREFIX"] = f"/tmp/cavendish-tests-{os.getuid()}-pycache"
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment


@dataclass
class Place:
    """One service, with its database behind its back."""

    served: Served

    @property
    def url(self) -> str:
        return self.served.url

    def account(
        self, *, credits: int = 1000, operator: bool = False, limit: RateLimit | None = WIDE, name: str = ""
    ) -> Account:
        """A new account with one key."""

        async def make(connection: Any) -> Account:
            async with connection.transaction():
                owner = await accounts.ensure(connection, name or f"account-{secrets.token_hex(4)}")
                if operator:
                    await accounts.set_operator(connection, owner.id, True)
                if credits:
                    await ledger.grant(connection, owner.id, credits, reason="for the test")
                key = await accounts.create_key(connection, owner, limit=limit)
            assert key.secret
            return Account(owner.id, owner.name, key.secret, key.id)

        return self.ask(make)

    def login_path(self, account: Account) -> str:
        """A link that signs in once, without its host."""

        async def make(connection: Any) -> str:
            return await sessions.make_link(connection, account.id, lifetime=datetime.timedelta(minutes=5))

        return f"/login#{self.ask(make)}"

    def pictures(self, account: Account, prompts: list[str], **fields: Any) -> list[dict[str, Any]]:
        """Made through the API, a few at a time; in their order."""
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            return list(pool.map(lambda text: self.served.picture(text, key=account.key, **fields), prompts))

    def rows(self, query: str, *arguments: object) -> list[Any]:
        async def read(connection: Any) -> list[Any]:
            return list(await connection.fetch(query, *arguments))

        return self.ask(read)

    def ask(self, question: Callable[[Any], Awaitable[Result]]) -> Result:
        """In a thread of its own: Playwright's loop runs in this one."""

        async def asked() -> Result:
            status = Cluster(self.served.data).status()
            assert status is not None
            connection = await asyncpg.connect(
                host=str(status.sockets), port=5432, user="postgres", database="postgres", timeout=10
            )
            try:
                return await question(connection)
            finally:
                await connection.close()

        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, asked()).result(timeout=30)


@dataclass
class Visitor:
    """Opens pages in a browser, and remembers whatever a sound page never does."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def context(self, place: Place, account: Account | None = None, *, size: Any = DESKTOP, **options: Any) -> Any:
        """A browser of a person's own; signed in where there is an account."""
        context = self.browser.new_context(
            base_url=place.url, viewport={"width": size[0], "height": size[1]}, locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        self.contexts.append(context)
        context.on("page", self._watch)
        if account is not None:
            answer = context.request.post("/api/v1/session", data={"key": account.key}, headers={"Origin": place.url})
            assert answer.ok, answer.text()
        return context

    def page(self, place: Place, account: Account | None = None, path: str = "/nano-banana-2", **options: Any) -> Page:
        page: Page = self.context(place, account, **options).new_page()
        page.goto(path)
        page.locator("main:not([hidden])").wait_for()
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _watch(self, page: Page) -> None:
        def told(message: Any) -> None:
            # That a request was refused is told by the page; the browser's own note of it is no problem.
            if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
                self.problems.append(f"{message.type}: {message.text}")

        def asked(dialog: Any) -> None:
            self.problems.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.on("console", told)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("dialog", asked)


def make(page: Page, prompt: str) -> None:
    """Type a prompt and send it."""
    page.fill("#prompt", prompt)
    page.click("#make")


def another_tab(page: Page, path: str = "/nano-banana-2") -> Page:
    """In the same browser, signed in as the first."""
    tab: Page = page.context.new_page()
    tab.goto(path)
    tab.locator("main:not([hidden])").wait_for()
    return tab


def shown(page: Page) -> str:
    """Wait for the picture; its address."""
    page.locator("#picture.there").wait_for()
    return str(page.locator("#picture").get_attribute("src"))


def section(page: Page, name: str) -> None:
    """Open a section of the console, and wait until it is drawn."""
    page.click(f"#tab-{name}")
    drawn(page, name)


def drawn(page: Page, name: str) -> None:
    page.locator(f"#panel[aria-labelledby=tab-{name}]").wait_for()


def balance(page: Page) -> str:
    return page.locator(".purse").inner_text()


def files(page: Page, *pictures: tuple[str, str, bytes]) -> Any:
    """A DataTransfer in the page that holds these files: name, type and bytes."""
    packed = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in pictures]
    return page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, type, data] of files) {
                const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type }));
            }
            return transfer;
        }""",
        packed,
    )


def drop(page: Page, *pictures: tuple[str, str, bytes]) -> None:
    transfer = files(page, *pictures)
    page.dispatch_event("#composer", "dragover", {"dataTransfer": transfer})
    page.dispatch_event("#composer", "drop", {"dataTransfer": transfer})


def lose_the_answer(page: Page) -> None:
    """The next order reaches the service, and its answer gets lost on its way."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/generate", lose, times=1)
