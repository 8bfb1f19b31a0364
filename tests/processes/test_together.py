"""Several commands on one data directory share everything; each may come and go."""

from __future__ import annotations

import signal
import time

from process_helpers import Lab, check, ended, submit, until


def test_commands_on_one_directory_share_it_and_the_last_one_out_stops_the_database(lab: Lab) -> None:
    first = lab("--no-worker")
    waiting = submit(first, "sleep=0.2")
    time.sleep(1)
    assert check(first, waiting)["status"] == "pending", "nobody is there to work"

    # A worker alone is capacity.
    worker = lab.spawn("worker", log="worker.log")
    assert ended(first, waiting)["status"] == "completed"

    # A second API on another port knows the same keys, generations and pictures.
    second = lab("--no-worker")
    assert "cav_live_" not in second.log.read_text()
    found = check(second, waiting, key=first.key)
    assert found["status"] == "completed"
    assert found["imageUrl"].startswith(second.url)
    assert second.picture("by the second", key=first.key)["status"] == "completed"

    # The one that started the database leaves; the others keep it.
    assert first.stop() == 0
    assert second.picture("after the first left", key=first.key)["status"] == "completed"
    assert lab.is_sound("--at-rest")

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert second.stop() == 0
    assert until(lambda: not lab.left_over(), 5), lab.left_over()
    assert lab.is_sound("--at-rest"), "a command alone starts the database for itself"
    assert until(lambda: not lab.left_over(), 5), lab.left_over()
