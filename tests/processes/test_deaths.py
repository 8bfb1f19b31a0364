"""kill -9 of each process in turn: the service mends itself, and nothing is lost or done twice."""

from __future__ import annotations

import signal
import socket
import time

import psutil
from process_helpers import API, WORKER, Lab, ended, is_generating, submit, until

from cavendish.postgres.cluster import Cluster
from harness.processes import Served, wait_until_ready

TAKEN_UP_SECONDS = 10.0  # the lease is 5 s
BACK_SECONDS = 15.0  # backoff, start of a Python, crash recovery, all on a busy machine


def test_each_process_may_die(lab: Lab) -> None:
    served = lab(CAVENDISH_DRAIN_SECONDS="3")

    _worker_dies(lab, served)
    _api_dies(lab, served)
    _database_dies(lab, served)
    _supervisor_dies(lab, served)


def _worker_dies(lab: Lab, served: Served) -> None:
    """Its generation runs again within ten seconds, and is paid once."""
    generation_id = submit(served, "sleep=2 steps=8")
    assert is_generating(served, generation_id)
    [worker] = served.children(WORKER)
    worker.kill()
    killed = time.monotonic()

    assert until(lambda: lab.generation(generation_id)["fence"] == 2, TAKEN_UP_SECONDS), "not taken up again"
    print(f"kill of a worker to its generation running again: {time.monotonic() - killed:.2f} s")
    assert ended(served, generation_id)["status"] == "completed"
    entries = lab.rows("SELECT kind FROM cavendish.ledger WHERE generation_id = $1::uuid ORDER BY id", generation_id)
    assert [row["kind"] for row in entries] == ["hold", "capture"]


def _api_dies(lab: Lab, served: Served) -> None:
    """Its work goes on without it; a new one answers."""
    generation_id = submit(served, "sleep=1")
    [api] = served.children(API)
    api.kill()
    killed = time.monotonic()
    wait_until_ready(served, BACK_SECONDS)
    print(f"kill of the API to its answer: {time.monotonic() - killed:.2f} s")

    assert ended(served, generation_id)["status"] == "completed"


def _database_dies(lab: Lab, served: Served) -> None:
    generation_id = submit(served, "sleep=1")
    status = Cluster(served.data).status()
    assert status is not None and status.pid is not None
    psutil.Process(status.pid).kill()
    killed = time.monotonic()

    assert until(lambda: Cluster(served.data).status().accepting, BACK_SECONDS)  # type: ignore[union-attr]
    print(f"kill of PostgreSQL to its answer: {time.monotonic() - killed:.2f} s")
    assert ended(served, generation_id)["status"] == "completed"
    assert served.picture("after the crash")["status"] == "completed"


def _supervisor_dies(lab: Lab, served: Served) -> None:
    """Its children notice the closed pipe, and the last one out stops the database."""
    generation_id = submit(served, "sleep=30")
    assert is_generating(served, generation_id)
    served.process.send_signal(signal.SIGKILL)
    served.process.wait()
    killed = time.monotonic()

    assert until(lambda: not lab.left_over(), 30), lab.left_over()
    print(f"kill of the supervisor to nothing left: {time.monotonic() - killed:.2f} s")
    again = lab.restart(served, CAVENDISH_DRAIN_SECONDS="1")
    assert again.picture("after the start", key=served.key)["status"] == "completed"
    assert is_generating_by(again, generation_id, served.key)
    assert lab.is_sound()


def is_generating_by(served: Served, generation_id: str, key: str) -> bool:
    """Given back and taken up again, not forgotten."""

    def found() -> bool:
        _, answer = served.call("/api/nano-banana-2/check-status", {"generationId": generation_id}, key)
        return bool(answer["status"] == "generating")

    return until(found)


def test_a_generation_that_kills_its_worker_every_time_is_given_up_and_refunded(lab: Lab) -> None:
    """And the service survives it, although its workers die as soon as they start."""
    served = lab(CAVENDISH_CLAIMS_MAX="3", CAVENDISH_LEASE_SECONDS="1", CAVENDISH_WAKE_SECONDS="0.5")
    began = time.monotonic()
    poison = submit(served, "exit")
    answer = ended(served, poison, seconds=60)
    print(f"three workers lost to one generation: {time.monotonic() - began:.2f} s")

    assert answer["status"] == "failed"
    assert answer["creditsCharged"] == 0
    assert answer["creditsRemaining"] == 1000
    assert "interrupted too often" in answer["error"]
    assert lab.generation(poison)["fence"] == 4
    assert served.picture("a sound one")["status"] == "completed"
    assert lab.is_sound("--at-rest")


def test_a_taken_port_is_told_once_and_nothing_is_left_running(lab: Lab) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        began = time.monotonic()
        done = lab.command("serve", "--port", str(port))
        print(f"taken port to the end: {time.monotonic() - began:.2f} s")

    assert done.returncode == 1
    assert done.stderr.count(f"cannot listen on 127.0.0.1 port {port}: Address already in use") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not lab.left_over()
