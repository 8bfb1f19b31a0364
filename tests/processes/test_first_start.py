"""One command starts everything, and its output is all that is needed to make the first picture."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from process_helpers import Lab, check, ended

from harness.processes import Served, free_port, wait_until_ready

ROOT = Path(__file__).resolve().parent.parent.parent


def printed_commands(served: Served) -> list[str]:
    """The curl commands on the terminal, as somebody would paste them."""
    found = re.findall(r"^curl (?:.*\\\n)*.*$", served.log.read_text(), re.MULTILINE)
    assert len(found) == 2, served.log.read_text()
    return found


def paste(command: str) -> str:
    if shutil.which("curl") is None:
        pytest.skip("no curl here: the printed commands were NOT run")
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True).stdout


def test_the_first_start_prints_a_key_and_commands_that_work_and_the_second_joins_its_data(lab: Lab) -> None:
    began = time.monotonic()
    first = lab()
    print(f"cold start to ready: {time.monotonic() - began:.2f} s")
    generate, ask = printed_commands(first)
    submitted = paste(generate)
    generation_id = re.search(r'"generationId":"([0-9a-f]{32})"', submitted)
    assert generation_id, submitted
    answered = ended(first, generation_id[1])
    assert '"status":"completed"' in paste(ask.replace("...", generation_id[1]))
    assert first.stop() == 0

    began = time.monotonic()
    second = lab()
    print(f"warm start to ready: {time.monotonic() - began:.2f} s")
    again = check(second, generation_id[1], key=first.key)

    assert "cav_live_" not in second.log.read_text()
    assert again == {**answered, "imageUrl": again["imageUrl"], "image_url": again["image_url"]}
    assert again["imageUrl"].startswith(second.url)
    assert again["creditsRemaining"] == 1000 - answered["creditsCharged"]
    assert lab.is_sound("--at-rest")


def plain_user() -> tuple[pwd.struct_passwd, str] | None:
    """Somebody without rights, and a Python that they can run with these packages."""
    user = pwd.getpwnam("nobody")
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        probe = ["-c", "import sys, asyncpg, uvloop, pydantic; print(sys.version_info[:2])"]
        environment = {"PYTHONPATH": plain_path(), "PATH": "/usr/bin:/bin"}
        try:
            done = subprocess.run(
                [python, *probe], user=user.pw_uid, group=user.pw_gid, extra_groups=[], env=environment, cwd="/",
                capture_output=True, text=True, timeout=30, check=False,
            )  # fmt: skip
        except OSError:
            continue
        if done.stdout.strip() == str(tuple(sys.version_info[:2])):
            return user, python
    return None


def plain_path() -> str:
    packages = next(entry for entry in sys.path if entry.endswith("site-packages"))
    return os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT / "src"), str(ROOT / "tests/plugins"), packages])


@pytest.mark.skipif(os.geteuid() != 0, reason="this whole run is one of a plain user already")
def test_a_plain_user_without_any_option_walks_the_same_path(lab: Lab) -> None:
    """No --data: the directory is the user's own default. No right on anything else."""
    found = plain_user()
    if found is None:
        pytest.skip("NOT TESTED as a plain user: no Python and packages here that `nobody` may read")
    user, python = found
    home = lab.folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, user.pw_uid, user.pw_gid)
    port, log = free_port(), lab.folder / "plain.log"
    environment = {
        **{name: value for name, value in lab.environment().items() if not name.startswith(("XDG_", "PYTHON"))},
        "PYTHONPATH": plain_path(),
        "PYTHONPYCACHEPREFIX": f"/tmp/cavendish-tests-{user.pw_uid}-pycache",
        "HOME": str(home),
    }
    command = [python, "-m", "cavendish.cli", "serve", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=environment, cwd="/", start_new_session=True,
            user=user.pw_uid, group=user.pw_gid, extra_groups=[],
        )  # fmt: skip
    served = Served(process, f"http://127.0.0.1:{port}", home, log, command, environment)
    lab.started.append(served)

    wait_until_ready(served)
    picture = served.picture("a first picture")

    assert picture["status"] == "completed"
    assert (home / ".local/share/cavendish/pg").stat().st_uid == user.pw_uid
    assert served.stop() == 0
