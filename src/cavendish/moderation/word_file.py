"""A file of words that an operator writes: read in bounds, line by line, and again when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cavendish.errors import ConfigurationError

BYTES_MAX = 8 * 1024 * 1024  # the largest public lists have less than one
LINE_CHARACTERS_MAX = 200  # a phrase; a regex has the same bound
Version = tuple[int, int, int]


def lines(path: Path, setting: str, *, characters_max: int = LINE_CHARACTERS_MAX) -> Iterator[tuple[int, str]]:
    """Number and text of every line that says something; `#` begins a comment.

    Raises:
        ConfigurationError: it cannot be read; the message names the setting, or the file and the line.
    """
    for number, raw in enumerate(_bytes(path, setting).removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8").strip()
        except UnicodeDecodeError as exc:
            raise ConfigurationError(f"{path}, line {number}: not UTF-8") from exc
        if len(line) > characters_max and not line.startswith("#"):
            raise ConfigurationError(f"{path}, line {number}: more than {characters_max} characters")
        if line and not line.startswith("#"):
            yield number, line


def version(path: Path) -> Version | None:
    """What changes when the file does; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _bytes(path: Path, setting: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as exc:
        raise ConfigurationError(f"{setting}: {path} cannot be read: {exc.strerror}") from exc
    if len(data) > BYTES_MAX:
        raise ConfigurationError(f"{setting}: {path} has more than {BYTES_MAX} bytes")
    return data
