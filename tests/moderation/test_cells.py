"""Every way in which a moderator can answer or not, at both stages, open and closed, through the real worker: what
becomes of the generation, of its credits, of the engine's work and of the picture."""

from __future__ import annotations

import pytest
from moderation_helpers import Engine, Moderator, moderating, pictures, worker

from harness.inprocess import App

pytestmark = pytest.mark.anyio

MODES = ("allow", "block", "slow", "500", "garbage", "kill")
UNREACHABLE = "the moderation service could not be reached or gave no verdict. Nothing was charged; try again."
BLOCKED = {
    ("before", "http"): "the prompt was declined by this service's moderation (stage: prompt, reason: VIOLENCE)",
    ("before", "openai"): "the prompt was declined by this service's moderation (stage: prompt, reason: violence)",
    ("after", "http"): "the picture was declined by this service's moderation (stage: output, reason: VIOLENCE)",
    ("after", "openai"): "the picture was declined by this service's moderation (stage: output, reason: violence)",
}


@pytest.mark.parametrize("kind", ["http", "openai"])
@pytest.mark.parametrize("fails", ["open", "closed"])
@pytest.mark.parametrize("stage", ["before", "after"])
@pytest.mark.parametrize("mode", MODES)
async def test_every_answer_of_a_moderator_has_one_outcome(
    shared: App, mode: str, stage: str, fails: str, kind: str
) -> None:
    before = pictures(shared.settings)
    moderator, engine = Moderator(kind, mode, stage, files=lambda: pictures(shared.settings)), Engine()
    account = await shared.account(credits=10)
    other = "after" if stage == "before" else "before"
    # The other stage is set to the contrary, so that one taken for the other shows.
    settings = {
        f"moderation_{stage}_fails": fails,
        f"moderation_{other}_fails": "open" if fails == "closed" else "closed",
        "moderation_seconds": 0.5 if mode == "slow" else 15.0,
        "moderation_openai_key": "a-key",
    }
    with moderating(moderator) as found:
        async with worker(shared, engine, **found, **settings) as gate:
            generation_id = await shared.submit(account, prompt=f"a secret prompt {mode}")
            answer = await shared.ended(account, generation_id)

    passes = mode == "allow" or (mode != "block" and fails == "open")
    assert stage in moderator.stages
    assert all(stored == before for stored in moderator.stored), "stored before the moderator had its say"
    assert engine.calls == (1 if passes or stage == "after" else 0)
    row = await shared.row(generation_id)
    if passes:
        assert answer["status"] == "completed", answer
        assert (await shared.balance(account), await shared.entries(generation_id)) == ((6, 0), ["hold", "capture"])
        assert len(pictures(shared.settings)) == len(before) + 1
        assert row["fence"] == 1
    else:
        code, words = (
            ("CONTENT_BLOCKED", BLOCKED[stage, kind]) if mode == "block" else ("GENERATION_FAILED", UNREACHABLE)
        )
        assert (answer["success"], answer["status"], answer["errorCode"]) == (False, "failed", code)
        assert words in answer["error"] and "Nothing was charged" in answer["error"]
        assert "imageUrl" not in answer and row["image_name"] is None
        assert answer["creditsCharged"] == 0
        assert (await shared.balance(account), await shared.entries(generation_id)) == ((10, 0), ["hold", "release"])
        assert pictures(shared.settings) == before
        assert row["fence"] == 1, "asked again, though the verdict would be the same"
    outcome = {"allow": "allowed", "block": "blocked"}.get(mode, "unanswered")
    assert gate.counts[kind, stage, outcome] == 1
