"""The command line beside a running service: it works, and a mistake is told in a sentence."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from process_helpers import Lab, ended, submit, until

from harness.processes import Served

REVOKED_SECONDS = 1.0
FROZEN_SECONDS = 5.0
SLACK_SECONDS = 0.5  # two processes on a busy machine between the commit and our clock


@pytest.fixture(scope="module")
def served(shared_lab: Lab) -> Iterator[Served]:
    yield shared_lab()


def told(done: subprocess.CompletedProcess[str]) -> object:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_key_made_while_serving_works_at_once_and_a_revoked_one_stops_within_a_second(
    shared_lab: Lab, served: Served
) -> None:
    made = told(shared_lab.command("keys", "create", "--account", "studio", "--credits", "40", "--json"))
    assert isinstance(made, dict) and set(made) == {"key", "keyId", "account"}
    picture = served.picture("with the new key", key=made["key"])
    assert picture["creditsRemaining"] == 36
    assert told(shared_lab.command("credits", "show", "studio", "--json")) == {
        "account": "studio",
        "balance": 36,
        "held": 0,
    }

    with subprocess.Popen(shared_lab.arguments("keys", "revoke", made["keyId"]), env=shared_lab.environment()):
        assert until(lambda: _is_refused(served, made["key"]), 30)
        refused_at = time.time()
    [row] = shared_lab.rows(
        "SELECT extract(epoch FROM revoked_at)::float8 AS at FROM cavendish.api_keys WHERE id = $1", made["keyId"]
    )
    trail = shared_lab.rows(
        "SELECT action FROM cavendish.audit WHERE subject IN ($1, 'studio') ORDER BY id", made["keyId"]
    )
    assert [line["action"] for line in trail] == ["account_created", "grant", "key_created", "key_revoked"]
    print(f"revoked key refused after {refused_at - row['at']:.2f} s")
    assert refused_at - row["at"] < REVOKED_SECONDS + SLACK_SECONDS


def _is_refused(served: Served, key: str) -> bool:
    status, _ = served.call("/api/nano-banana-2/check-status", {"generationId": "0" * 32}, key)
    return status == 401


def test_the_books_are_sound_while_generations_are_made(shared_lab: Lab, served: Served) -> None:
    for _ in range(5):
        submit(served, "sleep=2")

    checked = shared_lab.command("check", "--json")

    found = told(checked)
    assert isinstance(found, dict) and found["ok"] is True
    assert all(set(invariant) == {"name", "ok", "detail"} for invariant in found["invariants"])


def test_a_missing_picture_makes_the_check_fail_by_name(shared_lab: Lab, served: Served) -> None:
    picture = served.picture("to be lost")
    name = picture["imageUrl"].rsplit("/", 1)[1]
    path = served.data / "storage" / "generations" / name[:2] / name
    kept = path.read_bytes()
    path.unlink()

    checked = shared_lab.command("check")

    path.write_bytes(kept)
    assert checked.returncode == 1
    assert "cavendish: files is broken: 1 of " in checked.stderr
    assert f"{picture['generationId']} (missing)" in checked.stderr
    assert [line[:6] for line in checked.stdout.splitlines() if "files:" in line] == ["FAILED"]


def test_a_process_frozen_inside_a_transaction_blocks_its_account_for_five_seconds_at_most(
    shared_lab: Lab, served: Served
) -> None:
    other = told(shared_lab.command("keys", "create", "--account", "other", "--credits", "40", "--json"))
    assert isinstance(other, dict)
    running = submit(served, "sleep=0.5")

    with shared_lab.holding("SELECT FROM cavendish.accounts WHERE name = 'default' FOR UPDATE"):
        began = time.monotonic()
        submit(served, "elsewhere", key=other["key"])
        elsewhere = time.monotonic() - began
        submit(served, "here")
        here = time.monotonic() - began

    print(f"blocked for {here:.1f} s, another account for {elsewhere:.1f} s")
    assert elsewhere < 2
    assert here < FROZEN_SECONDS + 2
    assert ended(served, running)["status"] == "completed"


MISTAKES: list[tuple[list[str], str]] = [
    (["nonsense"], "No such command"),
    (["serve", "--port", "eighty"], "--port"),
    (["serve", "--port", "70000"], "70000"),
    (["serve", "--concurrency", "0"], "concurrency"),
    (["worker", "--concurrency", "many"], "--concurrency"),
    (["keys", "create"], "--account"),
    (["keys", "create", "--account", ""], "an account's name"),
    (["keys", "create", "--account", "a", "--credits", "-5"], "--credits"),
    (["keys", "create", "--account", "a", "--limit", "often"], "100/hour"),
    (["keys", "revoke", "key_nothing"], "there is no key key_nothing"),
    (["credits", "show", "nobody"], "there is no account nobody"),
    (["credits", "grant", "default", "0"], "0"),
    (["credits", "grant", "nobody", "5"], "there is no account nobody"),
    (["credits", "statement", "nobody"], "there is no account nobody"),
    (["check", "--quick"], "--quick"),
    (["generate", "  "], "Prompt is missing or empty: describe the picture in PROMPT"),
    (["generate", "ä" * 20_001], "PROMPT has 20001 characters; at most 20000 are allowed"),
    (["generate", "a cat", "--quality", "8K"], "8K"),
    (["generate", "a cat", "--ratio", "7:5"], "7:5"),
    (["generate", "a cat", "--edit", "ftp://example.com/a.png"], "--edit number 1 has the scheme"),
    (
        ["generate", "a cat", "--model", "nano-banana-pro", *["--edit", "https://example.com/a.png"] * 9],
        "--edit was given 9 times; at most 8 are allowed",
    ),
    (
        ["generate", "a cat", *["--edit", "https://example.com/a.png"] * 15],
        "--edit was given 15 times; at most 14 are allowed",
    ),
    (["doctor", "--verbose"], "--verbose"),
    (["migrate", "back"], "back"),
]


def test_every_mistake_is_told_in_a_sentence(shared_lab: Lab, served: Served) -> None:
    # None of the bad ones starts anything that stays.
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda mistake: shared_lab.command(*mistake[0]), MISTAKES))

    wrong = {
        " ".join(arguments): (found.returncode, found.stderr[-300:])
        for (arguments, expected), found in zip(MISTAKES, done, strict=True)
        if found.returncode not in (1, 2) or expected not in found.stderr or "Traceback" in found.stderr
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "written, variables, expected",
    [
        ("port = ", {}, "cavendish.toml cannot be read"),
        ("colour = 3", {}, "unknown setting colour"),
        ("", {"CAVENDISH_PRICES": "1K=4"}, "CAVENDISH_PRICES"),
        ("", {"CAVENDISH_ROUTES": "nano-banana-2=nowhere"}, "nowhere"),
        (
            "",
            {"CAVENDISH_DATABASE_URL": "postgres//me:hunter2@db/d"},
            "'postgres//me:********@db/d' is not valid: write",
        ),
    ],
)
def test_a_wrong_setting_is_told_by_serve_in_a_sentence(
    lab: Lab, written: str, variables: dict[str, str], expected: str
) -> None:
    lab.data.mkdir()
    (lab.data / "cavendish.toml").write_text(written)

    began = time.monotonic()
    done = lab.command("serve", "--port", "0", timeout=90, **variables)

    print(f"{expected}: {time.monotonic() - began:.1f} s")
    assert done.returncode == 1, done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not lab.left_over()


def test_a_misspelt_variable_is_told_by_every_command_and_is_trouble_to_the_doctor(
    shared_lab: Lab, served: Served
) -> None:
    variables = {"CAVENDISH_DATABSE_URL": "postgresql://u:hunter2@h/d", "CAVENDISH_SCRIPT_LIKES": "this"}
    told = "CAVENDISH_DATABSE_URL is no setting and has no effect; the nearest is CAVENDISH_DATABASE_URL"

    shown = shared_lab.command("credits", "show", "default", "--json", **variables)
    looked = shared_lab.command("doctor", **variables)

    assert (shown.returncode, shown.stderr) == (0, f"cavendish: {told}\n")
    assert json.loads(shown.stdout)["account"] == "default"
    assert (looked.returncode, looked.stderr) == (1, "")
    assert [line for line in looked.stdout.splitlines() if line.startswith("TROUBLE")] == [f"TROUBLE {told}"]


def test_the_doctor_names_who_pays_for_callers_without_a_key(shared_lab: Lab, served: Served) -> None:
    looked = shared_lab.command("doctor", CAVENDISH_ANONYMOUS="default@192.168.1.0/24,nobody@10.0.0.0/8")

    assert (
        "ok    without a key, whoever calls /sdapi from 192.168.1.0/24 spends the credits of default" in looked.stdout
    )
    told = "TROUBLE CAVENDISH_ANONYMOUS names the account nobody, and there is none of this name"
    assert [line for line in looked.stdout.splitlines() if line.startswith("TROUBLE")] == [told]


def test_a_misspelt_setting_of_an_engine_is_told_when_a_worker_starts(lab: Lab) -> None:
    lab.data.mkdir()
    (lab.data / "cavendish.toml").write_text("[sketch]\nmegapixel = 9\n[scetch]\nmegapixels = 9\n")

    served = lab(CAVENDISH_ROUTES="nano-banana-2=sketch")

    assert until(lambda: "worker ready" in served.log.read_text())
    log = served.log.read_text()
    assert log.count("CAVENDISH_SKETCH_MEGAPIXEL is no setting") == 1, log
    assert (
        log.count("CAVENDISH_SCETCH_MEGAPIXELS is no setting and has no effect; the nearest is CAVENDISH_SKETCH_") == 1
    )
