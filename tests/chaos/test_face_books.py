"""The books of calls by other faces: each way in which an order could be lost or paid twice turns its rule red."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from cavendish_test_engines.png import png

from .faces import FIRST, Call, FaceLoad
from .journal import Journal
from .load import Account
from .service import Service
from .spoken import FACES, Told

OWN = Account("alder", "key", 100)
BATCH = uuid.uuid4()
WHOLE = png(8, 8)


def row(state: str = "completed", **changed: Any) -> dict[str, Any]:
    charged = 4 if state == "completed" else 0
    kept = {"id": uuid.uuid4(), "state": state, "credits_charged": charged, "batch_id": BATCH, "batch_index": 0}
    return {**kept, "account": OWN.name, "error_code": None, **changed}


def broken(rows: list[dict[str, Any]], told: Told | None = None, face: str = "openai", **changed: Any) -> set[str]:
    """The rules that an order of two broke, of which these rows were made and this was told."""
    [spoken] = [one for one in FACES if one.name == face]
    call = Call(FIRST, spoken, OWN, 2, "a lake", "completed", None, 0.0, told=told, **changed)
    journal = Journal()
    load = FaceLoad(Service(None, journal, 0, {}, None), journal, [OWN], random.Random(1), 0.0)  # type: ignore[arg-type]
    load._judge_rows(call, rows)
    load._judge_answer(call, rows)
    return {violation.rule for violation in journal.violations}


def of(rows: list[dict[str, Any]], pictures: int) -> Told:
    return Told(tuple(one["id"].hex for one in rows), (WHOLE,) * pictures)


def test_what_is_made_and_told_in_full_breaks_nothing() -> None:
    both = [row(), row()]
    assert broken(both, of(both, 2)) == set()
    assert broken(both) == set(), "a caller who was cut off knows nothing"
    assert broken([]) == set(), "and perhaps nothing was made"
    half = [row(), row("failed")]
    assert broken(half, of(half, 1)) == set()
    assert broken(half, Told((half[0]["id"].hex,), (WHOLE,), all=False), "openai, streamed") == set()
    assert broken([row("failed", error_code="EXPIRED")] * 2, error="504") == set(), "by a clock that jumped"


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([row(), row(), row(), row()], "one generation per submission"),
        ([row()], "several are all made or none"),
        ([row(), row(batch_id=uuid.uuid4())], "several are all made or none"),
        ([row(), row(credits_charged=8)], "the end says what it cost"),
        ([row(), row("failed", credits_charged=4)], "the end says what it cost"),
        ([row(account="birch"), row(account="birch")], "a generation belongs to its caller"),
    ],
)
def test_rows_that_nobody_ordered_so(rows: list[dict[str, Any]], rule: str) -> None:
    assert broken(rows) == {rule}


def test_an_answer_that_is_not_what_was_made() -> None:
    both = [row(), row()]

    assert broken([], of(both, 0), "batch") == {"what was acknowledged exists"}
    assert broken(both, of(both[:1], 2)) == {"what was acknowledged exists"}
    assert broken(both, of(both, 1)) == {"an answer has its pictures"}
    assert broken(both, Told(of(both, 0).ids, (WHOLE, WHOLE[:-9]))) == {"an answer has its pictures"}
    assert broken(both, error="400") == {"an error means that nothing is paid", "the outcome is the engine's"}
    assert broken(both, refused=True) == {"a refused submission makes nothing"}
