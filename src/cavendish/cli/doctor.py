"""`cavendish doctor` and `cavendish migrate`."""

from __future__ import annotations

import grp
import os
import platform
import shutil
import sys
from pathlib import Path

import click

from cavendish import __version__, engines, moderation
from cavendish import settings as configuration
from cavendish.application.provenance import keys
from cavendish.application.provenance import start as provenance
from cavendish.cli import common, data_option
from cavendish.engines import base
from cavendish.errors import CavendishError
from cavendish.marks import marker
from cavendish.processes import serving
from cavendish.processes.serving import Serving
from cavendish.settings import Settings, unknown
from cavendish.stores import workers

_LOW_DISK_BYTES = 1024**3
_STORAGE_ID = "SELECT value FROM cavendish.facts WHERE name = 'storage_id'"
_OPEN = "SELECT count(*) FROM cavendish.generations WHERE finished_at IS NULL"


@click.command()
@data_option
@click.option("--host", help="Judge as if 'serve' had this option; else what runs is judged, where it runs.")
def doctor(data: str | None, host: str | None) -> None:
    """Show every setting and look for trouble; exit 1 if there is any."""
    settings = configuration.load({"data": data, "host": host})
    running = serving.found(settings.data)
    click.echo(f"cavendish {__version__}, Python {platform.python_version()}, {platform.platform()}")
    click.echo(f"data directory: {settings.data}\n")
    environment = configuration.engine_environment(settings.data, os.environ)
    common.table([*_settings(settings), *_engine_settings(settings, environment)], ("SETTING", "VALUE"))
    click.echo("")
    findings = [
        *_check_names(settings, environment),
        *_check_engines(settings, environment),
        *_check_disk(settings),
        *_check_access(settings),
        *_check_marks(settings, None if host else running),
        *_running(running),
        _check_address(settings, None if host else running),
        *_anonymous(settings),
        *_check_database(settings),
    ]
    for good, text in findings:
        click.echo(f"{'ok   ' if good else 'TROUBLE'} {text}")
    sys.exit(0 if all(good for good, _ in findings) else 1)


@click.command()
@data_option
def migrate(data: str | None) -> None:
    """Bring the database to this release's schema; serve and worker do it by themselves."""

    async def work() -> list[str]:
        async with common.database(data) as db:
            return [row["name"] for row in await db.fetch("SELECT name FROM cavendish.migrations ORDER BY version")]

    for name in common.run(work):
        click.echo(name)


def _settings(settings: Settings) -> list[tuple[str, str]]:
    return [(name, value) for name, value, _ in configuration.describe(settings)]


def _engine_settings(settings: Settings, environment: dict[str, str]) -> list[tuple[str, str]]:
    """Of the engines that the routes name; secrets are masked."""
    known = [name for name in settings.engines if engines.kind(name) is not None]
    return [(variable, value) for name in known for variable, value, _ in engines.described(name, environment)]


def _check_names(settings: Settings, environment: dict[str, str]) -> list[tuple[bool, str]]:
    """What is written and has no effect."""
    known = [name for name in settings.engines if engines.kind(name) is not None]
    lines = (*unknown.variables(environment, engines.names), *engines.unknown(known, environment))
    return [(False, line) for line in lines]


def _check_engines(settings: Settings, environment: dict[str, str]) -> list[tuple[bool, str]]:
    known = engines.names()
    wanted = settings.engines
    missing = [name for name in wanted if engines.kind(name) is None]
    if missing:
        return [(False, f"CAVENDISH_ROUTES names {', '.join(missing)}; there are: {', '.join(known)}")]
    return [finding for name in wanted for finding in _check_engine(name, environment)]


def _check_engine(name: str, environment: dict[str, str]) -> list[tuple[bool, str]]:
    try:
        engine = engines.load(name, environment)
    except CavendishError as exc:
        return [(False, str(exc))]
    lacking = [(False, f"the engine {name}: {line}") for line in base.shortcomings(engine)]
    return [(True, f"the engine {name} is set up"), *lacking]


def _check_disk(settings: Settings) -> list[tuple[bool, str]]:
    existing = next(folder for folder in (settings.storage_root, *settings.storage_root.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    return [(free > _LOW_DISK_BYTES, f"{free / 1024**3:.1f} GiB free for pictures at {settings.storage_root}")]


def _check_access(settings: Settings) -> list[tuple[bool, str]]:
    """Who on this machine may look at the pictures; those of a first start to come need no word."""
    pictures = settings.storage_root / "generations"
    try:
        found, above = pictures.stat(), settings.storage_root.stat()
    except OSError:
        return []
    if found.st_mode & above.st_mode & 0o001:
        text = f"every user of this machine may look into {pictures}; the next start of serve closes it, or you do"
        return [(False, text)]
    group = settings.storage_group
    if group and (group not in (_group(found.st_gid), str(found.st_gid)) or not found.st_mode & above.st_mode & 0o010):
        return [(False, f"the group {group} may not look into {pictures}; the next start of serve lets it, or you do")]
    return [(True, f"pictures are open to the service's user{f' and the group {group}' if group else ''} alone")]


def _check_marks(settings: Settings, running: Serving | None) -> list[tuple[bool, str]]:
    """What pictures say of themselves. Switched off is the operator's decision, and no trouble."""
    off = [mark for mark in provenance.ALL if mark not in settings.marks]
    without = f", by your setting without {', '.join(off)}" if off else ""
    told = [(True, f"pictures carry {', '.join(settings.marks) or 'no marks'}{without}")]
    told.append(
        (True, f"anybody may have a picture looked at, at {running.url if running else settings.public_url}/verify")
    )
    if "c2pa" in settings.marks:
        told.append(_certificate(settings))
    return [*told, _safeguards(settings)]


def _safeguards(settings: Settings) -> tuple[bool, str]:
    """What no prompt may ask for. Switched off is the operator's decision, and no trouble."""
    try:
        state = moderation.safeguards(settings)
    except CavendishError as exc:
        return False, f"the safeguards cannot be read: {exc}"
    off = f", by your setting without {', '.join(state.off)}" if state.off else ""
    return True, f"prompts are refused by the safeguards {', '.join(state.on) or '(none)'}, {state.terms} terms{off}"


def _certificate(settings: Settings) -> tuple[bool, str]:
    if not marker.signs():
        return False, "c2pa-python is not installed: pictures carry no signed manifest"
    if not settings.certificate and not (settings.data / keys.FOLDER).exists():
        return True, "the first start makes the certificate that signs pictures"
    try:
        found = keys.identity(settings)
    except (CavendishError, OSError) as exc:
        return False, f"pictures cannot be signed: {exc}"
    whose = "made here, so that manifests are valid and not trusted" if found.own else "your own"
    return True, f"{found.issuer} signs pictures until {found.expires:%Y-%m-%d}, by {found.fingerprint[:16]}…, {whose}"


def _group(number: int) -> str | None:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return None


def _check_storage(root: Path, known: str | None) -> tuple[bool, str]:
    """Whether the database's storage is there, as every start and every write asks."""
    try:
        found: str | None = (root / "storage-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        found = None
    if known in (None, found):
        return True, "the storage is there" if found else "the first start makes the storage"
    why = "another one is there" if found else "nothing with a storage-id is there"
    return False, f"the storage is missing at {root}: {why}; mount it, or set CAVENDISH_STORAGE_URL"


def _running(running: Serving | None) -> list[tuple[bool, str]]:
    if running is None:
        return [(True, "no service runs on this data directory")]
    return [(True, f"the service runs at {running.url}, process {running.pid}")]


def _check_address(settings: Settings, running: Serving | None) -> tuple[bool, str]:
    """What runs was started with options and variables of its own."""
    judged = running or settings
    if judged.follows_host:
        return False, (
            f"CAVENDISH_PUBLIC_URL is not set, and others can call the service at {judged.host}: image URLs begin with "
            "the host that each request names"
        )
    return True, f"image URLs start with {running.url if running else settings.public_url}"


def _anonymous(settings: Settings) -> list[tuple[bool, str]]:
    told = "without a key, whoever calls /sdapi from {} spends the credits of {}"
    return [(True, told.format(one.network, one.account)) for one in settings.anonymous]


def _check_database(settings: Settings) -> list[tuple[bool, str]]:
    from cavendish.application.access import anonymous

    async def work() -> list[tuple[bool, str]]:
        async with common.database(str(settings.data)) as db:
            version = await db.fetchval("SHOW server_version")
            replica = await db.fetchval("SELECT pg_is_in_recovery()")
            async with db.connection() as connection:
                alive = await workers.count_alive(connection)
                shut = await anonymous.shortcomings(connection, settings)
            known = await db.fetchval(_STORAGE_ID)
            durable = await db.fetchval("SHOW fsync") == "on" and await db.fetchval("SHOW synchronous_commit") == "on"
            return [
                (
                    not replica,
                    f"PostgreSQL {version}" + (" is a replica: money must be read on the primary" if replica else ""),
                ),
                (
                    durable,
                    "commits are durable"
                    if durable
                    else "fsync or synchronous_commit is off: a crash may lose credits",
                ),
                _check_storage(settings.storage_root, known),
                *((False, line) for line in shut),
                (True, f"{alive} workers alive, {await db.fetchval(_OPEN)} generations open"),
            ]

    try:
        found: list[tuple[bool, str]] = common.run(work)
    except CavendishError as exc:
        return [(False, str(exc))]
    return found
