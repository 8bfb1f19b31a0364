"""A worker that dies while it marks a paid picture: another one makes it, and it is paid, kept and registered once."""

from __future__ import annotations

import signal

import psutil
from process_helpers import WORKER, Lab, ended, submit, until

from harness.processes import Served

PAINT = "cavendish.marks.paint"


def _painters(served: Served) -> list[psutil.Process]:
    """The children of the workers that mark."""
    return [
        child
        for worker in served.children(WORKER)
        for child in worker.children()
        if PAINT in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE
    ]


def test_a_worker_that_dies_while_it_marks_costs_no_second_picture(lab: Lab) -> None:
    served = lab(
        CAVENDISH_MARKS="c2pa,xmp,watermark",
        CAVENDISH_COPIES="on",
        CAVENDISH_REGISTER="on",
        CAVENDISH_LEASE_SECONDS="1",
        CAVENDISH_WAKE_SECONDS="0.5",
    )
    first = ended(served, submit(served, "a lake"))
    assert first["status"] == "completed"
    [painter] = _painters(served)
    painter.send_signal(signal.SIGSTOP)  # whoever is given a picture now does not answer
    generation_id = submit(served, "another lake")
    assert until(lambda: lab.generation(generation_id)["state"] == "generating", 20)
    assert not until(lambda: lab.generation(generation_id)["state"] != "generating", 2), "it waits for its marks"
    [worker] = served.children(WORKER)
    worker.kill()
    painter.kill()

    answer = ended(served, generation_id, seconds=60)

    row = lab.generation(generation_id)
    assert (answer["status"], answer["creditsCharged"], row["fence"]) == ("completed", 4, 2)
    registered = lab.rows("SELECT sha256 FROM cavendish.register WHERE generation_id = $1::uuid", generation_id)
    assert [entry["sha256"] for entry in registered] == [row["image_sha256"]]
    assert lab.is_sound("--at-rest")
