"""A picture that the output check has not passed is nowhere: no answer tells its name, no address has it, no file does.

For tests/processes/: the service is the real one, and its worker is killed while the check is under way.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from process_helpers import WORKER, Lab, check, ended, submit, until

from cavendish import ids
from emulators.server import Emulator, Reply, Request
from harness.processes import Served

HELD_SECONDS = 40.0


@dataclass
class Checker:
    """A judge that passes prompts, and holds its word on pictures until it may speak."""

    allow: bool = True
    asked: int = 0
    may_speak: threading.Event = field(default_factory=threading.Event)

    def handle(self, request: Request) -> Reply:
        if request.json()["stage"] == "before":
            return Reply.json({"allow": True})
        self.asked += 1
        self.may_speak.wait(HELD_SECONDS)
        return Reply.json({"allow": self.allow, "reason": "VIOLENCE"})


@pytest.fixture
def checker() -> Iterator[Checker]:
    found = Checker()
    yield found
    found.may_speak.set()  # or the judge's thread would outlive the test


def stored(lab: Lab) -> list[str]:
    folders = [lab.data / "storage" / name for name in ("generations", "tmp")]
    return sorted(path.name for folder in folders for path in folder.rglob("*") if path.is_file())


def status_of(served: Served, name: str) -> int:
    try:
        with urllib.request.urlopen(f"{served.url}/generations/{name}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def is_nowhere(lab: Lab, served: Served, generation_id: str) -> bool:
    """Asked with what no caller knows: the stem, from the database, and every name that a claim may have made of it."""
    stem = lab.generation(generation_id)["picture_stem"]
    names = [ids.image_name(stem, fence=fence, media_type=kind) for fence in (1, 2, 3) for kind in ids.EXTENSIONS]
    _, rest = served.call(f"/api/v1/generations/{generation_id}")
    _, listed = served.call("/api/v1/generations")
    told = json.dumps([check(served, generation_id), rest, listed])
    return (
        stored(lab) == []
        and stem not in told
        and "imageUrl" not in told
        and {status_of(served, name) for name in names} == {404}
    )


def test_a_picture_is_nowhere_until_its_check_has_ended_even_where_its_worker_dies_in_it(
    lab: Lab, checker: Checker
) -> None:
    with Emulator(checker.handle) as emulator:
        served = lab(
            CAVENDISH_MODERATION="http",
            CAVENDISH_MODERATION_URL=f"{emulator.url}/judge",
            CAVENDISH_MODERATION_SECONDS=str(HELD_SECONDS),
            CAVENDISH_LEASE_SECONDS="1",
            CAVENDISH_WAKE_SECONDS="0.5",
        )
        generation_id = submit(served, "a lake")
        assert until(lambda: checker.asked == 1, 20)
        assert is_nowhere(lab, served, generation_id), "told or stored while its check is under way"
        [worker] = served.children(WORKER)
        worker.kill()
        assert is_nowhere(lab, served, generation_id), "left behind by the worker that died in its check"
        checker.may_speak.set()
        answer = ended(served, generation_id, seconds=60)

        assert answer["status"] == "completed" and checker.asked >= 2, "the next worker asks again"
        assert status_of(served, answer["imageUrl"].rpartition("/")[2]) == 200

        checker.allow = False
        before = stored(lab)
        refused = submit(served, "another lake")
        answer = ended(served, refused, seconds=60)
        assert (answer["status"], answer["errorCode"], answer["creditsCharged"]) == ("failed", "CONTENT_BLOCKED", 0)
        assert stored(lab) == before
        assert lab.is_sound("--at-rest")
