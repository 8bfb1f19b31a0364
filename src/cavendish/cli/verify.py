"""`cavendish verify`: what a picture says of where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from cavendish.cli import common, data_option

if TYPE_CHECKING:
    from cavendish.application.provenance.check import Checked, Known


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@data_option
def verify(file: Path, as_json: bool, data: str | None) -> None:
    """Look for the marks of this service, and for manifests of others, in FILE. Nothing found proves nothing."""
    from cavendish.application.provenance import check
    from cavendish.imaging.decoder import INPUT_BYTES_MAX

    async def work() -> Checked:
        async with common.services(data) as services:
            with file.open("rb") as opened:
                return await check.check(services, opened.read(INPUT_BYTES_MAX + 1))

    found = common.run(work)
    if as_json:
        click.echo(orjson.dumps(_told(found), option=orjson.OPT_INDENT_2))
        return
    for line in (_manifest(found), _watermark(found), _register(found)):
        click.echo(line)
    click.echo(f"\n{check.DISCLAIMER}")


def _manifest(found: Checked) -> str:
    manifest = found.manifest
    if manifest is None:
        told = "; its XMP says that it is synthetic" if found.source_type_told else ""
        return f"manifest   none{told}"
    by = " ".join(filter(None, (manifest.agent, manifest.model))) or "somebody"
    changed = ", and the file was CHANGED since" if manifest.state == "invalid" else ""
    earlier = f"; made from pictures signed by {', '.join(manifest.earlier)}" if manifest.earlier else ""
    return f"manifest   {manifest.state}: {manifest.issuer} says that {by} made it{changed} ({manifest.when}){earlier}"


def _watermark(found: Checked) -> str:
    if found.watermark is None:
        return "watermark  none of this service"
    whose = _line(found.marked) if found.marked else "the register knows it no more"
    return f"watermark  of this service ({found.watermark:.4%} sure): {whose}"


def _register(found: Checked) -> str:
    if found.registered is None:
        return "register   no such picture"
    how = "this very file" if found.same_file else f"one that looks the same ({found.registered.confidence:.0%})"
    return f"register   {how}: {_line(found.registered)}"


def _line(known: Known) -> str:
    return f"delivered {known.delivered_at:%Y-%m-%d %H:%M} UTC, made by {known.engine} {known.engine_model}"


def _told(found: Checked) -> dict[str, Any]:
    return {
        "manifest": found.manifest,
        "xmp": found.source_type_told,
        "watermark": found.watermark,
        "payload": found.payload or None,
        "marked": found.marked,
        "registered": found.registered,
        "sameFile": found.same_file,
    }
