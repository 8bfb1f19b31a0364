"""Where settings are written: the environment, and below it `DATA/cavendish.toml` under the same names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cavendish.errors import ConfigurationError

FILE = "cavendish.toml"


def variable(*names: str) -> str:
    """`port` is `CAVENDISH_PORT`; `base_url` of `openai-flux` is `CAVENDISH_OPENAI_FLUX_BASE_URL`."""
    return "_".join(("CAVENDISH", *names)).upper().replace("-", "_")


def read_file(data: Path) -> dict[str, Any]:
    """What `DATA/cavendish.toml` says; nothing where there is none.

    Raises:
        ConfigurationError: it cannot be read.
    """
    path = data / FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc}") from exc


def layered(written: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, and below it the file; an empty variable counts as not set."""
    return {**_as_environment(written), **{name: text for name, text in environment.items() if text}}


def plain(value: object) -> str:
    """A value of the file as it would be written in the environment."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; the nearest is …` for a name that is none of these; nothing where none of them is much like it."""
    import difflib  # seldom needed, and the supervisor stays small

    # What all variables begin with would make any two alike.
    ours = {one.removeprefix(variable("")): one for one in sorted(known)}
    found = difflib.get_close_matches(name.removeprefix(variable("")), ours, n=1)
    return f"; the nearest is {ours[found[0]]}" if found else ""


def _as_environment(written: Mapping[str, Any]) -> dict[str, str]:
    """The file under the environment's names; a table holds what is an engine's own."""
    found: dict[str, str] = {}
    for name, value in written.items():
        if isinstance(value, dict):
            found |= {variable(name, own): plain(text) for own, text in value.items()}
        else:
            found[variable(name)] = plain(value)
    return found
