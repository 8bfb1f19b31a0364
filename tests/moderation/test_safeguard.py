"""The safeguards before every engine: who is asked when, that nothing but an operator's word takes them away, and what
becomes of a refused generation. What they refuse: test_safeguard_words.py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cavendish_test_engines.png import png
from moderation_helpers import Engine, http_verdict, pictures, worker, written
from structlog.testing import capture_logs

from cavendish import moderation
from cavendish import settings as configuration
from cavendish.errors import ConfigurationError, ContentBlocked, SafeguardRefused
from cavendish.models import InputImage
from cavendish.moderation.base import Gate, Question
from cavendish.moderation.safeguard import Safeguard, lexicon, rules
from cavendish.settings import Settings
from emulators.server import Emulator, Reply, Request
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

BOTH = ("minors", "intimate")
OURS = lexicon.with_operators(None)
REFUSED, SECRET = "a nude child by the old mill", "old mill"
IMAGE = InputImage(png(16, 16), "image/png", 16, 16)


def settings(tmp_path: Path, **written: str) -> Settings:
    environment = {f"CAVENDISH_{name.upper()}": text for name, text in written.items()}
    return configuration.load({"data": str(tmp_path)}, environment=environment)


# --- an operator's own words


async def test_the_file_is_read_again_when_it_changes_and_the_words_before_hold_while_it_is_broken(
    tmp_path: Path,
) -> None:
    file = written(tmp_path / "words.txt", "minor: sprout")
    safeguard = Safeguard(BOTH, file)

    async def says(prompt: str) -> bool:
        return await safeguard.judge(Question("before", prompt, ())) is not None

    assert (await says("nude sprout"), await says("nude sapling")) == (True, False)
    written(file, "minor: sapling")
    os.utime(file, ns=(1, 1))
    assert (await says("nude sprout"), await says("nude sapling")) == (False, True)
    written(file, "nonsense")
    os.utime(file, ns=(2, 2))
    with capture_logs() as logs:
        assert await says("nude sapling")
    assert [line["event"] for line in logs] == ["words of the safeguards not read again; those before hold"]


def test_a_worker_does_not_start_with_words_it_cannot_read(tmp_path: Path) -> None:
    file = written(tmp_path / "words.txt", "# ours", "nonsense")

    with pytest.raises(ConfigurationError, match="words.txt, line 2: write KIND: TERM"):
        moderation.build(settings(tmp_path, safeguard_words=str(file)))


# --- the gate


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"moderation_stages": "after"},
        {"moderation_before_fails": "open"},
        {"safeguards": ""},
        {"safeguards": "minors"},
    ],
    ids=str,
)
async def test_no_other_setting_takes_them_away(tmp_path: Path, written: dict[str, str]) -> None:
    gate = moderation.build(settings(tmp_path, **written))

    with pytest.raises(
        SafeguardRefused, match=r"no sexualised .* \(stage: prompt, reason: SEXUALISED_MINOR\)\. Nothing"
    ):
        await gate.before(REFUSED, ())
    await gate.before("a fox", ())
    await gate.after(REFUSED, IMAGE)
    assert gate.counts == {("safeguard", "before", "blocked"): 1, ("safeguard", "before", "allowed"): 1}
    await gate.close()


async def test_a_picture_that_comes_along_makes_an_edit_of_it(tmp_path: Path) -> None:
    gate = moderation.build(settings(tmp_path))

    await gate.before("make it topless", ())
    with pytest.raises(SafeguardRefused, match="reason: INTIMATE_PICTURE_OF_A_PERSON"):
        await gate.before("make it topless", [IMAGE])


async def test_they_are_asked_before_every_judge_and_whatever_a_judge_would_say(tmp_path: Path) -> None:
    asked: list[Request] = []

    def handle(request: Request) -> Reply:
        asked.append(request)
        return http_verdict("violence" if b"fox" in request.body else "")

    with Emulator(handle) as emulator:
        gate = moderation.build(settings(tmp_path, moderation="http", moderation_url=emulator.url))
        with pytest.raises(SafeguardRefused):
            await gate.before(REFUSED, ())
        assert not asked
        with pytest.raises(ContentBlocked):
            await gate.before("a fox", ())
        await gate.close()
    assert len(asked) == 1


async def test_none_is_a_word_that_an_operator_has_to_write(tmp_path: Path) -> None:
    gate = moderation.build(settings(tmp_path, safeguards="none"))

    await gate.before(REFUSED, ())
    assert gate.counts == {}


def test_the_state_tells_what_is_on_and_what_is_off(tmp_path: Path) -> None:
    file = written(tmp_path / "words.txt", "minor: sprout")
    on = moderation.safeguards(settings(tmp_path))
    some = moderation.safeguards(settings(tmp_path, safeguards="minors", safeguard_words=str(file)))
    none = moderation.safeguards(settings(tmp_path, safeguards="none"))

    assert (on.on, on.off, on.file) == (BOTH, (), "") and on.terms == OURS.size
    assert (some.on, some.off, some.file, some.terms) == (("minors",), ("intimate",), str(file), OURS.size + 1)
    assert (none.on, none.off) == ((), BOTH)


async def test_a_bug_in_them_lets_nothing_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate: Gate = moderation.build(settings(tmp_path))
    monkeypatch.setattr(rules, "refused", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        await gate.before("a fox", ())


# --- the service as it comes


async def test_a_refused_prompt_reaches_no_engine_is_given_back_and_stands_in_no_log(shared: App) -> None:
    engine, account, before = Engine(), await shared.account(credits=10), pictures(shared.settings)
    with capture_logs() as logs:
        async with worker(shared, engine) as gate:
            generation_id = await shared.submit(account, prompt=REFUSED)
            answer = await shared.ended(account, generation_id)

    assert (answer["status"], answer["errorCode"], answer["creditsCharged"]) == ("failed", "SAFEGUARD_REFUSED", 0)
    assert "this service makes no sexualised pictures of minors" in answer["error"]
    assert SECRET not in answer["error"] and SECRET not in str(logs)
    told = [line for line in logs if line["event"] == "safeguard refused"]
    assert [(line["reason"], line["log_level"]) for line in told] == [("SEXUALISED_MINOR", "warning")]
    assert (engine.calls, await shared.balance(account)) == (0, (10, 0))
    assert await shared.entries(generation_id) == ["hold", "release"]
    assert (await shared.row(generation_id))["fence"] == 1, "tried again, though the words are the same"
    assert pictures(shared.settings) == before
    assert gate.counts["safeguard", "before", "blocked"] == 1


async def test_an_edit_of_a_picture_is_refused_for_what_a_drawing_may_be(shared: App) -> None:
    engine, account = Engine(), await shared.account(credits=10)
    with Emulator(lambda _: Reply(200, png(64, 64), {"Content-Type": "image/png"})) as emulator:
        fields = {
            "prompt": "topless, in the style of Degas",
            "mode": "edit",
            "inputImageUrls": [f"{emulator.url}/a.png"],
        }
        async with worker(shared, engine):
            edited = await shared.ended(account, await shared.submit(account, **fields))
            drawn = await shared.ended(account, await shared.submit(account, prompt=fields["prompt"]))

    assert (edited["errorCode"], drawn["status"], engine.calls) == ("SAFEGUARD_REFUSED", "completed", 1)
    assert await shared.balance(account) == (6, 0)


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


async def test_every_face_says_it_in_its_words(working: App) -> None:
    account: Account = await working.account(credits=1000)

    async def post(path: str, body: Any, **headers: str) -> Any:
        return await working.client.post(path, json=body, headers={**account.headers, **headers}, timeout=30)

    messages = {"messages": [{"role": "user", "content": REFUSED}]}
    for path, body in (("/v1/images/generations", {"prompt": REFUSED}), ("/v1/chat/completions", messages)):
        answer = await post(path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "moderation_blocked"), path
    content = {"contents": [{"role": "user", "parts": [{"text": REFUSED}]}]}
    gemini = await post("/v1beta/models/gemini-2.5-flash-image:generateContent", content)
    assert gemini.json()["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
    automatic = await post("/sdapi/v1/txt2img", {"prompt": REFUSED})
    assert (automatic.status_code, automatic.json()["error"]) == (400, "SAFEGUARD_REFUSED")
    shown = await working.client.get("/api/v1/generations", headers=account.headers)
    assert {one["errorCode"] for one in shown.json()["generations"]} == {"SAFEGUARD_REFUSED"}
    assert await working.balance(account) == (1000, 0)
