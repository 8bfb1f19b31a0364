"""Other commands on the data directory know where its service is, and never take one that is gone for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from process_helpers import Lab

from cavendish import settings as configuration
from cavendish.processes import serving
from cavendish.settings import Settings


def settings(data: Path, **flags: object) -> Settings:
    return configuration.load({"data": str(data), **flags}, environment={})


def test_what_serves_is_found_and_what_ended_is_not(tmp_path: Path) -> None:
    with serving.told(settings(tmp_path, host="0.0.0.0", port=9000)):
        assert serving.found(tmp_path) == serving.Serving("http://localhost:9000", True, "0.0.0.0", 9000, os.getpid())

    assert serving.found(tmp_path) is None
    assert list((tmp_path / "serving").iterdir()) == []


def test_of_several_the_one_that_began_last_is_found(tmp_path: Path) -> None:
    with serving.told(settings(tmp_path, port=9001)):
        with serving.told(settings(tmp_path, port=9002)):
            later, earlier = (path for path in (tmp_path / "serving").iterdir())
            if "9001" in later.read_text():
                later, earlier = earlier, later
            os.utime(earlier, (1, 1))
            assert serving.found(tmp_path).port == 9002  # type: ignore[union-attr]
        assert serving.found(tmp_path).port == 9001  # type: ignore[union-attr]


KILLED = """
import os, signal, sys
from cavendish import settings
from cavendish.processes import serving
with serving.told(settings.load({"data": sys.argv[1], "port": 9003}, environment={})):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_one_is_not_found_though_its_file_is_there_and_the_next_removes_it(tmp_path: Path) -> None:
    """Not even where another process has its number by now: the lock counts, which the kernel took back."""
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    [left] = (tmp_path / "serving").iterdir()
    left.write_text(json.dumps({**json.loads(left.read_text()), "pid": os.getpid()}))

    assert serving.found(tmp_path) is None
    with serving.told(settings(tmp_path, port=9004)):
        assert not left.exists()
        assert serving.found(tmp_path).port == 9004  # type: ignore[union-attr]


def test_a_directory_that_cannot_be_written_to_does_not_keep_the_service_from_serving(tmp_path: Path) -> None:
    (tmp_path / "serving").write_text("a file in its place")

    with serving.told(settings(tmp_path)):
        assert serving.found(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"url": 1}', b"\xff" * 20_000])
def test_a_file_of_somebody_else_is_passed_over(tmp_path: Path, content: bytes) -> None:
    with serving.told(settings(tmp_path)):
        [path] = (tmp_path / "serving").iterdir()
        path.write_bytes(content)

        assert serving.found(tmp_path) is None


def test_a_login_link_leads_to_the_service_that_runs(lab: Lab) -> None:
    served = lab()  # on a port of its own

    link = lab.command("login-link", "default").stdout
    public = lab.command("login-link", "default", CAVENDISH_PUBLIC_URL="https://images.example.com").stdout
    assert served.stop() == 0
    alone = lab.command("login-link", "default", CAVENDISH_PORT="9005").stdout

    assert link.startswith(f"{served.url}/login#"), link
    assert public.startswith("https://images.example.com/login#"), "what the operator writes holds"
    assert alone.startswith("http://127.0.0.1:9005/login#"), "none runs any more"


def test_a_service_that_others_can_call_without_a_public_url_is_trouble_to_the_doctor(lab: Lab) -> None:
    """Whether it runs so, or would."""
    would = lab.command("doctor", "--host", "0.0.0.0")
    before = lab.command("doctor")
    served = lab("--host", "0.0.0.0")
    runs = lab.command("doctor")
    _, other = served.call("/nowhere")
    served.url = served.url.replace("127.0.0.1", "localhost")
    picture = served.picture()

    trouble = "TROUBLE CAVENDISH_PUBLIC_URL is not set, and others can call the service at 0.0.0.0"
    assert (would.returncode, before.returncode, runs.returncode) == (1, 0, 1), would.stdout + before.stdout
    assert trouble in would.stdout
    assert "ok    no service runs on this data directory" in before.stdout
    assert trouble in runs.stdout
    assert f"ok    the service runs at {served.url}, process " in runs.stdout
    assert "WARNING: others can call this service at 0.0.0.0" in served.log.read_text()
    assert other["type"].startswith("http://127.0.0.1:")
    assert picture["imageUrl"].startswith(f"{served.url}/generations/")
