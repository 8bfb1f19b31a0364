"""`python -m benchmarks`: measure everything, or what `--only` names, and print one table."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

import uvloop

from benchmarks import load, machine, table
from benchmarks.lab import Lab
from benchmarks.measurements import ALL
from benchmarks.table import Row

_SECONDS = 12.0  # per figure: a median of three rounds of four seconds
_RUN_SECONDS_MAX = 720  # the whole run; whatever is not done by then is given up


def main() -> int:
    options = _options()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _give_up)
    signal.alarm(_RUN_SECONDS_MAX)
    uvloop.install()
    with machine.scratch(options.directory) as folder:
        facts = machine.description(folder)
        generator = load.generator(folder, own=options.own_client)
        facts["load generator"] = f"{generator.name}, {generator.ceiling:,.0f}/s against a server that does nothing"
        for name, fact in facts.items():
            print(f"{name}: {fact}", flush=True)
        rows: list[Row] = []
        try:
            _measure(options.only or list(ALL), Lab(folder, generator, options.seconds), rows)
        finally:
            # Also what was found before somebody, or the clock, ended the run.
            print(f"\n{table.render(rows)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"facts": facts, "rows": [row.as_json() for row in rows]}, indent=2) + "\n")
    return 0


def _measure(names: list[str], lab: Lab, rows: list[Row]) -> None:
    for name in names:
        start = time.monotonic()
        for row in ALL[name](lab):
            rows.append(row)
        print(f"measured {name} in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(ALL), help="measure this only; may be repeated")
    parser.add_argument("--seconds", type=float, default=_SECONDS, help="per figure [default: %(default)s]")
    parser.add_argument("--json", type=Path, help="also write facts and rows to this file")
    parser.add_argument("--directory", type=Path, help="where to work; a real disk [default: the first one found]")
    parser.add_argument("--own-client", action="store_true", help="load by our own client even where wrk is installed")
    options = parser.parse_args()
    if not 1 <= options.seconds <= 60:
        parser.error("--seconds takes 1 to 60")
    return options


def _give_up(number: int, _: object) -> None:
    """So that `finally` stops every process and removes every directory."""
    reason = "took too long" if number == signal.SIGALRM else "was stopped"
    raise SystemExit(f"benchmarks: the run {reason}")


if __name__ == "__main__":
    os.chdir(load.ROOT)
    sys.exit(main())
