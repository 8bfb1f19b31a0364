"""The light of a time of day or a weather, as data: sky, sun, haze, and what light falls on things."""

from __future__ import annotations

from dataclasses import dataclass

from cavendish_sketch.language.brief import Time


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours are six hex digits, sRGB.

    Attributes:
        sky: Colours from the top of the sky to the horizon, with their places from 0 to 1.
        sun: The disc of sun or moon.
        far: Haze over what is far away.
        near: The darkest thing in front.
        lit: Clouds and edges towards the light.
        dark: Clouds away from the light.
        water: Depth of water.
        ground: Land without a colour of its own.
        ambient: Factors of red, green and blue for the light on figures.
        night: 0 in daylight, 1 in the dark.
        height: Of sun or moon over the horizon, as a share of the sky.
    """

    sky: tuple[tuple[float, str], ...]
    sun: str
    far: str
    near: str
    lit: str
    dark: str
    water: str
    ground: str
    ambient: tuple[float, float, float]
    night: float
    height: float


PALETTES: dict[Time, Palette] = {
    "sunset": Palette(
        ((0, "1d1646"), (0.3, "54286f"), (0.55, "b5406f"), (0.76, "f4734f"), (0.92, "ffb25e"), (1, "ffdf9a")),
        sun="fff1c4",
        far="d8708a",
        near="170f2e",
        lit="ffc48a",
        dark="6b2f6b",
        water="3a1f52",
        ground="2a1838",
        ambient=(1.0, 0.80, 0.78),
        night=0.55,
        height=0.10,
    ),
    "golden": Palette(
        ((0, "3f6fa8"), (0.4, "86a9bf"), (0.7, "f0c893"), (1, "ffe6b0")),
        sun="fff6d8",
        far="d9b38c",
        near="3a2a22",
        lit="fff0d0",
        dark="b98f7d",
        water="7d8e8c",
        ground="8a7a4a",
        ambient=(1.04, 0.97, 0.86),
        night=0.05,
        height=0.30,
    ),
    "dawn": Palette(
        ((0, "2d4a86"), (0.35, "7d86b8"), (0.62, "e0a4ae"), (0.85, "ffd0a6"), (1, "ffe9c9")),
        sun="fff4dc",
        far="c3a3bd",
        near="2a2c4a",
        lit="ffdcc4",
        dark="8b7fae",
        water="6f7ba6",
        ground="58607a",
        ambient=(1.0, 0.92, 0.94),
        night=0.1,
        height=0.16,
    ),
    "day": Palette(
        ((0, "1f6fc4"), (0.45, "58a7e2"), (0.8, "a9d6f0"), (1, "dff1f7")),
        sun="fffbe6",
        far="a9c6d6",
        near="1f4a3c",
        lit="ffffff",
        dark="a9bfd0",
        water="2f86b8",
        ground="7fae55",
        ambient=(1.0, 1.0, 1.0),
        night=0.0,
        height=0.62,
    ),
    "overcast": Palette(
        ((0, "6d7c8c"), (0.5, "98a6b1"), (1, "ccd4d8")),
        sun="e8ecee",
        far="a7b2ba",
        near="2f3a42",
        lit="dfe5e8",
        dark="788692",
        water="6d7f8a",
        ground="6c7a62",
        ambient=(0.90, 0.93, 0.96),
        night=0.12,
        height=0.50,
    ),
    "dusk": Palette(
        ((0, "0c1440"), (0.4, "27347a"), (0.7, "6a4f93"), (0.9, "d77f87"), (1, "f6b48a")),
        sun="ffd9b0",
        far="6d5f98",
        near="0d1030",
        lit="d59aa5",
        dark="3a3a78",
        water="1f2a5c",
        ground="1c2244",
        ambient=(0.72, 0.72, 0.92),
        night=0.8,
        height=0.05,
    ),
    "night": Palette(
        ((0, "03061a"), (0.45, "0b1640"), (0.8, "1c2e66"), (1, "3b4d86")),
        sun="f4f1de",
        far="33477c",
        near="050a1c",
        lit="5f77a8",
        dark="101b40",
        water="0a1636",
        ground="0e1a34",
        ambient=(0.58, 0.66, 0.92),
        night=1.0,
        height=0.62,
    ),
    "neon": Palette(
        ((0, "080418"), (0.4, "1d0d46"), (0.7, "5a1470"), (0.9, "c42c86"), (1, "ff6a8a")),
        sun="ffd0e0",
        far="7a2a86",
        near="07041a",
        lit="d2559c",
        dark="2a1058",
        water="180a3a",
        ground="12082c",
        ambient=(0.80, 0.66, 0.95),
        night=1.0,
        height=0.30,
    ),
    "storm": Palette(
        ((0, "1c242e"), (0.5, "3c4853"), (1, "7c868a")),
        sun="cfd6d8",
        far="606c74",
        near="141b20",
        lit="8d989e",
        dark="232c35",
        water="2d3a42",
        ground="38423a",
        ambient=(0.72, 0.76, 0.82),
        night=0.4,
        height=0.45,
    ),
}
