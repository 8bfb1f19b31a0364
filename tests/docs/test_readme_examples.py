"""The README's calls are those of the API text, and the service takes them as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import docs_text
from harness.docs_text import ROOT
from harness.inprocess import App

TEXT = Path(__file__).with_name("api_text_curls.txt")
HOST, OURS = "https://nanophoto.ai", "http://127.0.0.1:8000"


def _curls(text: str) -> list[str]:
    return [command for command in docs_text.commands(text) if command.startswith("curl")]


def _readme() -> list[str]:
    return [curl for block in docs_text.blocks(ROOT / "README.md", "sh") for curl in _curls(block)]


def test_the_readmes_calls_are_those_of_the_api_text_with_another_host() -> None:
    def plain(command: str) -> list[str]:
        return command.replace(HOST + "/", OURS + "/").split()

    of_the_text = [plain(command) for command in _curls(TEXT.read_text(encoding="utf-8"))]

    assert len(of_the_text) == 4
    assert [plain(command) for command in _readme()] == of_the_text


@pytest.mark.anyio
async def test_the_readmes_calls_are_answered(app: App) -> None:
    account = await app.account(credits=100)
    *generates, check = [docs_text.curl(command) for command in _readme()]

    generation_id = ""
    for call in generates:
        answer = await _sent(app, call, call.body, account.key)
        assert answer["status"] == "pending", answer
        generation_id = answer["generationId"]
    assert check.body is not None
    answer = await _sent(app, check, check.body.replace("abc123xyz", generation_id), account.key)

    assert answer["generationId"] == generation_id
    assert await app.balance(account) == (100 - 8 - 8 - 4, 8 + 8 + 4)


async def _sent(app: App, call: docs_text.Curl, body: str | None, key: str) -> dict[str, str]:
    headers = {name: value.replace("YOUR_API_KEY", key) for name, value in call.headers.items()}
    path = call.url.removeprefix(OURS)
    answer = await app.client.request(call.method, path, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = json.loads(answer.text)
    return found
