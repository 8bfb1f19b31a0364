"""Real photographs, as scikit-image ships them; public domain or CC0, see its data/README.txt."""

from __future__ import annotations

import importlib.util
from pathlib import Path

NAMES = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
    "galaxies": "hubble_deep_field.jpg",
}


def photographs() -> dict[str, bytes]:
    """Encoded pictures by name; empty where the package is not installed."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "data"
    return {name: (folder / file).read_bytes() for name, file in NAMES.items() if (folder / file).is_file()}
