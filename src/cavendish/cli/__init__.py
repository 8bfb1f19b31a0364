"""The command `cavendish`. Every command works on the database and while `serve` runs; only `mcp` works over HTTP."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import click

from cavendish import __version__
from cavendish.errors import CavendishError
from cavendish.settings import unknown

# Module and function of each command: loaded when it is called, so that `--help` and `serve` stay light.
_COMMANDS = {
    "serve": ("cavendish.cli.serve", "serve"),
    "worker": ("cavendish.cli.serve", "worker"),
    "keys": ("cavendish.cli.keys", "keys"),
    "credits": ("cavendish.cli.credits", "credits"),
    "login-link": ("cavendish.cli.login_link", "login_link"),
    "generate": ("cavendish.cli.generate", "generate"),
    "generations": ("cavendish.cli.generations", "generations"),
    "verify": ("cavendish.cli.verify", "verify"),
    "marks": ("cavendish.cli.marks", "marks"),
    "mcp": ("cavendish.cli.mcp", "mcp"),
    "engines": ("cavendish.cli.engines", "engines_group"),
    "check": ("cavendish.cli.audit", "check"),
    "doctor": ("cavendish.cli.doctor", "doctor"),
    "migrate": ("cavendish.cli.doctor", "migrate"),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        import importlib

        module, function = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # before the command's own work began, which ends in order
            ctx.exit(128 + signal.SIGINT)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cavendish")
@click.pass_context
def cli(context: click.Context) -> None:
    """Your own Nano Banana 2 API."""
    if context.invoked_subcommand != "doctor":  # which lists them among its findings
        for line in unknown.variables(os.environ, _engines):
            click.echo(f"cavendish: {line}", err=True)


def _engines() -> list[str]:
    from cavendish import engines

    return engines.names()


def main() -> None:
    """Run the command line; an error of ours is one sentence and exit code 1."""
    try:
        cli.main(standalone_mode=True)
    except CavendishError as exc:
        click.echo(f"cavendish: {exc}", err=True)
        sys.exit(1)


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--data DIR`, which every command takes."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False),
        help="Data directory [default: CAVENDISH_DATA, else the user's own].",
    )(command)
