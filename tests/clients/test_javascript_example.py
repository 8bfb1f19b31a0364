"""The API text's JavaScript example, word for word, by node; only the host name is another."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.served_app import ServedApp

EXAMPLE = Path(__file__).with_name("example.js")

# Three seconds become thirty milliseconds.
PREAMBLE = "const own = globalThis.setTimeout; globalThis.setTimeout = (f, ms) => own(f, ms / 100);\n"
CALL = """
generateImage(process.argv[2]).then(
  (url) => console.log(`RETURNED ${url}`),
  (error) => console.log(`THREW ${error.message}`),
);
"""


def run(server: ServedApp, key: str, folder: Path) -> list[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: THE API TEXT'S OWN EXAMPLE IS NOT RUN")
    example = EXAMPLE.read_text(encoding="utf-8")
    assert example.count("https://nanophoto.ai") == 2
    # The text is TypeScript by one annotation, which older node does not read.
    script = (
        PREAMBLE + example.replace("https://nanophoto.ai", server.url).replace("(apiKey: string)", "(apiKey)") + CALL
    )
    (folder / "example.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run([node, folder / "example.mjs", key], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def test_it_creates_a_task_polls_it_and_returns_the_pictures_url(server: ServedApp, tmp_path: Path) -> None:
    account = server.account(credits=100)

    first, *polls, shown, returned = run(server, account.key, tmp_path)

    assert first.startswith("Task created: ")
    assert polls and all(line.startswith("Status: ") for line in polls)
    assert polls[-1] == "Status: completed, Progress: 100%"
    assert shown.removeprefix("Image URL: ") == returned.removeprefix("RETURNED ")
    assert returned.startswith(f"RETURNED {server.url}/generations/")
    assert server.balance(account) == (92, 0)


def test_it_throws_the_servers_sentence_when_credits_are_missing(server: ServedApp, tmp_path: Path) -> None:
    (line,) = run(server, server.account(credits=7).key, tmp_path)

    assert line.startswith("THREW Generate failed: Not enough credits")
