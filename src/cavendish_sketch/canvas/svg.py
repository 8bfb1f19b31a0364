"""Pieces of SVG as text, in page points. Colours are six hex digits, with or without `#`.

Identifiers only need to be unique within one body: `namespaced` keeps several bodies in one document apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Stops = Sequence[tuple[float, str] | tuple[float, str, float]]  # place from 0 to 1, colour, opacity

_IDENTIFIER = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'url\(#([^)]+)\)|href="#([^"]+)"')


def hexes(colour: str) -> str:
    """A colour as SVG wants it; `url(#…)` and `none` pass."""
    return colour if colour.startswith(("#", "url(", "none")) else f"#{colour}"


def blend(first: str, second: str, share: float) -> str:
    """A hex colour between two, mixed as sRGB values."""
    pairs = zip(channels(first), channels(second), strict=True)
    return "".join(f"{round(min(max(a + (b - a) * share, 0), 255)):02x}" for a, b in pairs)


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue from 0 to 255."""
    digits = colour.lstrip("#")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _paint(fill: str, opacity: float, stroke: str | None = None, width: float = 0) -> str:
    shown = f' fill="{hexes(fill)}"' + (f' fill-opacity="{opacity:.3g}"' if opacity < 1 else "")
    return shown + (f' stroke="{hexes(stroke)}" stroke-width="{width:.4g}"' if stroke else "")


def polygon(points: Iterable[Point], fill: str, opacity: float = 1) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{places}"{_paint(fill, opacity)}/>'


def circle(x: float, y: float, radius: float, fill: str, opacity: float = 1) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}"{_paint(fill, opacity)}/>'


def ellipse(x: float, y: float, across: float, down: float, fill: str, opacity: float = 1, *, turn: float = 0) -> str:
    """Radii `across` and `down`; `turn` in degrees about the middle."""
    turned = f' transform="rotate({turn:.1f} {x:.1f} {y:.1f})"' if turn else ""
    return f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{across:.2f}" ry="{down:.2f}"{_paint(fill, opacity)}{turned}/>'


def rectangle(
    x: float, y: float, width: float, height: float, fill: str, opacity: float = 1, *, rounding: float = 0
) -> str:
    corner = f' rx="{rounding:.1f}"' if rounding else ""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.2f}" height="{height:.2f}"'
    return f"<rect {place}{corner}{_paint(fill, opacity)}/>"


def path(
    data: str,
    fill: str = "none",
    opacity: float = 1,
    *,
    stroke: str | None = None,
    width: float = 0,
    round_: bool = True,
) -> str:
    ends = ' stroke-linecap="round" stroke-linejoin="round"' if stroke and round_ else ""
    return f'<path d="{data}"{_paint(fill, opacity, stroke, width)}{ends}/>'


def group(
    body: str, *, x: float = 0, y: float = 0, scale: float = 1, flip: bool = False, turn: float = 0, opacity: float = 1
) -> str:
    """A body moved so that its origin lies at (x, y), scaled, mirrored and turned in degrees."""
    across = -scale if flip else scale
    turned = f" rotate({turn:.2f})" if turn else ""
    faded = f' opacity="{opacity:.3g}"' if opacity < 1 else ""
    return f'<g transform="translate({x:.2f} {y:.2f}){turned} scale({across:.5g} {scale:.5g})"{faded}>{body}</g>'


def linear_gradient(name: str, stops: Stops, *, x1: float = 0, y1: float = 0, x2: float = 0, y2: float = 1) -> str:
    """From (x1, y1) to (x2, y2) of the shape's box; downwards where nothing is said."""
    return f'<linearGradient id="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}">{_stops(stops)}</linearGradient>'


def radial_gradient(name: str, stops: Stops, *, x: float = 0.5, y: float = 0.5, radius: float = 0.5) -> str:
    return f'<radialGradient id="{name}" cx="{x}" cy="{y}" r="{radius}">{_stops(stops)}</radialGradient>'


def _stops(stops: Stops) -> str:
    texts = []
    for place, colour, *opacity in stops:
        faded = f' stop-opacity="{opacity[0]:.3g}"' if opacity else ""
        texts.append(f'<stop offset="{place:.3g}" stop-color="{hexes(colour)}"{faded}/>')
    return "".join(texts)


def namespaced(text: str, space: str) -> str:
    """The same drawing with identifiers of its own."""
    if "id=" not in text and "#" not in text:
        return text
    text = _IDENTIFIER.sub(lambda match: f'id="{space}{match[1]}"', text)
    return _REFERENCE.sub(lambda match: f"url(#{space}{match[1]})" if match[1] else f'href="#{space}{match[2]}"', text)
