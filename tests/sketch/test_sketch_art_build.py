"""The drawings are fetched on a machine that never used npm; what goes wrong is told, and stops nothing."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import urllib.parse
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "build_sketch_art.py"
SECONDS = 60


@pytest.fixture(autouse=True)
def npm() -> None:
    if shutil.which("npm") is None:
        reason = "SKIPPED: the fetching of drawings is tested with npm, and there is none on PATH"
        warnings.warn(pytest.PytestWarning(reason), stacklevel=1)
        pytest.skip(reason)


def _tarball() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        data = b'{"name": "x", "version": "1.0.0"}'
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


TARBALL = _tarball()  # made once: gzip writes the time into it


class Registry(http.server.BaseHTTPRequestHandler):
    """Any package in any version, with one small file in it: right in form, and not the pinned one."""

    def do_GET(self) -> None:  # the name that http.server calls
        path = urllib.parse.unquote(self.path)
        if path.endswith(".tgz"):
            self._answer(TARBALL, "application/octet-stream")
            return
        name = path.strip("/")
        version = {"@iconify-json/noto": "1.2.9", "emojibase-data": "17.0.0"}[name]
        address = f"http://127.0.0.1:{self.server.server_address[1]}/{name}/-/x.tgz"
        dist = {"tarball": address, "shasum": hashlib.sha1(TARBALL).hexdigest()}
        found = {"name": name, "version": version, "dist": dist}
        package = {"name": name, "dist-tags": {"latest": version}, "versions": {version: found}}
        self._answer(json.dumps(package).encode(), "application/json")

    def _answer(self, data: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def build(home: Path, registry: str, *options: str) -> tuple[int, str]:
    """Run the script as on a machine whose npm has neither settings nor a cache."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().startswith("npm_")}
    environment = {**kept, "HOME": str(home), "npm_config_registry": registry}
    command = [sys.executable, str(SCRIPT), "--target", str(home / "data"), *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)
    return done.returncode, done.stdout + done.stderr


def test_an_npm_that_was_never_used_fetches_and_what_is_not_the_pinned_package_is_refused(
    tmp_path: Path, registry: str
) -> None:
    code, said = build(tmp_path, registry, "--require")

    assert (code, "is not the pinned package: its SHA-512 differs" in said) == (1, True), said
    assert not (tmp_path / "data" / "art.xz").exists()


def test_a_registry_that_is_away_is_told_with_its_reason_and_stops_nothing(tmp_path: Path) -> None:
    code, said = build(tmp_path, "http://127.0.0.1:9")

    assert code == 0
    assert "(code ECONNREFUSED)" in said and "make art" in said


def test_where_the_drawings_are_required_a_registry_that_is_away_is_a_failure(tmp_path: Path) -> None:
    assert build(tmp_path, "http://127.0.0.1:9", "--require")[0] == 1
