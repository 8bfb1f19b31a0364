"""`python -m tests.chaos --faults N --seed S`: from the root of a checkout."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "plugins")]

from . import planted, run  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="fixes the order of faults and the load")
    parser.add_argument("--seeds", type=int, default=1, help="so many runs, with this seed and the next ones")
    parser.add_argument("--rate", type=float, default=20.0, help="submissions a second")
    parser.add_argument("--gap", type=float, default=0.3, help="seconds between faults, on average")
    parser.add_argument("--workers", type=int, default=2, help="beside the supervised one")
    parser.add_argument("--only", help="kinds of faults, separated by commas")
    parser.add_argument(
        "--plant", choices=sorted(planted.PLANS), help="a bug that the run must find: exit 0 if it does"
    )
    parser.add_argument(
        "--json", type=Path, help="write the whole report, journal and offenders included, to this file"
    )
    arguments = parser.parse_args()
    good = True
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        report = asyncio.run(run.run(_plan(arguments, seed)))
        run.show(report)
        if arguments.json:
            arguments.json.write_text(json.dumps(report.as_dict(), default=str, indent=1))
        good &= report.ok if not arguments.plant else planted.found(arguments.plant, report)
    return 0 if good else 1


def _plan(arguments: argparse.Namespace, seed: int) -> run.Plan:
    if arguments.plant:
        return planted.PLANS[arguments.plant].plan
    shares = {kind: run.SHARES[kind] for kind in arguments.only.split(",")} if arguments.only else dict(run.SHARES)
    return run.Plan(
        faults=arguments.faults,
        seed=seed,
        rate=arguments.rate,
        gap_seconds=arguments.gap,
        workers=arguments.workers,
        shares=shares,
    )


if __name__ == "__main__":
    sys.exit(main())
