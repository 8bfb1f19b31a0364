"""The gate: who is asked when, what a missing verdict means, what is counted and logged, and how it is set up."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cavendish_test_engines.png import png
from moderation_helpers import Engine, Moderator, http_verdict, moderating, worker, written
from structlog.testing import capture_logs

from cavendish import moderation
from cavendish import settings as configuration
from cavendish.errors import ConfigurationError, ContentBlocked, GenerationFailed
from cavendish.models import InputImage
from cavendish.moderation import gate
from cavendish.moderation.base import Block, CannotJudge, Question, open_gate
from cavendish.settings import Settings
from emulators.server import Emulator, Reply, Request
from harness.inprocess import App

pytestmark = pytest.mark.anyio

SECRET = "a secret prompt"
PICTURE = png(16, 16)
IMAGE = InputImage(PICTURE, "image/png", 16, 16)


@dataclass
class Judge:
    """Says what it is told to."""

    name: str = "judge"
    answer: Block | Exception | None = None
    seconds: float = 0.0
    asked: list[Question] = field(default_factory=list)
    closed: int = 0
    judges_pictures: bool = True

    async def judge(self, question: Question) -> Block | None:
        self.asked.append(question)
        await asyncio.sleep(self.seconds)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        self.closed += 1


NO = Block("prompt", "VIOLENCE")
SILENT = CannotJudge("status 500")


def judged(*judges: Judge, stages: Any = ("before", "after"), open_stages: Any = (), seconds: float = 5.0) -> Any:
    return gate.JudgedGate(judges, seconds=seconds, stages=stages, open_stages=open_stages)


async def test_judges_are_asked_in_order_and_the_first_no_ends_it() -> None:
    judges = Judge("one"), Judge("two", NO), Judge("three")
    with pytest.raises(ContentBlocked, match=r"\(stage: prompt, reason: VIOLENCE\)\. Nothing was charged\.$"):
        await judged(*judges).before(SECRET, ())

    assert [len(judge.asked) for judge in judges] == [1, 1, 0]


async def test_prompt_and_inputs_are_judged_before_and_prompt_and_picture_after() -> None:
    judge = Judge()
    await judged(judge).before(SECRET, [IMAGE])
    await judged(judge).after(SECRET, IMAGE)

    assert judge.asked == [Question("before", SECRET, (IMAGE,)), Question("after", SECRET, (IMAGE,))]


@pytest.mark.parametrize(("stages", "asked"), [(("before",), ["before"]), (("after",), ["after"])])
async def test_a_stage_that_is_not_wanted_is_not_judged(stages: tuple[str, ...], asked: list[str]) -> None:
    judge = Judge()
    one = judged(judge, stages=stages)
    await one.before(SECRET, ())
    await one.after(SECRET, IMAGE)

    assert [question.stage for question in judge.asked] == asked


async def test_a_missing_verdict_closes_the_gate_and_the_rest_is_not_asked() -> None:
    judges = Judge("one", SILENT), Judge("two")
    with pytest.raises(GenerationFailed, match=r"could not be reached .* Nothing was charged; try again\.$"):
        await judged(*judges).before(SECRET, ())

    assert not judges[1].asked


async def test_behind_a_missing_verdict_that_lets_pass_the_next_judge_still_says_no() -> None:
    judges = Judge("one", SILENT), Judge("two", NO)
    with pytest.raises(ContentBlocked):
        await judged(*judges, open_stages=["before"]).before(SECRET, ())


async def test_open_before_is_not_open_after() -> None:
    one = judged(Judge(answer=SILENT), open_stages=["before"])
    await one.before(SECRET, ())
    with pytest.raises(GenerationFailed):
        await one.after(SECRET, IMAGE)


async def test_a_judge_that_is_too_slow_has_not_answered() -> None:
    one = judged(Judge(answer=NO, seconds=60), seconds=0.05)
    async with asyncio.timeout(5):
        with pytest.raises(GenerationFailed):
            await one.before(SECRET, ())


async def test_the_deadline_of_the_generation_is_not_taken_for_the_judges_own() -> None:
    one = judged(Judge(seconds=60), open_stages=["before"], seconds=30)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await one.before(SECRET, ())


async def test_a_bug_in_a_judge_lets_nothing_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        await judged(Judge(answer=ZeroDivisionError()), open_stages=["before"]).before(SECRET, ())


async def test_every_judgement_is_counted_and_logged_by_its_class_only() -> None:
    one = judged(Judge("one"), Judge("two", SILENT), Judge("three", NO), open_stages=["before"])
    with capture_logs() as logs, pytest.raises(ContentBlocked):
        await one.before(SECRET, [IMAGE])

    assert one.counts == {
        ("one", "before", "allowed"): 1, ("two", "before", "unanswered"): 1, ("three", "before", "blocked"): 1,
    }  # fmt: skip
    assert logs == [
        {"event": "moderation gave no verdict", "log_level": "warning", "judge": "two", "stage": "before",
         "why": "status 500", "passed": True},
        {"event": "moderation blocked", "log_level": "info", "judge": "three", "stage": "before", "where": "prompt",
         "reason": "VIOLENCE"},
    ]  # fmt: skip


async def test_closing_it_closes_every_judge() -> None:
    judges = Judge(), Judge()
    await judged(*judges).close()

    assert [judge.closed for judge in judges] == [1, 1]


def settings(tmp_path: Path, **flags: str) -> Settings:
    named = {f"moderation_{name}" if name != "moderation" else name: text for name, text in flags.items()}
    return configuration.load({"data": str(tmp_path), **named}, environment={})


async def test_without_moderation_everything_passes_and_forgotten_settings_are_pointed_out(tmp_path: Path) -> None:
    with capture_logs() as logs:
        quiet = moderation.build(settings(tmp_path))
        assert not logs
        moderation.build(settings(tmp_path, url="http://judge.test"))
        assert "moderation is off" in logs[0]["event"]
    await quiet.before(SECRET, ())
    await quiet.after(SECRET, IMAGE)
    await quiet.close()


# Name: settings, and what the message must say.
INCOMPLETE = {
    "a deny list without its file": ({"moderation": "denylist"}, "needs CAVENDISH_MODERATION_DENYLIST"),
    "a deny list that is not there": ({"moderation": "denylist", "denylist": "/none.txt"}, "/none.txt cannot be read"),
    "a deny list for pictures": (
        {"moderation": "denylist", "denylist": "/none.txt", "stages": "after"}, "STAGES must have before",
    ),
    "http without its address": ({"moderation": "http"}, "needs CAVENDISH_MODERATION_URL"),
    "OpenAI without a key": ({"moderation": "openai"}, "needs CAVENDISH_MODERATION_OPENAI_KEY"),
    "the second of two": ({"moderation": "http,openai", "url": "http://x"}, "names openai, which needs"),
}  # fmt: skip


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_judge_that_lacks_something_is_refused_at_the_start(tmp_path: Path, case: str) -> None:
    flags, message = INCOMPLETE[case]
    with pytest.raises(ConfigurationError, match=message):
        moderation.build(settings(tmp_path, **flags))


async def test_each_service_gets_its_own_key_and_not_the_others(tmp_path: Path) -> None:
    def handle(request: Request) -> Reply:
        return http_verdict() if request.path == "/judge" else Reply.json({"results": [{"flagged": False}]})

    with Emulator(handle) as emulator:
        built = moderation.build(
            settings(tmp_path, moderation="http,openai", url=f"{emulator.url}/judge", key="key-of-http",
                     openai_url=f"{emulator.url}/v1", openai_key="key-of-openai", model="another-model")
        )  # fmt: skip
        await built.before(SECRET, ())
        await built.close()

    assert [(request.path, request.headers["authorization"]) for request in emulator.requests] == [
        ("/judge", "Bearer key-of-http"), ("/v1/moderations", "Bearer key-of-openai"),
    ]  # fmt: skip
    assert emulator.requests[1].json()["model"] == "another-model"


async def test_a_local_judge_that_speaks_like_openai_needs_no_key(tmp_path: Path) -> None:
    await moderation.build(settings(tmp_path, moderation="openai", openai_url="http://127.0.0.1:9/v1")).close()


async def test_by_default_nothing_unjudged_passes_at_either_stage(tmp_path: Path) -> None:
    """Nobody listens at the judge's address."""
    with Emulator(lambda _: http_verdict()) as emulator:
        built = moderation.build(settings(tmp_path, moderation="http", url=emulator.url))
    with pytest.raises(GenerationFailed):
        await built.before(SECRET, ())
    with pytest.raises(GenerationFailed):
        await built.after(SECRET, IMAGE)
    await built.close()


async def test_a_denied_prompt_reaches_neither_the_second_judge_nor_the_engine(shared: App, tmp_path: Path) -> None:
    moderator, engine = Moderator("http"), Engine()
    account = await shared.account(credits=10)
    file = written(tmp_path / "denied.txt", "bomb")
    with moderating(moderator) as found, capture_logs() as logs:
        chain = {**found, "moderation": ("denylist", "http"), "moderation_denylist": str(file)}
        async with worker(shared, engine, **chain):
            answer = await shared.ended(account, await shared.submit(account, prompt="a B\u200bOMB in a forest"))

    assert answer["errorCode"] == "CONTENT_BLOCKED"
    assert "(stage: prompt, reason: DENY_LIST). Nothing was charged." in answer["error"]
    assert "bomb" not in str([answer["error"], logs]).lower() and "forest" not in str(logs)
    assert (moderator.stages, engine.calls, await shared.balance(account)) == ([], 0, (10, 0))


async def test_input_images_are_judged_with_the_prompt_as_the_engine_gets_them(shared: App) -> None:
    asked: list[Any] = []

    def handle(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(200, PICTURE, {"Content-Type": "image/png"})
        asked.append(request.json())
        return http_verdict("" if len(asked) < 3 else "violence")

    engine, account = Engine(), await shared.account(credits=10)
    with Emulator(handle) as emulator:
        fields = {"mode": "edit", "inputImageUrls": [f"{emulator.url}/a.png", f"{emulator.url}/b.png"]}
        async with worker(shared, engine, moderation=("http",), moderation_url=f"{emulator.url}/judge"):
            passed = await shared.ended(account, await shared.submit(account, **fields))
            blocked = await shared.ended(account, await shared.submit(account, **fields))

    assert passed["status"] == "completed"
    assert [(body["stage"], len(body["images"])) for body in asked] == [("before", 2), ("after", 1), ("before", 2)]
    assert base64.b64decode(asked[0]["images"][0]["base64"]).startswith(b"\x89PNG")
    assert "the prompt or an input image was declined" in blocked["error"]
    assert (engine.calls, engine.inputs, await shared.balance(account)) == (1, 2, (6, 0))


async def test_a_worker_does_not_start_without_the_judges_it_was_given(shared: App, tmp_path: Path) -> None:
    file = written(tmp_path / "denied.txt", "bomb", "/b[omb/")
    with pytest.raises(ConfigurationError, match="denied.txt, line 2: not a regex"):
        async with worker(shared, Engine(), moderation=("denylist",), moderation_denylist=str(file)):
            pass


async def test_a_worker_closes_its_gate_when_it_ends(shared: App) -> None:
    with moderating(Moderator("http")) as found:
        async with worker(shared, Engine(), **found) as built:
            assert not built._judges[0]._client._client._client.is_closed

    assert built._judges[0]._client._client._client.is_closed


async def test_pictures_are_judged_where_a_judge_of_theirs_is_asked_behind_the_engine() -> None:
    words = Judge(judges_pictures=False)

    assert judged(words, Judge()).judges_pictures
    assert not judged(words).judges_pictures
    assert not judged(Judge(), stages=("before",)).judges_pictures
    assert not open_gate().judges_pictures
