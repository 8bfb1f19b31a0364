"""`cavendish check`: do credits, states and stored files agree? Changes nothing, and works while `serve` runs.

An auditor must not repeat the mistakes of those it audits: the rules, the statements and the readers of image headers
here are its own, and nothing that writes credits, states or files is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cavendish import settings as configuration
from cavendish.cli import common, data_option
from cavendish.cli.audit import files, rules
from cavendish.cli.audit.findings import SHOWN_MAX, Finding, judged, shown
from cavendish.cli.audit.rules import Rule
from cavendish.db.pool import Connection, Database

_QUERY_SECONDS = 600.0  # far more than ten million generations need

_FOUND = f"SELECT count(*), (array_agg(id::text ORDER BY id::text))[1:{SHOWN_MAX}] FROM ({{}}) AS offenders (id)"

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PATIENCE = "SELECT set_config('statement_timeout', '0', true), set_config('work_mem', '64MB', true)"


@click.command()
@click.option("--at-rest", is_flag=True, help="Also demand that no generation is open.")
@click.option("--no-files", is_flag=True, help="Leave out the stored files: credits and states only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
def check(at_rest: bool, no_files: bool, as_json: bool, data: str | None) -> None:
    """Check every rule about credits, states and stored files; exit 1 if one is broken.

    Changes nothing. The database is read in one snapshot, so it may be in use.
    """
    settings = configuration.load({"data": data})

    async def work() -> list[Finding]:
        async with common.database(data) as db:
            findings = await _check_database(db, (*rules.RULES, rules.AT_REST) if at_rest else rules.RULES)
            return findings if no_files else [*findings, *await files.check(db, settings)]

    findings: list[Finding] = common.run(work)
    broken = [finding for finding in findings if not finding.ok]
    if as_json:
        rows = [{"name": finding.name, "ok": finding.ok, "detail": finding.detail} for finding in findings]
        common.show_json({"ok": not broken, "invariants": rows})
    else:
        for finding in findings:
            click.echo(f"{'ok    ' if finding.ok else 'FAILED'}  {finding.name}: {finding.promise} ({finding.detail})")
    if broken:
        click.echo(f"cavendish: {broken[0].name} is broken: {broken[0].detail}", err=True)
        sys.exit(1)


async def _check_database(db: Database, demanded: Sequence[Rule]) -> list[Finding]:
    """All rules on one snapshot: what commits meanwhile is seen by all of them or by none."""
    async with db.transaction() as transaction:
        await transaction.execute(_SNAPSHOT)
        await transaction.execute(_PATIENCE)
        return [await _judge(transaction, rule) for rule in demanded]


async def _judge(connection: Connection, rule: Rule) -> Finding:
    scope = await connection.fetchval(rule.scope, timeout=_QUERY_SECONDS)
    row = await connection.fetchrow(_FOUND.format(rule.offenders), timeout=_QUERY_SECONDS)
    assert row is not None
    return judged(rule.name, rule.promise, scope, rule.noun, row[0], [shown(text) for text in row[1] or ()])
