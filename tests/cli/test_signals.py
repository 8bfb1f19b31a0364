"""Ctrl-C and SIGTERM end a command in order, and its exit code says which it was."""

from __future__ import annotations

import signal
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cavendish import cli
from cavendish.cli import common

COMMAND = """
import asyncio, os, signal, sys
from cavendish.cli import common

async def work():
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.01)
        print("in order", flush=True)
        if len(sys.argv) > 2:
            os.kill(os.getpid(), int(sys.argv[2]))
            await asyncio.Event().wait()

common.run(work)
"""


def run(*signals: int, **options: object) -> subprocess.CompletedProcess[str]:
    options.setdefault("preexec_fn", _hearing)
    command = [sys.executable, "-c", COMMAND, *map(str, signals)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload]


def _hearing() -> None:
    """Also where these tests run in the background themselves."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_work_in_order(number: int) -> None:
    done = run(number)

    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "in order\n", "")


def test_a_second_signal_leaves_at_once() -> None:
    done = run(signal.SIGINT, signal.SIGTERM)

    assert (done.returncode, done.stdout, done.stderr) == (130, "in order\n", "")


def test_in_the_background_of_a_script_where_ctrl_c_is_ignored_sigterm_counts() -> None:
    def ignoring() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    done = run(signal.SIGTERM, preexec_fn=ignoring)

    assert (done.returncode, done.stdout) == (143, "in order\n")


def test_what_a_command_gives_is_given() -> None:
    async def work() -> str:
        return "done"

    assert common.run(work) == "done"


def test_ctrl_c_before_the_work_begins_is_told_by_the_exit_code_too(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def early() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli._Lazy, "get_command", lambda *_: early)

    assert CliRunner().invoke(cli.cli, ["early"]).exit_code == 130
