"""Builds the wheel, installs it where nothing else is, serves from it and has it draw: `make test-wheel`.

    python tools/try_wheel.py --uv .uv/bin/uv

What a checkout has beside the package (the sources, the editable install, the art fetched by make) is out of reach
there: the working directory is empty and the environment isolated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
DRAW_SECONDS = 60.0
PROMPT = "A red fox in an autumn forest"
PACKAGES = {"cavendish", "cavendish_sketch"}
CARRIED = ("cavendish_sketch/data/art.xz", "cavendish_sketch/data/words.xz", "cavendish/web/site/style.css",
           "cavendish/db/migrations/0001_foundation.sql")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uv", type=Path, required=True, help="the uv of this checkout")
    uv = parser.parse_args().uv.resolve()
    with tempfile.TemporaryDirectory(prefix="cavendish-wheel-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded PostgreSQL may run as another user
        wheel = _built(uv, folder)
        command = _installed(uv, folder, wheel)
        with _serving(command, folder) as (url, key):
            picture = _drawn(url, key)
    print(f"{wheel.name}: served and drew {picture['width']}x{picture['height']} by {picture['model']}")
    return 0


def _built(uv: Path, folder: Path) -> Path:
    subprocess.run([uv, "build", "--system-certs", "--quiet", "--wheel", "--no-build-isolation", "--python",
                    sys.executable, "-o", folder, ROOT], check=True)  # fmt: skip
    [wheel] = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    missing = [name for name in CARRIED if name not in names]
    assert not missing, f"the wheel lacks {missing}; run 'make art'"
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == PACKAGES, f"the wheel has {sorted(tops)}"
    return wheel


def _installed(uv: Path, folder: Path, wheel: Path) -> Path:
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    locked = ["--constraints", ROOT / "requirements.txt"]
    subprocess.run([uv, "pip", "install", "--system-certs", "--quiet", "--python", python, *locked, wheel], check=True)
    return python.with_name("cavendish")


@contextlib.contextmanager
def _serving(command: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """A fresh service from an empty directory: its address and its first key."""
    (folder / "empty").mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "empty")}
    process = subprocess.Popen([command, "serve", "--port", "0", "--data", folder / "data"], cwd=folder / "empty",
                               env=environment, stdout=subprocess.PIPE, text=True)  # fmt: skip
    try:
        yield _greeting(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)


def _greeting(process: subprocess.Popen[str]) -> tuple[str, str]:
    assert process.stdout is not None
    url, deadline = "", time.monotonic() + START_SECONDS
    for line in process.stdout:
        if found := re.search(r"ready at (\S+)", line):
            url = found[1]
        if found := re.search(r"shown once\): (\S+)", line):
            return url, found[1]
        assert time.monotonic() < deadline, "it printed no key in time"
    raise AssertionError("it ended before it printed a key")


def _drawn(url: str, key: str) -> dict[str, Any]:
    made = _post(f"{url}/api/nano-banana-2/generate", key, {"prompt": PROMPT, "mode": "generate"})
    deadline = time.monotonic() + DRAW_SECONDS
    while True:
        status = _post(f"{url}/api/nano-banana-2/check-status", key, {"generationId": made["generationId"]})
        if status["status"] in ("completed", "failed"):
            break
        assert time.monotonic() < deadline, "it did not draw in time"
        time.sleep(0.2)
    assert status["status"] == "completed", status
    # Without its drawings the engine draws the forest alone.
    assert "red fox" in status["notes"]["understood"], status["notes"]
    with urllib.request.urlopen(status["imageUrl"], timeout=DRAW_SECONDS) as answer:
        assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
    return status


def _post(url: str, key: str, content: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(content).encode(), {"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


if __name__ == "__main__":
    sys.exit(main())
