"""Where a command writes a picture: judged before it is ordered, and written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cavendish import ids
from cavendish.errors import CavendishError
from cavendish.imaging import converter
from cavendish.imaging.sniff import MediaType

STANDARD_OUTPUT = "-"
TYPES: dict[str, MediaType] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


class NotWritten(CavendishError):
    """The picture is there, and its file is not. The message says why."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A place for one picture.

    Attributes:
        path: None: in the working directory, by the picture's own name.
        standard_output: Instead of a file.
        media_type: What its name says that it holds; None: whatever the picture is.
        force: A file that is there may be overwritten.
    """

    path: Path | None = None
    standard_output: bool = False
    media_type: MediaType | None = None
    force: bool = False

    def named(self, name: str, media_type: str) -> PictureFile:
        """The same with a name, for a picture of this type that has this name where it was given none."""
        if self.path is not None or self.standard_output:
            return self
        return PictureFile(Path(f"{name}.{ids.EXTENSIONS[media_type]}"), force=self.force)

    def __str__(self) -> str:
        return "standard output" if self.standard_output else str(self.path)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-o FILE` and `--force`, of every command that writes a picture."""
    command = click.option("--force", is_flag=True, help="Overwrite FILE where it is there.")(command)
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="File to write, of the type that its name ends in: .png, .jpg or .webp; - is standard output"
        " [default: the picture's own name].",
    )(command)


def judged(output: str | None, *, force: bool) -> PictureFile:
    """The place that this option names.

    Raises:
        ClickException: no picture could be written there; the message says why.
    """
    if output == STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise click.ClickException("a picture is nothing for a terminal; redirect standard output, or name a file")
        return PictureFile(standard_output=True)
    path = Path(output) if output else None
    try:
        _check_place(output or "picture", force=force)
    except OSError as exc:
        raise click.ClickException(f"{path or Path.cwd()} cannot be written: {exc.strerror or exc}") from exc
    return PictureFile(path, media_type=_media_type(path) if path else None, force=force)


async def write(target: PictureFile, data: bytes, media_type: str) -> None:
    """Write this picture, as the type that the file's name says.

    Raises:
        NotWritten, NotConverted: it cannot be; nothing is left there, and what was there before is.
    """
    if target.media_type is not None and target.media_type != media_type:
        data = await converter.convert(data, target.media_type)
    try:
        _write(target, data)
    except OSError as exc:
        raise NotWritten(f"{target} cannot be written: {exc.strerror or exc}") from exc


def _write(target: PictureFile, data: bytes) -> None:
    if target.standard_output:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    assert target.path is not None, "a file without a name"
    if _is_special(target.path):
        target.path.write_bytes(data)
    else:
        _write_whole(target.path.resolve(), data, force=target.force)


def _check_place(output: str, *, force: bool) -> None:
    path = Path(output)
    if path.is_dir() or output.endswith("/"):
        raise click.ClickException(f"{output} is a directory; name a file in it")
    if not path.parent.is_dir():
        raise click.ClickException(f"there is no directory {path.parent} for {path.name}; make it first")
    if _is_special(path):
        return
    if path.exists() and not force:
        raise click.ClickException(f"{path} is there already; --force overwrites it")
    with _draft(path.resolve()):
        pass  # where that can be made, the picture can


def _media_type(path: Path) -> MediaType | None:
    ending = path.suffix.lower()
    if ending and ending not in TYPES:
        raise click.ClickException(
            f"{path.name} ends in {ending}; a picture is written as {', '.join(TYPES)}, or as it is without an ending"
        )
    return TYPES.get(ending)


def _is_special(path: Path) -> bool:
    """A device or a pipe: nothing is overwritten there."""
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


def _write_whole(path: Path, data: bytes, *, force: bool) -> None:
    with _draft(path) as draft:
        draft.write_bytes(data)
        if force:
            draft.replace(path)
        else:
            _rename_to_new(draft, path)


def _rename_to_new(draft: Path, path: Path) -> None:
    """Refuse a file that came in the meantime."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # no hard links on this file system
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        draft.rename(path)


@contextlib.contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """An empty file beside the path that is gone after the block, unless it was renamed."""
    draft = path.with_name(f".cavendish-{secrets.token_hex(4)}")
    draft.touch(exist_ok=False)
    try:
        yield draft
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
