"""Writes settings.md and engine-settings.md from the code: `.venv/bin/python docs/generate_settings.py`."""

from __future__ import annotations

import re
from pathlib import Path

from cavendish import engines, settings
from cavendish.settings import Settings

PAGE = Path(__file__).with_name("settings.md")
ENGINES_PAGE = Path(__file__).with_name("engine-settings.md")
ENGINES = ("gemini", "openai", "diffusers", "upstream", "sketch")  # those of this repository that have settings

# Defaults that depend on the machine or on other settings.
_WRITTEN = {
    "CAVENDISH_DATA": "as root `/var/lib/cavendish`, else the user's data directory",
    "CAVENDISH_PUBLIC_URL": "`http://HOST:PORT` of the two settings above; where others can call, each request's host",
}

_INTRODUCTION = """\
# Settings

For operators. This page is made by `docs/generate_settings.py` from the code; a test checks that it is current.

A setting has one name in three places. `CAVENDISH_GENERATE_LIMIT` in the environment is `generate_limit` in
`DATA/cavendish.toml`, and `port` is also the option `--port` where a command offers one. The first that is set wins:
option, environment, file, default. An empty variable counts as not set. All values are checked at start, and
`cavendish doctor` shows what holds, with secrets masked. A variable that begins with `CAVENDISH_` and is no setting is
told by every command with the nearest one that is; in the file such a name is an error.

- A name that ends in `seconds`, and `keep_images`, takes seconds or `90s`, `15m`, `12h`, `30d`.
- A limit is COUNT/PERIOD: `100/hour`, `20/second`, `5/30s`.
- Routes are MODEL=ENGINE,ENGINE;MODEL=ENGINE, prices 1K=4,2K=8,4K=16, networks 10.1.0.0/16,127.0.0.0/8.
- A switch is `true` or `false`.

| Setting | Default | What it is, and why that number |
|---|---|---|
"""

_ENDING = """
Outside this list stands `CAVENDISH_POSTGRES_BIN`, in the environment only: the directory of `postgres` and `initdb` for
the embedded database. Without it the installed package, `PATH` and the usual directories are searched. Engines have
settings of their own, `CAVENDISH_` and the engine's name first: [engine-settings.md](engine-settings.md).
"""

_ENGINES_INTRODUCTION = """\
# Settings of engines

For operators. This page is made by `docs/generate_settings.py` from the code; a test checks that it is current.
[engines.md](engines.md) says how to connect each engine. Only workers read these settings, when they start.

In `DATA/cavendish.toml` an engine's settings are a table of its name: `base_url` in `[gemini]` is
`CAVENDISH_GEMINI_BASE_URL`. A second engine of a kind has a name of its own behind a hyphen, and settings of its own:
`openai-flux` reads `CAVENDISH_OPENAI_FLUX_BASE_URL`, and nothing of `openai`.
"""


def page() -> str:
    """The page as it should stand."""
    return _INTRODUCTION + _rows(settings.describe(Settings(data=Path("DATA")))) + _ENDING


def engines_page() -> str:
    """The page of the engines' settings as it should stand."""
    return _ENGINES_INTRODUCTION + "".join(_engine(name) for name in ENGINES)


def engine_variables() -> set[str]:
    """The name of every engine's every setting."""
    return {variable for name in ENGINES for variable, _, _ in engines.described(name, {})}


def _engine(name: str) -> str:
    heading = f"\n## {name}\n\n| Setting | Default | What it is, and why |\n|---|---|---|\n"
    return heading + _rows(engines.described(name, {}))


def _rows(described: list[tuple[str, str, str]]) -> str:
    """Where nothing is set, what holds is the default."""
    return "".join(f"| `{name}` | {_default(name, value)} | {why} |\n" for name, value, why in described)


def _default(name: str, value: str) -> str:
    value = value.lower() if value in ("True", "False") else re.sub(r"^(\d+)\.0$", r"\1", value)
    return _WRITTEN.get(name) or (f"`{value}`" if value else "none")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    ENGINES_PAGE.write_text(engines_page(), encoding="utf-8")
