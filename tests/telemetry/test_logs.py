"""What a log line may hold of an exception: its type and where it was raised; no word of it, and no value."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import gc
import importlib
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import pytest
import structlog
import uvloop

from cavendish import settings as configuration
from cavendish.telemetry import logs, raised


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


SECRET = "cav_live_secret"


def broken(prompt: str) -> None:
    try:
        raise OSError(errno.ENOSPC, f"no space for {prompt}")
    except OSError as exc:
        raise ZeroDivisionError(f"no picture of {prompt}") from exc


@pytest.mark.parametrize("name", SET_UPS)
def test_an_exception_is_told_without_its_words(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where `rich` is there, as it is here, structlog by itself prints the values of all variables too."""
    SET_UPS[name](tmp_path)

    try:
        broken(SECRET)
    except ZeroDivisionError as exc:
        structlog.get_logger("test").error("engine broke", exc_info=True)
        structlog.get_logger("test").error("engine broke", exc_info=exc)

    written = "".join(capfd.readouterr())
    assert written.count("ZeroDivisionError") == 2 and written.count("OSError (ENOSPC)") == 2
    assert f"{__file__}:" in written and "broken" in written, "an operator finds where it happened"
    assert SECRET not in written


@pytest.mark.parametrize("name", SET_UPS)
def test_a_librarys_exception_is_told_in_the_same_way(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    SET_UPS[name](tmp_path)

    try:
        broken(SECRET)
    except ZeroDivisionError:
        logging.getLogger("a.library").exception("it broke")

    written = "".join(capfd.readouterr())
    assert "it broke" in written and "ZeroDivisionError" in written
    assert SECRET not in written


async def _leave_a_task(loop: asyncio.AbstractEventLoop) -> None:
    async def forgotten() -> None:
        broken(SECRET)

    task = loop.create_task(forgotten())
    await asyncio.wait({task})
    del task
    gc.collect()


async def _leave_a_thread(_: asyncio.AbstractEventLoop) -> None:
    thread = threading.Thread(target=broken, args=(SECRET,))
    thread.start()
    await asyncio.to_thread(thread.join)


async def _call_back(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_soon(broken, SECRET)
    await asyncio.sleep(0)


@pytest.mark.parametrize("leave", [_leave_a_task, _leave_a_thread, _call_back])
@pytest.mark.parametrize("runner", [asyncio.run, uvloop.run])
def test_what_breaks_where_nobody_waits_for_it_is_told_in_the_same_way(
    runner: Callable[..., None],
    leave: Callable[[asyncio.AbstractEventLoop], Coroutine[None, None, None]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(raised, "log", structlog.get_logger())  # the service's own keeps its first standard error
    _service(tmp_path, "json")

    async def run() -> None:
        raised.watch(asyncio.get_running_loop())
        await leave(asyncio.get_running_loop())

    runner(run())

    written = "".join(capfd.readouterr())
    assert "broke" in written and "ZeroDivisionError" in written
    assert SECRET not in written


def test_a_group_names_its_members_and_a_recursion_is_short() -> None:
    def deeper(depth: int) -> None:
        deeper(depth + 1) if depth < 500 else broken(SECRET)

    members = []
    for call in (lambda: broken(SECRET), lambda: deeper(0)):
        try:
            call()
        except ZeroDivisionError as exc:
            members.append(exc)

    told = raised.told(ExceptionGroup(SECRET, members))

    assert told.count("with ZeroDivisionError at") == 2
    assert SECRET not in told + raised.told(members[1])
    assert len(raised.told(members[1]).splitlines()) < 60


def test_what_is_missing_is_named() -> None:
    try:
        importlib.import_module("no_such_module")
    except ImportError as exc:
        assert raised.kind(exc) == "ModuleNotFoundError (no_such_module)"
