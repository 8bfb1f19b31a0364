"""The real npm packages against a real server; `make test` installs them where there is npm."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.served_app import ServedApp

NODE = Path(__file__).with_name("node")
SECONDS = 60

pytestmark = pytest.mark.skipif(
    not (NODE / "node_modules" / "openai").exists(),
    reason="the npm packages are not installed: CLIENTS IN JAVASCRIPT ARE NOT TESTED",
)


def ran(server: ServedApp, program: str, *, credits: int = 100) -> tuple[dict[str, Any], int]:
    """What the program says, and what it cost."""
    account = server.account(credits=credits)
    environment = {**os.environ, "ORIGIN": server.url, "KEY": account.key}
    done = subprocess.run(
        ["node", NODE / program], env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    balance, held = server.balance(account)
    assert held == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found, credits - balance


def test_openais_sdk_makes_edits_streams_and_understands_a_refusal(server: ServedApp) -> None:
    found, cost = ran(server, "openai.mjs")

    assert min(found["sizes"]) > 1000
    assert found["events"] == ["image_generation.completed"]
    assert found["told"] == [400, "moderation_blocked"]
    assert cost == 12


def test_the_ai_sdk_makes_several(server: ServedApp) -> None:
    found, cost = ran(server, "ai-sdk.mjs")

    assert found["types"] == ["image/png"] * 2 and min(found["sizes"]) > 1000
    assert cost == 8


def test_googles_sdk_and_the_ai_sdks_provider_for_it_make_pictures(server: ServedApp) -> None:
    found, cost = ran(server, "google.mjs")

    assert min(found["sizes"]) > 1000
    assert (found["version"], found["told"]) == ("script-1", 404)
    [(media_type, size)] = found["files"]
    assert (media_type, size > 1000) == ("image/png", True)
    assert cost == 12
