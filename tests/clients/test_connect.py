"""What `docs/connect.md` shows is run as it stands, against a real server: it ends with a picture."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cavendish_test_engines.png import png

from cavendish.imaging import sniff
from harness.served_app import ServedApp

PAGE = Path(__file__).resolve().parents[2] / "docs" / "connect.md"
PROGRAMS = {"python": [sys.executable], "sh": ["sh"], "javascript": ["node"]}
SUFFIXES = {"python": "py", "sh": "sh", "javascript": "mjs"}
PACKAGES = Path(__file__).with_name("node") / "node_modules"
NEEDS_PACKAGES = {"javascript"}
SECONDS = 60
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_shows_something_in_each_language() -> None:
    assert {language for language, _ in BLOCKS} == PROGRAMS.keys()


@pytest.mark.parametrize(("language", "code"), BLOCKS, ids=[f"{name}-{n}" for n, (name, _) in enumerate(BLOCKS)])
def test_what_the_page_shows_ends_with_a_picture(language: str, code: str, server: ServedApp, tmp_path: Path) -> None:
    if language in NEEDS_PACKAGES:
        if not (PACKAGES / "openai").exists():
            pytest.skip("the npm packages are not installed: THE CODE THAT IS SHOWN IN JAVASCRIPT IS NOT RUN")
        (tmp_path / "node_modules").symlink_to(PACKAGES)
    if shutil.which(PROGRAMS[language][0]) is None:
        pytest.skip(f"{language} is not installed: THE CODE THAT IS SHOWN IS NOT RUN")
    account = server.account(credits=1000)
    (tmp_path / "lighthouse.png").write_bytes(png(60, 40))
    program = tmp_path / f"shown.{SUFFIXES[language]}"
    program.write_text(code.replace("http://127.0.0.1:8000", server.url).replace("YOUR_API_KEY", account.key))

    done = subprocess.run(
        [*PROGRAMS[language], program], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    if "provenance" in code:
        assert "c2pa" in done.stdout
        return
    if done.stdout:
        assert json.loads(done.stdout)["data"][0]["url"].startswith("http")
    made = [sniff.whole(file.read_bytes()) for file in tmp_path.glob("*.png")]
    assert all(made)
    balance, held = server.balance(account)
    assert (balance < 1000, held) == (True, 0)
