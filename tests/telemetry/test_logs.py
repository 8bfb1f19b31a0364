"""What a log line may hold: a traceback, and no value of any variable in it."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from cavendish import settings as configuration
from cavendish.telemetry import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def _service(folder: Path, log_format: str) -> None:
    settings = configuration.load({"data": str(folder)}, environment={})
    logs.configure(dataclasses.replace(settings, log_format=log_format), process="worker")


SET_UPS: dict[str, Callable[[Path], None]] = {
    "console": lambda folder: _service(folder, "console"),
    "json": lambda folder: _service(folder, "json"),
    "command": lambda _: logs.quieten(),
}


@pytest.mark.parametrize("name", SET_UPS)
def test_a_traceback_shows_no_values(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where `rich` is there, as it is here, structlog by itself prints them all."""
    SET_UPS[name](tmp_path)
    secret = secrets.token_hex(8)

    def broken(prompt: str) -> None:
        raise ZeroDivisionError("no picture")

    try:
        broken(secret)
    except ZeroDivisionError:
        structlog.get_logger("test").error("engine broke", exc_info=True)

    written = capfd.readouterr()
    assert "ZeroDivisionError: no picture" in written.err
    assert secret not in written.err + written.out
