"""What a prompt asks for, as plain data: between `prompts` and `designs`, which understand, and what draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scene = Literal[
    "abstract",
    "city",
    "garden",
    "interior",
    "landscape",
    "logo",
    "pond",
    "portrait",
    "skyline",
    "space",
    "studio",
    "table",
    "underwater",
]
Ground = Literal["alps", "beach", "canyon", "dunes", "hills", "islands", "meadow", "sea", "snow"]
Time = Literal["dawn", "day", "dusk", "golden", "neon", "night", "overcast", "storm", "sunset"]
Weather = Literal["aurora", "clear", "clouds", "fog", "leaves", "lightning", "petals", "rain", "snow", "stars"]
Kind = Literal["animal", "building", "food", "object", "person", "plant", "sea", "sky", "vehicle"]
Material = Literal["brick", "china", "clay", "glass", "ice", "iron", "leather", "marble", "paper", "stone", "wood"]
Surface = Literal["cloth", "marble", "wood"]
Manner = Literal["above", "in", "on"]
Relation = Literal["above", "at", "in", "on"]  # as words have it: "en" and "em" are in or on
Prop = Literal[  # figures of our own; everything else comes from the art
    "balloon",
    "bottle",
    "bridge",
    "castle",
    "flying_car",
    "koi",
    "lantern",
    "lighthouse",
    "pagoda",
    "person",
    "pickup",
    "planet",
    "robot",
    "tower",
    "tree",
    "windmill",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing is: in, on or above another, or above the land.

    Attributes:
        host: Code points of the other's drawing, or `!` and one of our own figures; None for the land.
    """

    how: Relation
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing to be seen in the picture.

    Attributes:
        word: As the prompt has it.
        kind: Decides where it stands: on the ground, in the water, in the sky, on a table.
        drawing: Code points of a drawing in the art, such as `1f98a`; None for one of our own figures.
        prop: One of our own figures; None for a drawing.
        count: How many, 1 to 12.
        colour: Six hex digits, where the prompt names one for it.
        material: What it is made of, where the prompt says so.
        place: Where it is, where the prompt says so.
        manner: Of a guest, how it is with its host.
        guests: What is drawn in, on or above it as one figure with it.
    """

    word: str
    kind: Kind
    drawing: str | None = None
    prop: Prop | None = None
    count: int = 1
    colour: str | None = None
    material: Material | None = None
    place: Place | None = None
    manner: Manner | None = None
    guests: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """An abstract composition in words and colours.

    Attributes:
        family: Which kind of composition, a key of `compose.FAMILIES`; None where no word names one.
        ramp: Hex colours from dark to light: the picture's main gradient; none where no word calls any.
        accents: Hex colours for what stands out; none without a ramp.
        light: Hex colour of sun, moon and highlights.
        night: The sky is dark: moon in place of sun, stars, lit windows.
        traits: What else was understood, such as `snow`, `water` or `petals`.
        named: How many of its colours words name by themselves.
    """

    family: str | None
    ramp: tuple[str, ...]
    accents: tuple[str, ...]
    light: str
    night: bool
    traits: frozenset[str]
    named: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """What a prompt asks for.

    Attributes:
        ground: What the land is, for scenes under an open sky.
        traits: Further things understood: `autumn`, `bamboo`, `black_hole`, `cherry`, `cliff`, `deep`, `fireflies`,
            `fireworks`, `flying_cars`, `forest`, `fuji`, `futuristic`, `galaxy`, `japanese`, `lake`, `lilies`, `mars`,
            `moon`, `mosaic`, `mountains`, `neon`, `river`, `snowy`, `spring`, `steam`, `summer`, `sun`, `surface`,
            `village`, `volcano`, `waterfall`, `waves`.
        style: A look laid over the picture, a key of `edit.words.OPERATORS`.
        text: What was quoted, to be set in the picture.
        colours: Hex colours named for the picture as a whole.
        design: The colour ramp and family of an abstract composition.
        surface: What a table is made of, where the prompt says so.
        said: All words of the prompt that name something, folded: what only one scene knows to draw is found in them.
    """

    scene: Scene
    design: Design
    time: Time = "day"
    ground: Ground = "hills"
    subjects: tuple[Subject, ...] = ()
    weather: frozenset[Weather] = frozenset()
    traits: frozenset[str] = frozenset()
    style: str | None = None
    text: str | None = None
    colours: tuple[str, ...] = ()
    surface: Surface | None = None
    said: tuple[str, ...] = ()
