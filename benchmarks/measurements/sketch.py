"""What the sketch engine takes for the API text's prompts, on one processor, encoding included.

The floor is the same pixels written as PNG and nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.lab import Lab
from benchmarks.table import Row, at_most

_SECONDS_MAX = 120.0  # for one process
_RATIO = "16:9"
_PROMPTS = {
    "city": "A futuristic cityscape at sunset with flying cars and neon lights",
    "pickup": "The latest Tesla Cybertruck in a desert landscape",
    "garden": "A serene Japanese garden with cherry blossoms and a koi pond",
}
_AIMS = {"1K": 1.0, "2K": 1.5, "4K": 3.0}  # seconds
_WATERCOLOUR = "Transform this photo into a watercolor painting style"
_WATERCOLOUR_AIM = 3.0
_MEMORY_AIM = 700.0  # MB at 4K
_IMPORT_AIM = 0.3


def run(lab: Lab) -> Iterator[Row]:
    peaks, imports = {}, []
    for name, prompt in _PROMPTS.items():
        for quality, aim in _AIMS.items():
            found = _drawn(prompt, quality)
            imports.append(found["import"])
            peaks[name, quality] = found["peak_mb"]
            yield _row(f"sketch {name} {quality}", found, aim)
    found = _drawn(_WATERCOLOUR, "4K", "edit")
    peaks["watercolour", "4K"] = found["peak_mb"]
    yield _row("sketch watercolour edit 4K", found, _WATERCOLOUR_AIM)
    (name, quality), peak = max(peaks.items(), key=lambda item: item[1])
    yield Row("sketch peak memory at 4K", peak, "MB", at_most(_MEMORY_AIM), None, f"{name} {quality}")
    yield Row("sketch import", max(imports), "s", at_most(_IMPORT_AIM))


def _row(name: str, found: dict[str, Any], aim: float) -> Row:
    detail = f"first {found['first']:.2f} s, {found['bytes'] / 1e6:.1f} MB file, peak {found['peak_mb']:.0f} MB"
    return Row(name, found["seconds"], "s", at_most(aim), found["floor"], detail)


def _drawn(prompt: str, quality: str, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.drawing", prompt, _RATIO, quality, *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS_MAX, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
