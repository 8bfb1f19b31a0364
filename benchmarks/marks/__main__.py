"""`make marks`: marks pictures, damages them, looks for the marks, and looks for marks where none are.

Each picture's results are a file, so that a run that was ended goes on where it was. With `--page` the table is written
to a file too.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import zlib
from pathlib import Path

from benchmarks.marks import measure, page, pictures


def main() -> int:
    options = _options()
    options.results.mkdir(parents=True, exist_ok=True)
    subjects = list(pictures.subjects())
    each = -(-options.unmarked // len(subjects))
    work = [(subject, each, options.results / f"{subject.name}.json") for subject in subjects]
    # In no order, so that a run that was ended has something of each kind.
    missing = sorted(
        (entry for entry in work if not entry[2].exists()), key=lambda entry: zlib.crc32(entry[2].name.encode())
    )
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        for number, name in enumerate(pool.imap_unordered(measure.to_file, missing), 1):
            print(f"{number} of {len(missing)}: {name}", flush=True)
    results = [json.loads(file.read_text()) for *_, file in work if file.exists()]
    text = page.written([result for result in results if result])
    if options.page:
        options.page.write_text(text, "utf-8")
    print(text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.marks", description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes [default: %(default)s]")
    parser.add_argument("--unmarked", type=int, default=10_000, help="pictures without a mark [default: %(default)s]")
    parser.add_argument("--results", type=Path, default=Path("artifacts/marks"), help="[default: %(default)s]")
    parser.add_argument("--page", type=Path, help="write the table to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
