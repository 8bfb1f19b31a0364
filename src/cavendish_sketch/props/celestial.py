"""What flies in space: a planet and an astronaut."""

from __future__ import annotations

from cavendish_sketch.canvas import svg
from cavendish_sketch.props.drawing import Drawing

PLANET = "e0a868"
SUIT, SEAM, TRIM = "eef1f6", "b3bccb", "f08a3c"
SPACE = "03020a"


def planet(colour: str | None) -> Drawing:
    """A banded planet with a ring that passes behind and in front, its night side to the right."""
    base = colour or PLANET
    light, dark = svg.blend(base, "fff6e4", 0.55), svg.blend(base, "3a1a1c", 0.45)
    defs = (
        svg.linear_gradient("ball", _bands(base, light, dark), x1=0.1, x2=-0.1)
        + svg.linear_gradient("ring", ((0, light), (0.5, svg.blend(base, "ffffff", 0.3)), (1, dark)), x2=1, y2=0)
        + svg.radial_gradient(
            "night", ((0.35, SPACE, 0.0), (0.75, SPACE, 0.35), (1, SPACE, 0.86)), x=0.3, y=0.3, radius=0.8
        )
        + '<clipPath id="disc"><circle cx="0" cy="0" r="60"/></clipPath>'
    )
    storm = svg.group(svg.ellipse(22, 20, 13, 6, dark, 0.7) + svg.ellipse(22, 19, 9, 3.6, light, 0.5), turn=-16)
    ball = svg.circle(0, 0, 60, "url(#ball)") + f'<g clip-path="url(#disc)">{storm}</g>'
    ball += svg.circle(0, 0, 60, "url(#night)")
    body = _ring_half(back=True) + svg.group(ball, turn=0) + _ring_half(back=False)
    return Drawing(svg.group(body, turn=-18), defs, (-108, -68, 216, 136))


def _bands(base: str, light: str, dark: str) -> list[tuple[float, str]]:
    tones = (dark, base, light, base, svg.blend(base, dark, 0.6), light, svg.blend(base, light, 0.5), dark, base)
    return [(number / (len(tones) - 1), tone) for number, tone in enumerate(tones)]


def _ring_half(*, back: bool) -> str:
    sweep = 1 if back else 0
    outer = f"M-106 0A106 27 0 0 {sweep} 106 0L96 0A96 22 0 0 {1 - sweep} -96 0Z"
    inner = f"M-93 0A93 21 0 0 {sweep} 93 0L76 0A76 15 0 0 {1 - sweep} -76 0Z"
    return svg.path(outer, "url(#ring)", 0.75) + svg.path(inner, "url(#ring)")


def astronaut(colour: str | None) -> Drawing:
    """A floating figure in a suit, waving; the sky is mirrored in the visor. `colour` is that of the trim."""
    trim = colour or TRIM
    defs = (
        svg.linear_gradient("suit", ((0, "ffffff"), (1, "cfd6e2")))
        + svg.linear_gradient("pack", ((0, "aab4c6"), (1, "6f7a90")))
        + svg.linear_gradient("visor", ((0, "2a3f86"), (0.42, "141a3e"), (0.62, "3a2350"), (1, "e0925a")), x2=0.35)
    )
    body = svg.rectangle(56, 84, 88, 96, "url(#pack)", rounding=20)
    body += _limb("M84 166L74 206L90 238", 36, trim) + _limb("M116 166L132 204L122 240", 36, trim)
    body += _boot(94, 246, 14) + _boot(118, 249, -6)
    body += (
        _limb("M132 112L160 136L176 164", 30, trim) + svg.circle(178, 168, 16, SEAM) + svg.circle(178, 166, 15, trim)
    )
    body += svg.rectangle(62, 88, 76, 94, "url(#suit)", rounding=32)
    body += _limb("M68 114L38 116L26 82", 30, trim) + svg.circle(25, 75, 16, SEAM) + svg.circle(25, 74, 15, trim)
    body += _chest(trim) + _helmet(trim)
    return Drawing(body, defs, (6, 8, 192, 258))


def _limb(line: str, width: float, trim: str) -> str:
    """A sleeve or a leg with a seam around it, and a stripe of the trim where it bends."""
    return svg.path(line, stroke=SEAM, width=width + 3) + svg.path(line, stroke=SUIT, width=width - 1)


def _boot(x: float, y: float, turn: float) -> str:
    sole = svg.rectangle(-19, -2, 40, 14, "4a5266", rounding=6) + svg.rectangle(-18, -16, 36, 21, "8a94a8", rounding=9)
    return svg.group(sole, x=x, y=y, turn=turn)


def _chest(trim: str) -> str:
    panel = svg.rectangle(80, 122, 40, 30, "5d677c", rounding=6) + svg.rectangle(84, 126, 18, 10, "8fd0ff", rounding=2)
    for number, tone in enumerate(("ff5a4f", "ffd24a", "5fe08a")):
        panel += svg.circle(108, 129 + 8 * number, 2.8, tone)
    belt = svg.path("M66 163Q100 174 134 163", stroke=trim, width=6, round_=False)
    return panel + svg.rectangle(84, 140, 18, 8, "39435a", rounding=2) + belt


def _helmet(trim: str) -> str:
    head = svg.circle(100, 60, 50, SEAM) + svg.circle(100, 59, 48, "url(#suit)")
    head += svg.rectangle(45, 46, 12, 30, trim, rounding=5) + svg.rectangle(143, 46, 12, 30, trim, rounding=5)
    head += svg.ellipse(100, 63, 40, 34, "8b94a8") + svg.ellipse(100, 63, 37, 31, "url(#visor)")
    shine = svg.path("M72 56Q78 40 98 38Q86 46 80 62Q76 64 72 56Z", "ffffff", 0.75)
    stars = "".join(svg.circle(x, y, r, "ffffff", 0.9) for x, y, r in ((108, 52, 1.5), (121, 60, 1.1), (113, 68, 0.9)))
    return head + shine + stars + svg.ellipse(124, 80, 6, 2.4, "ffd9a8", 0.7, turn=-35)
