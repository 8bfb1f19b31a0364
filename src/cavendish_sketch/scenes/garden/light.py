"""How a garden's own colours look in the light of a time of day, and how they fade into the distance."""

from __future__ import annotations

from dataclasses import dataclass

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.props import trees

NIGHT_SHARE = 0.56  # of what is near and dark, in a colour at night
GLOW_SHARE = 0.30  # of the sun's colour on what it shines on


@dataclass(frozen=True, slots=True)
class Light:
    """A palette, and the side that sun or moon shine from: -1 left, 1 right."""

    palette: Palette
    side: float

    @property
    def night(self) -> float:
        return self.palette.night

    @property
    def glows(self) -> bool:
        """Lamps are lit."""
        return self.night > 0.3

    def on(self, colour: str, *, haze: float = 0.0) -> str:
        """A colour in this light; `haze` from 0, near, to 1, lost in the distance."""
        palette = self.palette
        pairs = zip(svg.channels(colour), palette.ambient, strict=True)
        dyed = "".join(f"{min(round(value * factor), 255):02x}" for value, factor in pairs)
        return svg.blend(svg.blend(dyed, palette.near, NIGHT_SHARE * self.night), self.mist, haze)

    def bright(self, colour: str, *, haze: float = 0.0) -> str:
        """The same where the sun falls on it."""
        return self.on(svg.blend(colour, self.palette.lit, GLOW_SHARE * (1 - self.night)), haze=haze)

    def dark(self, colour: str, *, haze: float = 0.0) -> str:
        """The same in shade."""
        return svg.blend(self.on(colour, haze=haze), svg.blend(self.palette.near, self.mist, haze), 0.42)

    def ramp(self, colours: tuple[str, str, str], *, haze: float = 0.0) -> tuple[str, ...]:
        """Foliage from shade to full light."""
        dark, middle, light = colours
        lit = self.bright(light, haze=haze)
        return trees.ramp((self.on(dark, haze=haze), self.on(middle, haze=haze), lit))

    @property
    def mist(self) -> str:
        """What the distance fades to."""
        return svg.blend(self.palette.far, self.palette.sky[-1][1], 0.45)
