"""The code that pages and documents show, run as it stands: it ends with the picture or with the reason, and pays once."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cavendish.models import RateLimit
from harness.inprocess import Account
from harness.served_app import ServedApp

SNIPPETS = Path(__file__).resolve().parents[2] / "src/cavendish/web/site/snippets.js"
RENDER = """
import { snippets } from "%s";
const [, origin, model, body] = process.argv;
console.log(JSON.stringify(snippets(origin, model, JSON.parse(body))));
"""
# What quotes of three languages could break.
PROMPT = 'it\'s a "fox" in $HOME, `date` \\n %s {0} ${key}\nand 🦊 <b>\u2028'
PROGRAMS = {"curl": ["sh", "-s"], "Python": [sys.executable, "-"], "JavaScript": ["node", "--input-type=module", "-"]}
SECONDS = 60


@dataclass(frozen=True)
class Ended:
    code: int
    output: str
    trouble: str


def needed(*programs: str) -> None:
    if missing := [program for program in programs if shutil.which(program) is None]:
        pytest.skip(f"{' and '.join(missing)} not installed: THE CODE THAT IS SHOWN IS NOT RUN")


def shown(server: ServedApp, **fields: Any) -> dict[str, str]:
    """What the page shows for this order."""
    body = {"prompt": PROMPT, "mode": "generate", "aspectRatio": "3:2", "imageQuality": "1K", **fields}
    command = ["node", "--input-type=module", "-e", RENDER % SNIPPETS.as_uri()]
    done = subprocess.run(
        [*command, server.url, "nano-banana-2", json.dumps(body)], capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def run(texts: dict[str, str], key: str) -> dict[str, Ended]:
    """All at once, each pasted whole into its program."""
    running, environment = {}, {**os.environ, "CAVENDISH_KEY": key}
    for name, text in texts.items():
        running[name] = subprocess.Popen(
            PROGRAMS[name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
            text=True, encoding="utf-8",
        )  # fmt: skip
        stdin = running[name].stdin
        assert stdin is not None
        stdin.write(text + "\n")
        stdin.close()
        running[name].stdin = None
    try:
        return {name: Ended(*_ended(process)) for name, process in running.items()}
    finally:
        for process in running.values():
            process.kill()


def _ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, trouble = process.communicate(timeout=SECONDS)
    return process.returncode, output, trouble


def orders(server: ServedApp, account: Account) -> list[Any]:
    """Prompt, seed and Idempotency-Key of everything that the account ordered."""
    return server.fetch(
        "SELECT g.prompt, g.seed, i.key FROM cavendish.generations g "
        "LEFT JOIN cavendish.idempotency_keys i ON i.generation_id = g.id WHERE g.account_id = $1",
        account.id,
    )


def test_each_makes_a_picture_of_the_prompt_as_it_was_typed_and_sends_a_key(server: ServedApp) -> None:
    needed("node", "curl", "sh")
    account = server.account(credits=12)

    ended = run(shown(server, seed=7), account.key)

    assert [one.code for one in ended.values()] == [0, 0, 0], ended
    assert json.loads(ended["curl"].output)["status"] == "completed"
    for name, address in (("curl", "imageUrl"), ("Python", ""), ("JavaScript", "")):
        url = json.loads(ended[name].output)[address] if address else ended[name].output.strip()
        assert url.startswith(f"{server.url}/generations/"), name
    assert server.balance(account) == (0, 0)
    rows = orders(server, account)
    assert [(row["prompt"], row["seed"]) for row in rows] == [(PROMPT, 7)] * 3
    assert len({row["key"] for row in rows} - {None}) == 3


@pytest.mark.parametrize("why", ["no credits", "a wrong key", "the limit", "an unknown ratio"])
def test_each_ends_on_a_refusal_and_tells_the_reason(why: str, server: ServedApp) -> None:
    needed("node", "curl", "sh")
    account = server.account(credits=0 if why == "no credits" else 100, limit=RateLimit(1, 3600))
    key, fields = account.key, {}
    if why == "a wrong key":
        key = "cav_live_wrong"
    elif why == "an unknown ratio":
        fields = {"aspectRatio": "7:1"}
    elif why == "the limit":
        used = urllib.request.Request(
            f"{server.url}/api/nano-banana-2/generate",
            data=b'{"prompt": "the only one", "mode": "generate"}',
            headers={"Authorization": f"Bearer {key}"},
        )
        urllib.request.urlopen(used, timeout=SECONDS).close()

    ended = run(shown(server, **fields), key)

    reason = {
        "no credits": ("Not enough credits", "API key"),
        "a wrong key": ("API key", "key"),
        "the limit": ("limit", "limit"),
        "an unknown ratio": ("aspectRatio", "aspectRatio"),
    }[why]
    told = {
        "curl": json.loads(ended["curl"].output)["error"],
        "Python": ended["Python"].trouble,
        "JavaScript": ended["JavaScript"].trouble,
    }
    assert all(any(word in text for word in reason) for text in told.values()), told
    assert ended["Python"].code != 0 and ended["JavaScript"].code != 0
    assert "Traceback" not in ended["Python"].trouble and "KeyError" not in ended["Python"].trouble


def test_each_ends_when_the_picture_fails(server: ServedApp) -> None:
    needed("node", "curl", "sh")
    account = server.account(credits=12)

    ended = run(shown(server, prompt="please no_image"), account.key)

    answer = json.loads(ended["curl"].output)
    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert answer["error"] in ended["Python"].trouble and answer["error"] in ended["JavaScript"].trouble
    assert ended["Python"].code != 0 and ended["JavaScript"].code != 0
    assert server.balance(account) == (12, 0)


def test_the_first_minute_of_the_documents_page_gives_a_picture_when_pasted(server: ServedApp) -> None:
    needed("curl", "sh")
    account = server.account(credits=4)
    with urllib.request.urlopen(f"{server.url}/docs", timeout=SECONDS) as answer:
        page = answer.read().decode()
    section = page[page.index('id="first-minute"') :]
    blocks = [
        html.unescape(re.sub(r"<[^>]+>", "", text)) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", section, re.S)
    ]

    name, generate, check = (text.replace("http://localhost:8000", server.url) for text in blocks[:3])
    text = "\n".join([name.replace("YOUR_API_KEY", account.key), generate, check])
    done = subprocess.run(["sh", "-s"], input=text, capture_output=True, text=True, timeout=SECONDS)

    ordered, made = (json.loads(line) for line in done.stdout.splitlines())
    assert ordered["status"] == "pending"
    assert (made["generationId"], made["status"]) == (ordered["generationId"], "completed")
    (row,) = orders(server, account)
    assert row["key"]
