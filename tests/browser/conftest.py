"""One browser and two services for all tests here: one of scripted engines, one of the sketch engine."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.browser_helpers import ROOT, SCRIPTED, SKETCHED, Place, Services, Visitor, chromium

_MISSING = (
    "NO CHROMIUM: the pages were NOT TESTED in a browser. Install one (apt install chromium), or name yours in "
    "CAVENDISH_CHROMIUM."
)
_FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]


# Not for the whole run: while Playwright's loop runs, no other test of this process could run one.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        warnings.warn(_MISSING, stacklevel=1)
        pytest.skip(_MISSING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def services() -> Iterator[Services]:
    # Any user may pass: the database server has one of its own.
    folder = Path(tempfile.mkdtemp(prefix="cavendish-browser-"))
    folder.chmod(0o755)
    starter = Services(ROOT, folder)
    yield starter
    starter.stop_all()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="package")
def place(services: Services, browser: Browser) -> Place:
    """Its engines do what the prompt says."""
    settings = {
        "CAVENDISH_ROUTES": SCRIPTED,
        "CAVENDISH_SIGN_IN_LIMIT": "100000/minute",
        "CAVENDISH_KEY_CACHE_SECONDS": "0.2",
        "CAVENDISH_WAKE_SECONDS": "0.5",
    }
    return Place(services(data=services.folder / "scripted", **settings))


@pytest.fixture(scope="package")
def studio(services: Services, browser: Browser) -> Place:
    """The service as it comes, but for the number of sign-ins."""
    as_it_comes = {"CAVENDISH_MARKS": "c2pa,xmp,watermark", "CAVENDISH_COPIES": "on", "CAVENDISH_REGISTER": "on"}
    settings = {"CAVENDISH_ROUTES": SKETCHED, "CAVENDISH_SIGN_IN_LIMIT": "100000/minute", **as_it_comes}
    return Place(services(data=services.folder / "sketched", **settings))


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Pages that tell no trouble on the browser's console, open no dialog and throw nothing."""
    visitor = Visitor(browser)
    yield visitor
    visitor.close()
    assert visitor.problems == []
