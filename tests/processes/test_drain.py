"""Stopping: what can end in time ends, the rest goes back and is done after the next start; polls go on to the end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import urllib.error
from typing import Any

from process_helpers import Lab, check, ended, is_generating, submit, until

from harness.processes import Served

DRAIN_SECONDS = 3.0


class Watcher(threading.Thread):
    """Polls one generation and tries to submit, until nobody listens any more."""

    def __init__(self, served: Served, generation_id: str) -> None:
        super().__init__(daemon=True)
        self.served, self.generation_id, self.key = served, generation_id, served.key
        self.polls: list[tuple[int, dict[str, Any]]] = []
        self.submits: list[tuple[int, dict[str, Any]]] = []

    def run(self) -> None:
        refused = 0
        while refused < 3:
            try:
                body = {"generationId": self.generation_id}
                self.polls.append(self.served.call("/api/nano-banana-2/check-status", body, self.key))
                body = {"prompt": "too late", "mode": "generate"}
                self.submits.append(self.served.call("/api/nano-banana-2/generate", body, self.key))
                refused = 0
            except (urllib.error.URLError, OSError):
                refused += 1
            time.sleep(0.05)


def test_sigterm_drains_and_an_interrupt_of_the_terminal_too(lab: Lab) -> None:
    first = lab(CAVENDISH_DRAIN_SECONDS=str(DRAIN_SECONDS))
    short, long = submit(first, "sleep=2 steps=6"), submit(first, "sleep=7 steps=7")
    assert is_generating(first, short) and is_generating(first, long)
    first.process.send_signal(signal.SIGTERM)
    assert until(lambda: _refuses(first)), "generate is still taken"
    watcher = Watcher(first, short)
    watcher.start()
    assert first.process.wait(40) == 0
    watcher.join(20)

    assert {status for status, _ in watcher.polls} == {200}
    assert watcher.polls[-1][1]["status"] == "completed", "the last poll before the listener closed"
    assert {status for status, _ in watcher.submits} == {503}
    assert {answer["errorCode"] for _, answer in watcher.submits} == {"SERVICE_BUSY"}
    assert not lab.left_over()

    # The long one went back to the queue and is done by the next who comes.
    second = lab.restart(first, CAVENDISH_DRAIN_SECONDS=str(DRAIN_SECONDS))
    assert ended(second, long, key=first.key)["status"] == "completed"
    assert [lab.generation(one)["fence"] for one in (short, long)] == [1, 2]
    assert lab.is_sound("--at-rest")

    # Ctrl-C reaches the whole process group at once; the order of the shutdown is the supervisor's all the same.
    running = submit(second, "sleep=2", key=first.key)
    assert until(lambda: check(second, running, key=first.key)["status"] == "generating")
    os.killpg(second.process.pid, signal.SIGINT)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(second.process.pid, signal.SIGINT)  # the impatient press it twice
    assert second.process.wait(40) == 0
    assert "Traceback" not in second.log.read_text()
    assert not lab.left_over()
    assert lab.is_sound("--at-rest"), "it was finished, not cut"


def _refuses(served: Served) -> bool:
    body = {"prompt": "", "mode": "generate"}  # while it serves this is a 400 that costs nothing
    status, _ = served.call("/api/nano-banana-2/generate", body | {"prompt": "sleep=0"})
    return status == 503
