"""Where a command writes a picture: what cannot be written is told before it is ordered, and a file is whole or old."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import click
import pytest
from PIL import Image

from cavendish.cli import picture_file
from cavendish.cli.picture_file import NotWritten, PictureFile
from cavendish.imaging import sniff
from cavendish.imaging.converter import NotConverted

pytestmark = pytest.mark.anyio


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 7), (9, 90, 200)).save(file, "PNG")
    return file.getvalue()


PNG = _png()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.png").write_bytes(b"old")
    return tmp_path


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("nowhere/kite.png", "there is no directory nowhere for kite.png; make it first"),
        ("nowhere/", "nowhere/ is a directory; name a file in it"),
        (".", ". is a directory; name a file in it"),
        ("old.png/kite.png", "there is no directory old.png for kite.png"),
        ("old.png", "old.png is there already; --force overwrites it"),
        ("kite.gif", "kite.gif ends in .gif; a picture is written as .png, .jpg, .jpeg, .webp, or as it is without"),
        (f"{'k' * 300}.png", "cannot be written: File name too long"),
        ("/proc/kite.png", "/proc/kite.png cannot be written: "),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_ordered(here: Path, output: str, told: str) -> None:
    with pytest.raises(click.ClickException) as refused:
        picture_file.judged(output, force=False)

    assert told in refused.value.message
    assert [path.name for path in here.iterdir()] == ["old.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_is_closed_is_told(here: Path) -> None:
    here.chmod(0o500)
    try:
        for output in ("kite.png", None):
            with pytest.raises(click.ClickException, match="cannot be written: Permission denied"):
                picture_file.judged(output, force=False)
    finally:
        here.chmod(0o700)


def test_judging_leaves_nothing_behind(here: Path) -> None:
    picture_file.judged("kite.png", force=False)
    picture_file.judged("old.png", force=True)
    picture_file.judged(None, force=False)

    assert [(path.name, path.read_bytes()) for path in here.iterdir()] == [("old.png", b"old")]


@pytest.mark.parametrize(
    ("output", "media_type"),
    [("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("A.JPEG", "image/jpeg"), ("a.webp", "image/webp")],
)
async def test_a_file_holds_what_its_name_says(here: Path, output: str, media_type: str) -> None:
    await picture_file.write(picture_file.judged(output, force=False), PNG, "image/png")

    header = sniff.whole((here / output).read_bytes())
    assert header is not None
    assert (header.media_type, header.width, header.height) == (media_type, 9, 7)


@pytest.mark.parametrize("output", ["a.png", "a", "../a.PNG"])
async def test_where_the_type_fits_the_engines_own_bytes_are_untouched(here: Path, output: str) -> None:
    await picture_file.write(picture_file.judged(output, force=False), PNG, "image/png")

    assert (here / output).read_bytes() == PNG


async def test_without_a_name_the_picture_has_its_own(here: Path) -> None:
    target = picture_file.judged(None, force=False).named("0f3a9c5e7b1d", "image/webp")

    assert str(target) == "0f3a9c5e7b1d.webp"


async def test_a_file_that_came_in_the_meantime_is_kept(here: Path) -> None:
    target = picture_file.judged("kite.png", force=False)
    (here / "kite.png").write_bytes(b"somebody else's")

    with pytest.raises(NotWritten, match=r"kite\.png cannot be written: File exists"):
        await picture_file.write(target, PNG, "image/png")

    assert (here / "kite.png").read_bytes() == b"somebody else's"
    assert sorted(path.name for path in here.iterdir()) == ["kite.png", "old.png"]


async def test_that_holds_on_a_file_system_without_links(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    await picture_file.write(PictureFile(Path("new.png")), PNG, "image/png")
    with pytest.raises(NotWritten, match="File exists"):
        await picture_file.write(PictureFile(Path("old.png")), PNG, "image/png")

    assert (here / "new.png").read_bytes() == PNG
    assert (here / "old.png").read_bytes() == b"old"


async def test_force_overwrites_whole_and_writes_through_a_link(here: Path) -> None:
    (here / "link.png").symlink_to("old.png")

    await picture_file.write(picture_file.judged("link.png", force=True), PNG, "image/png")

    assert (here / "link.png").is_symlink()
    assert (here / "old.png").read_bytes() == PNG


async def test_what_cannot_become_that_type_leaves_the_old_file(here: Path) -> None:
    with pytest.raises(NotConverted):
        await picture_file.write(
            PictureFile(Path("old.png"), media_type="image/jpeg", force=True), PNG[:45], "image/png"
        )

    assert (here / "old.png").read_bytes() == b"old"


async def test_a_device_is_written_to_and_not_replaced(here: Path) -> None:
    os.mkfifo(here / "pipe.png")
    reader = os.open(here / "pipe.png", os.O_RDONLY | os.O_NONBLOCK)

    await picture_file.write(picture_file.judged("pipe.png", force=False), PNG, "image/png")

    assert os.read(reader, 100_000) == PNG
    os.close(reader)
    with pytest.raises(NotWritten, match="No space left on device"):
        await picture_file.write(picture_file.judged("/dev/full", force=False), PNG * 1000, "image/png")


def test_a_picture_is_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    with pytest.raises(click.ClickException, match="redirect standard output"):
        picture_file.judged("-", force=False)
