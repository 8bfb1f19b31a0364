"""What a prompt asks of a composition: plain data between `designs`, which reads, and the families, which draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[float], None]  # 0 to 1 of a family's work


@dataclass(frozen=True, slots=True)
class Design:
    """A composition in words and colours.

    Attributes:
        family: Which kind of composition, a key of `compose.FAMILIES`.
        ramp: Hex colours from dark to light: the picture's main gradient.
        accents: Hex colours for what stands out.
        light: Hex colour of sun, moon and highlights.
        night: The sky is dark: moon in place of sun, stars, lit windows.
        traits: What else was understood, such as `snow`, `water` or `petals`.
    """

    family: str
    ramp: tuple[str, ...]
    accents: tuple[str, ...]
    light: str
    night: bool
    traits: frozenset[str]
