"""`cavendish generate` and `cavendish generations`: what was ordered is never lost, whatever ends the command."""

from __future__ import annotations

import io
import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from process_helpers import Lab, ended, submit, until

from harness.processes import Served


@pytest.fixture(scope="module")
def served(shared_lab: Lab) -> Iterator[Served]:
    yield shared_lab()


def fetching(lab: Lab, log: str, target: Path) -> subprocess.CompletedProcess[str]:
    """Run the command that was printed, as somebody would paste it, with a file of theirs."""
    said = (lab.folder / log).read_text()
    printed = re.findall(r"its picture comes with: cavendish (generations fetch .*)", said)
    assert len(printed) >= 1, said
    words = [str(target) if word == "FILE" else word for word in shlex.split(printed[-1])]
    command = [sys.executable, "-m", "cavendish.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, env=lab.environment(), check=False)


def charges(lab: Lab) -> int:
    """What the account of the command line has paid."""
    return lab.rows(
        "SELECT coalesce(sum(credits_charged), 0)::int FROM cavendish.generations g"
        " JOIN cavendish.accounts a ON a.id = g.account_id WHERE a.name = 'default'"
    )[0][0]


def ordered(lab: Lab) -> int:
    return lab.rows("SELECT count(*) FROM cavendish.generations")[0][0]


def test_a_picture_is_written_as_what_its_name_says_with_its_label_and_charged_once(
    shared_lab: Lab, served: Served, tmp_path: Path
) -> None:
    before = charges(shared_lab)
    target = tmp_path / "kite.jpg"

    done = shared_lab.command("generate", "a kite", "--quality", "2K", "--label", "ai", "-o", str(target))

    assert done.returncode == 0, done.stderr
    labels = shared_lab.rows("SELECT label FROM cavendish.generations ORDER BY created_at DESC LIMIT 1")
    assert labels[0][0] == "ai"
    image = Image.open(target)
    assert (image.format, image.size) == ("JPEG", (2752, 1536))
    assert re.fullmatch(rf"{target}: 2752x1536 by script \(script-1\); 8 credits charged, \d+ left\n", done.stdout)
    assert charges(shared_lab) == before + 8


def test_a_picture_of_the_service_that_runs_can_be_edited(shared_lab: Lab, served: Served, tmp_path: Path) -> None:
    """The command has no --port; where the service is stands in the data directory."""
    url = served.picture()["imageUrl"]

    done = shared_lab.command("generate", "in watercolour", "--edit", url, "-o", str(tmp_path / "kite.png"))

    assert done.returncode == 0, done.stderr


def test_nothing_but_the_picture_goes_to_standard_output(shared_lab: Lab, served: Served) -> None:
    command = shared_lab.arguments("generate", "a kite", "-o", "-")
    done = subprocess.run(command, capture_output=True, timeout=90, env=shared_lab.environment(), check=False)

    assert done.returncode == 0, done.stderr
    found = re.search(r"Generation ([0-9a-f]{32}) is ordered", done.stderr.decode())
    assert found
    _, shown = served.call(f"/api/v1/generations/{found[1]}")
    assert len(done.stdout) == shown["sizeBytes"]
    assert Image.open(io.BytesIO(done.stdout)).size == (1376, 768)
    assert b"standard output: 1376x768 by script" in done.stderr


def test_a_place_that_is_none_is_told_before_anything_is_ordered(
    shared_lab: Lab, served: Served, tmp_path: Path
) -> None:
    before = ordered(shared_lab)

    done = shared_lab.command("generate", "a kite", "-o", str(tmp_path / "nowhere" / "kite.png"))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: there is no directory ")
    assert ordered(shared_lab) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_order_goes_on_and_its_picture_can_be_fetched(
    shared_lab: Lab, served: Served, tmp_path: Path, number: int
) -> None:
    before, log = charges(shared_lab), f"interrupted-{number}.log"
    process = shared_lab.spawn("generate", "sleep=1.5", "-o", str(tmp_path / "never.png"), log=log)
    assert until(lambda: "is ordered" in (shared_lab.folder / log).read_text(), 60)

    process.send_signal(number)
    code = process.wait(30)
    fetched = fetching(shared_lab, log, tmp_path / "kite.png")

    assert code == 128 + number
    assert "goes on; its picture comes with" in (shared_lab.folder / log).read_text()
    assert fetched.returncode == 0, fetched.stderr
    assert Image.open(tmp_path / "kite.png").size == (1376, 768)
    assert not (tmp_path / "never.png").exists()
    assert charges(shared_lab) == before + 4


def test_an_order_that_is_interrupted_while_it_is_taken_is_told_all_the_same(
    shared_lab: Lab, served: Served, tmp_path: Path
) -> None:
    """The statement may be under way: whether there is an order is known only by its answer."""
    assert shared_lab.command("generate", "a kite", "-o", str(tmp_path / "first.png")).returncode == 0
    account = "SELECT FROM cavendish.accounts WHERE name = 'default' FOR UPDATE"
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    with shared_lab.holding(account):
        process = shared_lab.spawn("generate", "a kite", "-o", str(tmp_path / "kite.png"), log="taken.log")
        assert until(lambda: shared_lab.rows(waiting)[0][0] == 1, 60)
        process.send_signal(signal.SIGINT)
    code = process.wait(30)

    assert code == 130
    assert fetching(shared_lab, "taken.log", tmp_path / "kite.png").returncode == 0


def test_a_picture_that_cannot_be_written_can_be_fetched(shared_lab: Lab, served: Served, tmp_path: Path) -> None:
    process = shared_lab.spawn("generate", "a kite", "-o", "/dev/full", log="full.log")

    assert process.wait(60) == 1
    said = (shared_lab.folder / "full.log").read_text()
    assert "/dev/full cannot be written: No space left on device; the picture comes with: " in said
    assert "Traceback" not in said
    assert fetching(shared_lab, "full.log", tmp_path / "kite.webp").returncode == 0
    assert Image.open(tmp_path / "kite.webp").format == "WEBP"


def test_without_a_worker_interrupted_work_is_handed_back_and_whoever_comes_next_ends_it(
    lab: Lab, tmp_path: Path
) -> None:
    """The command was the only worker there was; it gives its work back as every worker does that stops."""
    lab("--no-worker")
    process = lab.spawn(
        "generate", "sleep=2", "-o", str(tmp_path / "a.png"), log="alone.log", CAVENDISH_DRAIN_SECONDS="0"
    )
    assert until(lambda: "is ordered" in (lab.folder / "alone.log").read_text(), 60)
    state = "SELECT state FROM cavendish.generations"
    assert until(lambda: [row[0] for row in lab.rows(state)] == ["generating"], 30)

    process.send_signal(signal.SIGINT)
    code = process.wait(30)
    leased = [row[0] for row in lab.rows("SELECT leased FROM cavendish.generations")]
    fetched = fetching(lab, "alone.log", tmp_path / "kite.png")

    assert (code, leased) == (130, [False])
    assert "No worker runs but this one" in (lab.folder / "alone.log").read_text()
    assert fetched.returncode == 0, fetched.stderr
    assert Image.open(tmp_path / "kite.png").size == (1376, 768)
    shown = json.loads(lab.command("credits", "show", "default", "--json").stdout)
    assert (shown["balance"], shown["held"]) == (996, 0)


def test_generations_are_listed_and_shown_whoever_ordered_them(shared_lab: Lab, served: Served) -> None:
    made = json.loads(shared_lab.command("keys", "create", "--account", "shop", "--credits", "9", "--json").stdout)
    wanted = submit(served, "a \x1b[31mred\x07 kite", key=made["key"])
    assert ended(served, wanted, key=made["key"])["status"] == "completed"

    listed = shared_lab.command("generations", "list", "--account", "shop")
    as_json = json.loads(shared_lab.command("generations", "list", "--account", "shop", "--json").stdout)
    shown = shared_lab.command("generations", "show", wanted)
    shown_json = json.loads(shared_lab.command("generations", "show", wanted, "--json").stdout)
    _, by_api = served.call(f"/api/v1/generations/{wanted}", key=made["key"])

    assert listed.stdout.splitlines()[1].startswith(f"{wanted}  shop ")
    assert [(line["generationId"], line["creditsCharged"]) for line in as_json] == [(wanted, 4)]
    assert {"success": True, **shown_json} == by_api
    assert f"imageUrl: {served.url}/generations/" in shown.stdout
    assert "a \N{REPLACEMENT CHARACTER}[31mred" in shown.stdout
    assert "\x1b" not in listed.stdout + shown.stdout, "a prompt does not speak to the terminal"


def test_an_operator_cancels_what_has_not_ended_and_hears_why_what_has_ended_stays(
    shared_lab: Lab, served: Served
) -> None:
    completed = submit(served, "a kite")
    ended(served, completed)
    with shared_lab.holding("LOCK TABLE cavendish.engines IN EXCLUSIVE MODE"):  # nothing is claimed
        waiting = submit(served, "a kite to be cancelled")
        cancelled = shared_lab.command("generations", "cancel", waiting)
        again = shared_lab.command("generations", "cancel", waiting)
    too_late = shared_lab.command("generations", "cancel", completed)

    assert cancelled.stdout == again.stdout == f"{waiting} is cancelled; 4 credits were returned\n"
    assert ended(served, waiting)["errorCode"] == "CANCELLED"
    assert (too_late.returncode, too_late.stdout) == (1, "")
    assert "is completed" in too_late.stderr and "Traceback" not in too_late.stderr


@pytest.mark.parametrize(("command", "unknown"), [("show", "nonsense"), ("fetch", "0" * 32), ("cancel", "0" * 32)])
def test_a_generation_that_is_none_is_told(shared_lab: Lab, served: Served, command: str, unknown: str) -> None:
    done = shared_lab.command("generations", command, unknown)

    assert done.returncode == 1
    assert done.stderr.startswith(
        f"Error: there is no generation {unknown}; 'cavendish generations list' shows the ids"
    )


def test_what_has_no_picture_is_told_by_its_reason(shared_lab: Lab, served: Served, tmp_path: Path) -> None:
    failed = submit(served, "blocked")
    deleted = submit(served, "a kite")
    for generation_id in (failed, deleted):
        ended(served, generation_id)
    status = _delete(served, deleted)

    of_failed = shared_lab.command("generations", "fetch", failed, "-o", str(tmp_path / "a.png"))
    of_deleted = shared_lab.command("generations", "fetch", deleted, "-o", str(tmp_path / "b.png"))

    assert status == 200
    assert (of_failed.returncode, of_deleted.returncode) == (1, 1)
    assert "(CONTENT_BLOCKED); 4 credits were returned" in of_failed.stderr
    assert "was deleted" in of_deleted.stderr
    assert list(tmp_path.iterdir()) == []


def _delete(served: Served, generation_id: str) -> int:
    import urllib.request

    request = urllib.request.Request(
        f"{served.url}/api/v1/generations/{generation_id}",
        method="DELETE",
        headers={"Authorization": f"Bearer {served.key}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.status)
