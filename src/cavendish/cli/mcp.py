"""`cavendish mcp`: MCP on standard input and output, for assistants that start their servers themselves."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import click

from cavendish import settings as configuration
from cavendish.cli import data_option, mcp_proxy
from cavendish.settings import parsers

_KEY = "CAVENDISH_API_KEY"


@click.command()
@click.option(
    "--url", envvar="CAVENDISH_URL", help="The server [default: CAVENDISH_URL, else the one that serves here]."
)
@data_option
def mcp(url: str | None, data: str | None) -> None:
    """Give a local assistant the tools of a server, with the key in CAVENDISH_API_KEY.

    Standard output has the protocol and nothing else.
    """
    # No option for the key: whoever lists processes would see it.
    key = _parsed(_KEY, os.environ.get(_KEY, ""), parsers.header_key)
    url = _parsed("--url", url, parsers.url) if url else _served(data)
    try:
        asyncio.run(mcp_proxy.run(url, key))
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _parsed(name: str, text: str, parse: Callable[[str], str]) -> str:
    try:
        return parse(text)
    except ValueError as exc:
        raise click.ClickException(f"{name} is missing or not valid: {exc}") from None


def _served(data: str | None) -> str:
    from cavendish.cli import common  # only here: it loads the service, and an assistant has this open all day

    return common.address(configuration.load({"data": data}))
