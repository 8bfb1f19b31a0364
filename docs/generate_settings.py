"""Writes settings.md from the settings themselves: `.venv/bin/python docs/generate_settings.py`."""

from __future__ import annotations

import re
from pathlib import Path

from cavendish import settings
from cavendish.settings import Settings

PAGE = Path(__file__).with_name("settings.md")

# Defaults that depend on the machine or on other settings, or are written in another form than they are shown.
_WRITTEN = {
    "CAVENDISH_DATA": "as root `/var/lib/cavendish`, else the user's data directory",
    "CAVENDISH_PUBLIC_URL": "`http://HOST:PORT` of the two settings above",
    "CAVENDISH_PRICES": "`1K=4,2K=8,4K=16`",
}

_INTRODUCTION = """\
# Settings

For operators. This page is made by `docs/generate_settings.py` from the code; a test checks that it is current.

A setting has one name in three places. `CAVENDISH_GENERATE_LIMIT` in the environment is `generate_limit` in
`DATA/cavendish.toml`, and `port` is also the option `--port` where a command offers one. The first that is set wins:
option, environment, file, default. An empty variable counts as not set. All values are checked at start, and
`cavendish doctor` shows what holds, with secrets masked.

- A name that ends in `seconds`, and `keep_images`, takes seconds or `90s`, `15m`, `12h`, `30d`.
- A limit is COUNT/PERIOD: `100/hour`, `20/second`, `5/30s`.
- Routes are MODEL=ENGINE,ENGINE;MODEL=ENGINE, prices 1K=4,2K=8,4K=16, networks 10.1.0.0/16,127.0.0.0/8.
- A switch is `true` or `false`.

| Setting | Default | What it is, and why that number |
|---|---|---|
"""

_ENDING = """
Outside this list stands `CAVENDISH_POSTGRES_BIN`, in the environment only: the directory of `postgres` and `initdb` for
the embedded database. Without it the installed package, `PATH` and the usual directories are searched. An engine may
read settings of its own from the environment, `CAVENDISH_` and its name first; see [engines.md](engines.md).
"""


def page() -> str:
    """The page as it should stand."""
    rows = [f"| `{name}` | {_default(name, value)} | {why} |" for name, value, why in described()]
    return _INTRODUCTION + "\n".join(rows) + "\n" + _ENDING


def described() -> list[tuple[str, str, str]]:
    """Name, default and reason of every setting."""
    return settings.describe(Settings(data=Path("DATA")))


def _default(name: str, value: str) -> str:
    value = value.lower() if value in ("True", "False") else re.sub(r"^(\d+)\.0$", r"\1", value)
    return _WRITTEN.get(name) or (f"`{value}`" if value else "none")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
