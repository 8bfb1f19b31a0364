"""`cavendish engines list|test`: what draws here, and whether it does."""

from __future__ import annotations

import os
from typing import Any

import click

from cavendish import clock, engines, pricing
from cavendish import settings as configuration
from cavendish.application import observe
from cavendish.cli import common, data_option, picture_file
from cavendish.cli.picture_file import PictureFile
from cavendish.engines.base import Engine, EngineError, EngineRequest, EngineResult
from cavendish.errors import CavendishError
from cavendish.imaging.sniff import ImageHeader
from cavendish.imaging.verifier import NotAPicture, Verifier
from cavendish.models import RATIOS, Mode, Quality, pixels
from cavendish.settings import Settings
from cavendish.stores.workers import Worker

_PROMPT = "A red kite with a long tail over green hills, morning light"
_TEST_SECONDS = 600.0  # a first picture may load a model


@click.group(name="engines")
def engines_group() -> None:
    """See the engines, and try one."""


@engines_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@data_option
def list_engines(data: str | None, as_json: bool) -> None:
    """Show every engine that the routes name, and the kinds that are there to be named."""
    settings = configuration.load({"data": data})
    environment = configuration.engine_environment(settings.data, os.environ)
    health = _health(settings)
    rows = [_row(settings, name, environment, health) for name in settings.engines]
    if as_json:
        common.show_json(rows)
        return
    columns = ("engine", "serves", "state", "completed", "failed")
    common.table([tuple(row[column] for column in columns) for row in rows], tuple(map(str.upper, columns)))
    click.echo(f"\nCan be named in CAVENDISH_ROUTES: {', '.join(engines.names())}")


@engines_group.command(name="test")
@click.argument("name")
@picture_file.options
@click.option("--prompt", default=_PROMPT, help="What to draw.")
@click.option("--model", default="nano-banana-2", show_default=True, help="Public model name.")
@click.option("--quality", type=click.Choice([q.value for q in Quality]), default="1K", show_default=True)
@click.option("--ratio", type=click.Choice(RATIOS), default="16:9", show_default=True)
@click.option("--search", is_flag=True, help="Let the engine search the web, where it can.")
@data_option
def test_engine(
    name: str, output: str | None, force: bool, prompt: str, model: str, quality: str, ratio: str, search: bool,
    data: str | None,
) -> None:  # fmt: skip
    """Make one real picture with the engine NAME, past queue and credits. Its provider may bill the call."""
    target = picture_file.judged(output, force=force)
    settings = configuration.load({"data": data})
    environment = configuration.engine_environment(settings.data, os.environ)
    request = EngineRequest(
        prompt=prompt,
        mode=Mode.GENERATE,
        aspect_ratio=ratio,
        image_quality=Quality(quality),
        input_images=(),
        seed=None,
        google_search=search,
        progress=lambda _: None,
        timeout_seconds=_TEST_SECONDS,
        model=model,
    )

    async def work() -> None:
        engine, verifier = engines.load(name, environment), Verifier()
        try:
            result, seconds = await _timed(engine, request)
            header = await _proven(name, verifier, result)
        finally:
            await verifier.close()
            await engine.close()
        written = target.named(name, header.media_type)
        await picture_file.write(written, result.data, header.media_type)
        _report(request, result, header, seconds, written)

    common.run(work)


async def _timed(engine: Engine, request: EngineRequest) -> tuple[EngineResult, float]:
    watch = clock.Stopwatch()
    try:
        result = await engine.generate(request)
    except EngineError as exc:
        kind = type(exc).__name__.removeprefix("Engine").lower()
        # Its kind only: a library's own words quote addresses and headers, the key among them.
        cause = f" ({type(exc.__cause__).__name__})" if exc.__cause__ is not None else ""
        raise CavendishError(f"{engine.name} failed after {watch.seconds:.1f} s, {kind}: {exc}{cause}") from exc
    return result, watch.seconds


async def _proven(name: str, verifier: Verifier, result: EngineResult) -> ImageHeader:
    """As a worker would."""
    try:
        return await verifier.verify(result.data)
    except NotAPicture as exc:
        size = len(result.data)
        raise CavendishError(f"{name} answered with {size} bytes that are no whole PNG, JPEG or WebP: {exc}") from exc


def _report(
    request: EngineRequest, result: EngineResult, header: ImageHeader, seconds: float, target: PictureFile
) -> None:
    width, height = pixels(request.aspect_ratio, request.image_quality)
    exact = "as asked" if (header.width, header.height) == (width, height) else f"asked for {width}x{height}"
    lines = [
        f"{target}: {header.width}x{header.height} ({exact}), {header.media_type}, {len(result.data):,} bytes",
        f"drawn by {result.model} in {seconds:.1f} s; no credits were held or charged here",
    ]
    if result.grounding is not None:
        lines.append(f"searched: {'; '.join(result.grounding.queries)} ({len(result.grounding.sources)} sources)")
    if result.notes is not None and result.notes.ignored:
        lines.append(f"words without effect: {', '.join(result.notes.ignored)}")
    if not pricing.is_enough(request.image_quality, header.width, header.height):
        lines.append("note: it is too small to be paid for, so a generation of it fails")
    for line in (*lines, *(f"note: {warning}" for warning in result.warnings)):
        click.echo(line, err=target.standard_output)


def _row(
    settings: Settings, name: str, environment: dict[str, str], health: dict[str, dict[str, float]]
) -> dict[str, Any]:
    return {
        "engine": name,
        "serves": ", ".join(model for model, route in settings.routes.items() if name in route),
        "state": _state(name, environment, health),
        "completed": int(health.get("completed", {}).get(name, 0)),
        "failed": int(health.get("failed", {}).get(name, 0)),
    }


def _state(name: str, environment: dict[str, str], health: dict[str, dict[str, float]]) -> str:
    try:
        engines.load(name, environment)
    except CavendishError as exc:
        return f"not set up: {exc}"
    if health.get("open", {}).get(name):
        return "paused: it failed again and again"
    return "ready" if health else "set up; no worker is running"


def _health(settings: Settings) -> dict[str, dict[str, float]]:
    """What all living workers counted, added up; empty where none is alive or the database is away."""

    async def read() -> list[Worker]:
        async with common.services(str(settings.data)) as services:
            return await observe.living_workers(services)

    try:
        alive = common.run(read)
    except CavendishError:
        return {}
    total: dict[str, dict[str, float]] = {}
    for worker in alive:
        for counter, values in worker.counters.items():
            for engine, value in values.items():
                sums = total.setdefault(counter, {})
                sums[engine] = sums.get(engine, 0) + value
    return total or ({"completed": {}} if alive else {})
