"""Secrets are nowhere but where they belong: not in a log, a metric, an answer or a table that is not theirs."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from harness.inprocess import Account
from harness.served_app import ServedApp, opened

ROOT = Path(__file__).resolve().parents[2]

PROMPT = "canaryprompt-7f3a"
ORDER = "canaryorder-7f3a"
QUERY = "canaryquery-7f3a"
USER = "canaryuser-7f3a"
COOKIE = "canarycookie-7f3a"
EXTRA = "canaryextra-7f3a"
ENGINE_KEY = "canaryengine-7f3a"
CANARIES = (PROMPT, ORDER, QUERY, USER, COOKIE, EXTRA, ENGINE_KEY)
# Where a canary may be: its own column.
ALLOWED = {("generations", PROMPT), ("generations", QUERY), ("idempotency_keys", ORDER)}


class Story:
    """Everything that went over the wire, and where it left traces."""

    def __init__(self, house: ServedApp, account: Account) -> None:
        self.house = house
        self.account = account
        self.answers: list[str] = []

    def tell(self) -> None:
        key = self.account.key
        headers = {**self.account.headers, "Cookie": f"session={COOKIE}", "Referer": f"https://a.example/?q={COOKIE}"}
        fields: list[dict[str, Any]] = [
            {"prompt": PROMPT},
            {"prompt": f"{PROMPT} blocked"},
            {"prompt": f"{PROMPT} exception"},
            {"prompt": f"{PROMPT} garbage"},
            {"prompt": PROMPT, "mode": PROMPT},
            {"prompt": PROMPT, "aspectRatio": EXTRA},
            {"prompt": PROMPT, "extra": EXTRA},
            {"prompt": f"{PROMPT}\0"},
            {"prompt": PROMPT * 2000},
            {"prompt": PROMPT, "mode": "edit", "inputImageUrls": [f"http://127.0.0.1:9/a.png?token={QUERY}"]},
            {"prompt": PROMPT, "mode": "edit", "inputImageUrls": [f"https://{USER}:{USER}@a.example/"]},
            {"prompt": PROMPT, "mode": "edit", "inputImages": [EXTRA]},
        ]
        with httpx2.Client(base_url=self.house.url, headers=headers, timeout=30) as client:
            for number, body in enumerate(fields):
                sent = {"mode": "generate", **body}
                order = {"Idempotency-Key": f"{ORDER}-{number}"}
                self._keep(client.post("/api/nano-banana-2/generate", json=sent, headers=order))
                self._keep(client.post("/api/nano-banana-2/generate", json={**sent, "seed": 1}, headers=order))
            for wrong in (key[:-1] + "!", key + key, key.replace("cav", "vac")):
                self._keep(client.get("/api/v1/credits", headers={"Authorization": f"Bearer {wrong}"}))
            for path in ("/api/v1/credits", f"/nowhere?key={key}", "/metrics", "/docs", "/openapi.json", "/readyz"):
                self._keep(client.get(path))
            self._keep(client.post("/api/nano-banana-2/generate", content=f"{{{PROMPT}".encode()))
            self._wait(client)

    def _keep(self, answer: httpx2.Response) -> None:
        assert answer.status_code != 500, answer.text
        self.answers.append(answer.text + str(answer.headers))

    def _wait(self, client: httpx2.Client) -> None:
        """Until nothing is open. What failed and is tried again later may stay."""
        end = time.monotonic() + 8
        while time.monotonic() < end and 'state="' in (text := client.get("/metrics").text):
            if not re.search(r"^cavendish_generations_open\{", text, re.MULTILINE):
                return
            time.sleep(0.1)


@pytest.fixture(scope="module")
def story(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[Story]:
    variables = {
        "CAVENDISH_ROUTES": "nano-banana-2=script",
        "CAVENDISH_INPUT_ALLOW_NETWORKS": "127.0.0.0/8",
        "CAVENDISH_LOG_LEVEL": "debug",
        "GEMINI_API_KEY": ENGINE_KEY,
    }
    folder = tmp_path_factory.mktemp("canaries")
    with opened(server_url, template, ROOT, folder, **variables) as house:
        told = Story(house, house.account(credits=1000))
        told.tell()
        house.served.stop()
        yield told


def traces(account: Account) -> dict[str, str]:
    """All that must not be found, and the key in the forms that a careless line would print."""
    key = account.key
    forms = {"key": key, "part of the key": key[12:40], "key in base64": base64.b64encode(key.encode()).decode()}
    return forms | {name: name for name in CANARIES}


def test_the_story_met_successes_and_failures(story: Story) -> None:
    rows = story.house.fetch("SELECT state, count(*) AS count FROM cavendish.generations GROUP BY state")
    states = {row["state"]: row["count"] for row in rows}

    assert states["completed"] >= 2 and states["failed"] >= 2, states
    assert "generation failed" in story.house.logged and "generation completed" in story.house.logged


def test_the_log_holds_none(story: Story) -> None:
    """Standard output and error of the service and all its processes, at the most talkative level."""
    first_key = story.house.served.key
    logged = story.house.logged.replace(first_key, "")  # printed once, on purpose

    assert [name for name, text in traces(story.account).items() if text in logged] == []


def test_no_answer_holds_a_secret_of_the_request(story: Story) -> None:
    """A refused value may be quoted; a key, an order's key, a cookie or a URL's password never."""
    heard = "".join(story.answers)
    secrets = {**traces(story.account)}
    for quoted in (PROMPT, EXTRA):
        del secrets[quoted]

    assert [name for name, text in secrets.items() if text in heard] == []


def test_metrics_hold_none(story: Story) -> None:
    (metrics,) = [text for text in story.answers if "# HELP cavendish_requests" in text]

    assert [name for name, text in traces(story.account).items() if text in metrics] == []


def test_the_database_holds_each_only_in_its_own_column(story: Story) -> None:
    tables = story.house.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'cavendish'")
    found = {
        (table["tablename"], name)
        for table in tables
        for row in story.house.fetch(f'SELECT row(t.*)::text AS text FROM cavendish."{table["tablename"]}" t')
        for name, text in traces(story.account).items()
        if text in row["text"]
    }

    assert found <= ALLOWED


def test_a_prompt_is_in_no_column_but_prompt(story: Story) -> None:
    columns = story.house.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'cavendish'"
        " AND table_name = 'generations' AND column_name NOT IN ('prompt', 'input_image_urls')"
    )
    others = ", ".join(f'"{row["column_name"]}"' for row in columns)
    rows = story.house.fetch(f"SELECT row({others})::text AS text FROM cavendish.generations")

    assert rows
    assert not [row["text"] for row in rows for name in CANARIES if name in row["text"]]


def test_no_file_holds_any(story: Story) -> None:
    for path in story.house.served.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [name for name, text in traces(story.account).items() if text.encode() in data], path
