"""`cavendish doctor` on storage: is it there, and who may look into it."""

from __future__ import annotations

import asyncio
import dataclasses
import grp
import os
import subprocess
import sys

import pytest

from cavendish.cli.doctor import _check_access
from cavendish.settings import Settings
from cavendish.storage.local import LocalStorage
from harness.inprocess import App
from harness.lost_storage import LosableRoot

pytestmark = pytest.mark.anyio

NAME = "ab" + "0" * 30 + "-1.png"


async def _doctor(app: App) -> tuple[int, str]:
    """Exit code and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cavendish.cli", "doctor", "--data", str(app.settings.data),
        env={**os.environ, "CAVENDISH_DATABASE_URL": app.settings.database_url},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_the_doctor_misses_a_storage_that_is_away(losable: LosableRoot, app: App) -> None:
    assert "ok    the storage is there" in (await _doctor(app))[1]

    with losable.lost():
        code, output = await _doctor(app)
        assert losable.beside() == [], "who looks makes nothing"
        assert (code, "TROUBLE the storage is missing" in output) == (1, True), output
        (losable.root / "storage-id").write_text("0" * 32)
        assert "another one is there" in (await _doctor(app))[1]


async def _access(settings: Settings, *, group: str = "") -> list[tuple[bool, str]]:
    return _check_access(dataclasses.replace(settings, storage_group=group))


async def test_the_doctor_says_who_may_look_at_the_pictures(settings: Settings) -> None:
    root, group = settings.storage_root, grp.getgrgid(os.getegid()).gr_name
    assert await _access(settings) == [], "nothing is there yet"
    storage = LocalStorage(root)
    await storage.open(None)
    await storage.put(NAME, b"picture")

    assert await _access(settings) == [(True, "pictures are open to the service's user alone")]
    [(good, text)] = await _access(settings, group=group)
    assert (good, "next start of serve lets it" in text) == (False, True)
    await LocalStorage(root, group=group).open(None)
    for name in (group, str(os.getegid())):
        told = [(True, f"pictures are open to the service's user and the group {name} alone")]
        assert await _access(settings, group=name) == told
    [(good, _)] = await _access(settings, group="4000000")
    assert not good
    (root / "generations").chmod(0o755)
    assert (await _access(settings))[0][0], "nobody passes the root"
    root.chmod(0o755)
    [(good, text)] = await _access(settings)
    assert (good, "every user of this machine" in text) == (False, True)
