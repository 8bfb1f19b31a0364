"""`cavendish engines` and `doctor`: what is connected, whether it draws, and no key on the screen."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from cavendish.cli import engines as engine_commands
from cavendish.engines import base
from cavendish.errors import CavendishError
from emulators.gemini_api import FLASH, KEY, GeminiApi
from harness.processes import Starter

ROOT = Path(__file__).resolve().parents[2]
ROUTES = "nano-banana-2=gemini,sketch;nano-banana-pro=upstream"


@pytest.fixture
def api() -> Iterator[GeminiApi]:
    with GeminiApi() as started:
        yield started


@pytest.fixture
def google(api: GeminiApi) -> dict[str, str]:
    return {"GEMINI_API_KEY": KEY, "CAVENDISH_GEMINI_BASE_URL": api.url, "CAVENDISH_ROUTES": ROUTES}


def test_one_real_picture_is_made_past_queue_and_credits(
    serving: Starter, google: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "kite.jpg"

    done = serving.command("engines", "test", "gemini", "--search", "--quality", "2K", "-o", str(target), **google)

    assert done.returncode == 0, done.stderr
    assert Image.open(target).size == (2752, 1536)
    assert "2752x1536 (as asked), image/jpeg" in done.stdout
    assert f"drawn by {FLASH} in " in done.stdout
    assert "no credits were held or charged" in done.stdout
    assert "searched: cybertruck 2026 design; desert light (2 sources)" in done.stdout


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("key invalid", "unavailable: the image engine is not available"),
        ("limited", "busy: the image engine is busy"),
        ("prompt SAFETY", "blocked: the prompt was declined"),
    ],
)
def test_a_failure_is_told_with_its_kind(
    serving: Starter, api: GeminiApi, google: dict[str, str], row: str, words: str
) -> None:
    done = serving.command("engines", "test", "gemini", "--prompt", f"[[{row}]]", **google)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("cavendish: gemini failed after ")
    assert f" s, {words}" in done.stderr
    assert KEY not in done.stderr


@pytest.mark.parametrize(
    ("word", "code", "words"),
    [
        ("noise", 1, "script answered with 50057 bytes that are no whole PNG, JPEG or WebP: "),
        ("size=8x8", 0, "note: it is too small to be paid for, so a generation of it fails"),
    ],
)
def test_what_no_generation_would_be_paid_for_is_told(
    serving: Starter, tmp_path: Path, word: str, code: int, words: str
) -> None:
    target = tmp_path / "x.png"

    done = serving.command("engines", "test", "script", "--prompt", word, "-o", str(target))

    assert (done.returncode, target.exists()) == (code, not code)
    assert words in done.stdout + done.stderr


def test_what_a_library_says_of_a_failure_is_not_shown() -> None:
    """Its words may quote what was sent; its kind is enough to look it up."""

    class Failing:
        name = "mine"

        async def generate(self, _: object) -> None:
            raise base.EngineBusy("the image engine cannot be reached") from ValueError(f"illegal header {KEY}")

    with pytest.raises(CavendishError) as caught:
        asyncio.run(engine_commands._timed(Failing(), None))  # type: ignore[arg-type]

    assert str(caught.value).endswith("busy: the image engine cannot be reached (ValueError)")


def test_an_engine_that_is_none_is_told_with_those_there_are(serving: Starter) -> None:
    done = serving.command("engines", "test", "nonsense")

    assert done.returncode == 1
    assert "there are: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_shows_what_serves_what_and_what_is_missing(serving: Starter, google: dict[str, str]) -> None:
    done = serving.command("engines", "list", "--json", **google)

    rows = {row["engine"]: row for row in json.loads(done.stdout)}
    assert set(rows) == {"gemini", "sketch", "upstream"}
    assert (rows["gemini"]["serves"], rows["upstream"]["serves"]) == ("nano-banana-2", "nano-banana-pro")
    assert rows["gemini"]["state"] == "set up; no worker is running"
    assert "not set up: the engine upstream needs CAVENDISH_UPSTREAM_BASE_URL" in rows["upstream"]["state"]


def test_the_list_beside_a_worker_counts_what_it_made_and_says_what_is_paused(
    serving: Starter, api: GeminiApi, google: dict[str, str]
) -> None:
    google |= {"CAVENDISH_ROUTES": "nano-banana-2=gemini,sketch"}
    served = serving(**google)
    for _ in range(2):
        served.picture()
    for _ in range(5):
        served.picture("[[key invalid]]")

    def rows() -> dict[str, dict[str, object]]:
        listed = serving.command("engines", "list", "--json", **google)
        return {row["engine"]: row for row in json.loads(listed.stdout)}

    for _ in range(20):  # a worker tells what it counted every 5 s
        found = rows()
        if found["sketch"]["completed"] == 5:
            break
    assert (found["gemini"]["completed"], found["sketch"]["completed"]) == (2, 5)
    assert found["gemini"]["state"] == "paused: it failed again and again"
    assert found["sketch"]["state"] == "ready"
    asked = len(api.calls) + sum(request.path.endswith(":generateContent") for request in api.requests)
    assert asked <= 14, "a paused engine is not asked"


def test_the_doctor_shows_engines_settings_without_their_keys(serving: Starter, google: dict[str, str]) -> None:
    google |= {"CAVENDISH_ROUTES": "nano-banana-2=gemini,sketch"}

    done = serving.command("doctor", **google)

    assert "CAVENDISH_GEMINI_BASE_URL" in done.stdout
    assert "CAVENDISH_GEMINI_API_KEY" in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_the_doctor_finds_an_engine_that_is_not_set_up(serving: Starter) -> None:
    done = serving.command("doctor", CAVENDISH_ROUTES="nano-banana-2=upstream")

    assert done.returncode == 1
    assert "TROUBLE the engine upstream needs CAVENDISH_UPSTREAM_BASE_URL" in done.stdout


def test_an_engine_that_works_worse_than_it_could_is_told_to_the_operator_once(
    serving: Starter, tmp_path: Path
) -> None:
    """A package without the drawings, as a build without a registry makes it."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "data"))
    variables = {
        "CAVENDISH_ROUTES": "nano-banana-2=sketch;nano-banana-pro=sketch",
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "src"), str(ROOT / "tests" / "plugins")]),
    }
    served = serving(**variables)

    pictures = [served.picture("A red fox in an autumn forest", aspectRatio="1:8") for _ in range(2)]
    done = serving.command("doctor", **variables)

    assert served.log.read_text().count("its drawings are not installed") == 1
    assert "TROUBLE the engine sketch: its drawings are not installed" in done.stdout
    assert [picture["status"] for picture in pictures] == ["completed", "completed"]
    assert not any("drawings" in warning for picture in pictures for warning in picture["warnings"])
