"""What is marked: what the preview engine draws, its edits of photographs, and photographs.

The photographs are those that scikit-image installs; public domain or CC0, see its data/README.txt.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from tools import gallery

PHOTOGRAPHS = (
    *("astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png"),
    *("coins.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png"),
    *("motorcycle_right.png", "retina.jpg", "rocket.jpg"),
)
SMALL_PIXELS = 512 * 512
LARGE_COUNT = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """One picture, before it is there. Nothing is drawn twice: `group` is its row of the page, `name` its file."""

    group: str
    name: str
    order: gallery.Order | None = None
    quality: str = "1K"
    seed: int = gallery.SEED
    small: bool = False

    def picture(self) -> Image.Image | None:
        """The picture; None where the engine refuses, or a photograph is not installed."""
        if self.order is None:
            return Image.open(_folder() / self.name).convert("RGB")
        drawn = next(iter(gallery._all_drawn([self.order], self.quality, self.seed))).image
        if drawn is None or not self.small:
            return drawn
        scale = (SMALL_PIXELS / (drawn.width * drawn.height)) ** 0.5
        return drawn.resize((round(drawn.width * scale), round(drawn.height * scale)), Image.Resampling.LANCZOS)


def subjects() -> Iterator[Subject]:
    for seed in (7, 8):
        yield from (
            Subject("drawn, 1K", f"drawn-{n}-{seed}", order, seed=seed) for n, order in enumerate(gallery.PROMPTS)
        )
        yield from (
            Subject("edited, 1K", f"edited-{n}-{seed}", order, seed=seed) for n, order in enumerate(gallery.EDITS)
        )
    for number, order in enumerate(gallery.PROMPTS):
        yield Subject("drawn, 0.26 megapixels", f"small-{number}", order, seed=9, small=True)
    for number, order in enumerate(gallery.PROMPTS[:LARGE_COUNT]):
        yield Subject("drawn, 4K", f"large-{number}", order, quality="4K", seed=9)
    yield from (Subject("photographs", name) for name in PHOTOGRAPHS)


def _folder() -> Path:
    spec = importlib.util.find_spec("skimage")
    assert spec is not None and spec.origin is not None, "make test installs the photographs"
    return Path(spec.origin).parent / "data"
