"""An engine that breaks while it is set up, asked or closed is named with the place, and not with its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from cavendish import engines
from cavendish.errors import CavendishError, ConfigurationError
from cavendish.processes import worker
from cavendish.telemetry import raised

pytestmark = pytest.mark.anyio

SECRET = "sk-secret"


class Broken:
    name = "script"

    @property
    def capabilities(self) -> Any:
        raise KeyError(SECRET)

    async def close(self) -> None:
        raise RuntimeError(SECRET)


def build(options: Mapping[str, str]) -> Broken:
    return Broken()


def build_with_a_bug(options: Mapping[str, str]) -> Broken:
    raise ZeroDivisionError(SECRET)


def build_with_a_sentence(options: Mapping[str, str]) -> Broken:
    raise ConfigurationError("the engine script needs CAVENDISH_SCRIPT_KEY")


def loaded(monkeypatch: pytest.MonkeyPatch, how: Any) -> str:
    monkeypatch.setattr(engines, "_builder", lambda found: how)
    with pytest.raises(CavendishError) as told:
        engines.load("script", {})
    return str(told.value)


def test_a_bug_at_set_up_is_told_by_type_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    message = loaded(monkeypatch, build_with_a_bug)

    assert "script cannot be set up: ZeroDivisionError at " in message and "build_with_a_bug" in message
    assert SECRET not in message


def test_a_bug_in_what_it_can_is_told_by_type_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    message = loaded(monkeypatch, build)

    assert "script does not tell what it can: KeyError at " in message and "capabilities" in message
    assert SECRET not in message


def test_a_sentence_about_its_settings_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch, build_with_a_sentence) == "the engine script needs CAVENDISH_SCRIPT_KEY"


async def test_a_bug_at_its_end_keeps_no_other_from_ending() -> None:
    engine: Any = Broken()
    with capture_logs(processors=[raised.wordless]) as lines:
        await worker._close(engine)

    (line,) = lines
    assert line["engine"] == "script" and "RuntimeError" in line["exception"]
    assert SECRET not in str(lines)
