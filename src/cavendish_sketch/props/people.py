"""People and robots as toys. A person is a peg doll of painted wood: no face, but hair, a hat and clothes.

What a person wears follows from the word that the prompt has for it, and from the word's letters where it says nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

from cavendish_sketch.canvas import svg
from cavendish_sketch.props.drawing import Drawing

WOOD, WOOD_DEEP = "e0b48a", "b98557"
COATS = ("3f6fa8", "c2573f", "4a8a6a", "7d5aa6", "d9a13f", "3f8a94", "b8506e", "5b6478")
HAIRS = ("3a2a22", "6b4428", "1f1b1e", "a8672f", "d6a85a", "4c3a55")
GREY = "c9ccd2"
SCARVES = ("f2c14e", "e8e2d5", "e07a5f", "81b29a")


@dataclass(frozen=True, slots=True)
class Look:
    """What a doll wears.

    Attributes:
        hair: `short`, `long`, `bun`, `curls` or `bald`.
        hat: `cap`, `rain`, `chef`, `crown`, `helmet`, `straw`, `wizard`, `top`, or None.
        dress: The body widens to the ground.
        beard: Hair below the face too.
        small: Of a child's proportions.
        coat, tone, scarf: Hex colours of clothes and hair.
        back: Seen from behind.
    """

    hair: str = "short"
    hat: str | None = None
    dress: bool = False
    beard: bool = False
    small: bool = False
    coat: str = COATS[0]
    tone: str = HAIRS[0]
    scarf: str | None = None
    back: bool = False


# Word beginnings, in the prompt's own language where it has been foreseen, and what they change.
LOOKS: dict[str, dict[str, str | bool | None]] = {
    "fisher": {"hat": "rain", "coat": "e9b63a", "beard": True, "tone": GREY},
    "sailor": {"hat": "cap", "coat": "2f4a7a", "beard": True},
    "captain": {"hat": "cap", "coat": "22345c", "beard": True, "tone": GREY},
    "chef": {"hat": "chef", "coat": "f3f1ec", "scarf": "d9534a"},
    "cook": {"hat": "chef", "coat": "f3f1ec", "scarf": "d9534a"},
    "baker": {"hat": "chef", "coat": "f3efe4"},
    "king": {"hat": "crown", "coat": "a8323f", "beard": True},
    "queen": {"hat": "crown", "coat": "7a3a8f", "hair": "long", "dress": True},
    "prince": {"hat": "crown", "coat": "3f6fa8"},
    "princess": {"hat": "crown", "coat": "e58fb0", "hair": "long", "dress": True, "tone": "d6a85a"},
    "astronaut": {"hat": "helmet", "coat": "eceff4", "hair": "bald"},
    "cosmonaut": {"hat": "helmet", "coat": "eceff4", "hair": "bald"},
    "farmer": {"hat": "straw", "coat": "4a78a8"},
    "gardener": {"hat": "straw", "coat": "5a8a4a"},
    "wizard": {"hat": "wizard", "coat": "3b3f8f", "beard": True, "tone": GREY},
    "witch": {"hat": "wizard", "coat": "3a2a4a", "hair": "long", "dress": True},
    "magician": {"hat": "top", "coat": "23232b"},
    "gentleman": {"hat": "top", "coat": "34343f"},
    "samurai": {"hair": "bun", "coat": "34405c", "tone": "1f1b1e", "scarf": "b8433c"},
    "geisha": {"hair": "bun", "coat": "c8455a", "tone": "1f1b1e", "dress": True},
    "dancer": {"hair": "bun", "coat": "d96a8a", "dress": True},
    "ballerina": {"hair": "bun", "coat": "f0a8bf", "dress": True},
    "bride": {"hair": "long", "coat": "f6f2ee", "dress": True},
    "woman": {"hair": "long", "dress": True},
    "lady": {"hair": "bun", "dress": True},
    "girl": {"hair": "long", "dress": True, "small": True},
    "mother": {"hair": "long", "dress": True},
    "grandm": {"hair": "bun", "dress": True, "tone": GREY},
    "grandf": {"tone": GREY, "beard": True},
    "old": {"tone": GREY},
    "elder": {"tone": GREY},
    "boy": {"hat": "cap", "small": True},
    "child": {"small": True, "hair": "curls"},
    "kid": {"small": True, "hair": "curls"},
    "baby": {"small": True, "hair": "bald"},
    "man": {"hair": "short"},
}


def person(colour: str | None = None, word: str = "", *, back: bool = False) -> Drawing:
    """A doll. Its clothes take the colour; everything else follows from the word. `back` shows it from behind."""
    look = look_of(word or colour or "person")
    return doll(replace(look, coat=colour or look.coat, back=back))


def look_of(word: str) -> Look:
    """What the person meant by a word wears: the same for the same word."""
    word = word.casefold()
    chance = zlib.crc32(word.encode())
    look = Look(
        hair=("short", "curls", "long", "bun")[chance % 4],
        coat=COATS[chance // 4 % len(COATS)],
        tone=HAIRS[chance // 32 % len(HAIRS)],
        scarf=SCARVES[chance // 256 % len(SCARVES)] if chance // 1024 % 2 else None,
    )
    found = [LOOKS[start] for start in LOOKS for part in word.split() if part.startswith(start)]
    for change in reversed(found):
        look = replace(look, **({"hair": "short"} | change))  # type: ignore[arg-type]
    return look


def doll(look: Look) -> Drawing:
    """The toy itself, 200 wide and about 400 high, standing on y = 400."""
    body = _from_behind(look) if look.back else _from_before(look)
    body += HATS[look.hat](look) if look.hat else ""
    defs = svg.linear_gradient("w", ((0, svg.blend(WOOD, "ffffff", 0.25)), (1, WOOD_DEEP)), x2=0.7)
    parts = look.hat or "", look.hair
    top, aside = min(TOPS.get(part, 22.0) for part in parts), min(ASIDES.get(part, 30.0) for part in parts)
    if look.small:
        body, top, aside = svg.group(body, x=22, y=88, scale=0.78), top * 0.78 + 88, aside * 0.78 + 22
    return Drawing(body, defs, (aside, top, 200 - 2 * aside, 400 - top))


def _from_before(look: Look) -> str:
    body = (_mane(look.tone) if look.hair == "long" else "") + _body(look) + _arms(look) + _head(look)
    if look.scarf:
        body += svg.path("M66,174 Q100,196 134,174 L132,196 Q100,216 68,196Z", look.scarf)
        body += svg.path("M118,190 L140,236 L122,242 L108,202Z", svg.blend(look.scarf, "000000", 0.12))
    return body


def _from_behind(look: Look) -> str:
    """Ears and the nape tell that a head looks away."""
    collar = svg.path(
        "M64,172 Q100,190 136,172 L134,198 Q100,216 66,198Z", look.scarf or svg.blend(look.coat, "ffffff", 0.22)
    )
    neck = svg.path("M78,150 L122,150 L126,184 L74,184Z", WOOD_DEEP)
    body = _arms(look) + _body(look) + neck + collar
    ears = "" if look.hair == "long" else svg.circle(33, 112, 14, WOOD) + svg.circle(167, 112, 14, WOOD)
    return body + ears + svg.circle(100, 104, 68, "url(#w)") + BACKS[look.hair](look.tone)


def _nape(tone: str) -> str:
    shape = "M33,112 C24,54 60,24 100,24 C140,24 176,54 167,112 C166,142 140,164 122,168 Q100,160 78,168 "
    crown = svg.path("M104,32 C94,42 90,54 94,70", stroke=svg.blend(tone, "ffffff", 0.16), width=4)
    return svg.path(shape + "C60,164 34,142 33,112Z", tone) + crown


def _back_long(tone: str) -> str:
    shape = (
        "M30,112 C22,54 58,22 100,22 C142,22 178,54 170,112 C178,170 184,210 170,246 Q150,262 128,252 Q100,268 72,252 "
    )
    hair = svg.path(shape + "Q50,262 30,246 C16,210 22,170 30,112Z", tone)
    strands = "M100,36 C92,110 88,180 80,240 M112,44 C124,110 130,180 134,238 "
    strands += "M78,60 C54,120 52,180 50,236 M134,72 C152,130 154,180 154,232"
    return hair + svg.path(strands, stroke=svg.blend(tone, "ffffff", 0.14), width=3.5)


def _back_bun(tone: str) -> str:
    bun = svg.circle(100, 58, 33, svg.blend(tone, "ffffff", 0.10))
    return _nape(tone) + bun + svg.path("M74,62 Q100,86 126,62", stroke=svg.blend(tone, "000000", 0.25), width=4)


def _back_curls(tone: str) -> str:
    rows = (58, 92, 126)
    return "".join(svg.circle(x, y, 24, tone) for y in rows for x in (46, 74, 100, 126, 154)) + _curls(tone)


# Where hats and hair reach beyond the head: upwards, and to either side.
TOPS = {"chef": -26.0, "crown": 6.0, "wizard": -66.0, "top": -24.0, "helmet": 20.0, "bun": -1.0, "curls": 11.0}
ASIDES = {"rain": 14.0, "straw": 6.0, "helmet": 6.0, "wizard": 14.0, "top": 24.0, "curls": 14.0, "long": 22.0}


def _mane(tone: str) -> str:
    """Long hair, behind the body."""
    shape = "M34,96 C24,170 20,216 44,252 Q100,274 156,252 C180,216 176,170 166,96Z"
    return svg.path(shape, svg.blend(tone, "000000", 0.22))


def _body(look: Look) -> str:
    coat, deep = look.coat, svg.blend(look.coat, "000000", 0.22)
    foot = 64 if look.dress else 46
    shape = (
        f"M76,170 C56,186 {100 - foot},300 {100 - foot},384 Q{100 - foot},400 {116 - foot},400 "
        f"L{84 + foot},400 Q{100 + foot},400 {100 + foot},384 C{100 + foot},300 144,186 124,170Z"
    )
    hem = f"M{101 - foot},366 Q100,382 {99 + foot},366 L{100 + foot},384 Q{100 + foot},400 {84 + foot},400 "
    hem += f"L{116 - foot},400 Q{100 - foot},400 {100 - foot},384Z"
    parts = svg.path(shape, coat) + svg.path(hem, svg.blend(coat, "ffffff", 0.35) if look.dress else deep)
    if look.dress:
        return parts + svg.path("M70,262 Q100,276 130,262", stroke=svg.blend(coat, "ffffff", 0.5), width=9)
    if look.back:
        return parts + svg.path("M100,240 L100,366", stroke=deep, width=4)
    buttons = "".join(svg.circle(100, y, 5, svg.blend(coat, "ffffff", 0.65)) for y in (226, 264, 302))
    return parts + svg.path("M100,190 L100,366", stroke=deep, width=3) + buttons


def _arms(look: Look) -> str:
    sleeve = svg.blend(look.coat, "000000", 0.10)
    arms = "M72,196 Q46,234 52,282 M128,196 Q154,234 148,282"
    return svg.path(arms, stroke=sleeve, width=25) + svg.circle(52, 292, 12, WOOD) + svg.circle(148, 292, 12, WOOD)


def _head(look: Look) -> str:
    head = svg.circle(100, 104, 68, "url(#w)")
    beard = "M34,118 C50,134 60,150 74,148 Q100,140 126,148 C140,150 150,134 166,118 C170,168 134,204 100,204 "
    front = head + (svg.path(beard + "C66,204 30,168 34,118Z", look.tone) if look.beard else "")
    return front + HAIR[look.hair](look.tone)


def _cap_of_hair(tone: str) -> str:
    return svg.path(
        "M32,106 C28,52 62,26 100,26 C138,26 172,52 168,106 C160,86 138,74 112,78 C80,82 48,78 32,106Z", tone
    )


def _long(tone: str) -> str:
    """A parting to one side and a lock before each shoulder."""
    shape = "M30,112 C24,54 60,24 100,24 C140,24 176,54 170,112 C172,140 170,166 160,186 C150,160 154,122 142,98 "
    return svg.path(
        shape + "C116,88 92,70 80,56 C76,80 66,92 56,102 C48,126 50,160 40,186 C30,166 28,140 30,112Z", tone
    )


def _bun(tone: str) -> str:
    return svg.circle(100, 26, 25, tone) + _cap_of_hair(tone)


def _curls(tone: str) -> str:
    places = ((42, 84), (56, 56), (82, 40), (112, 38), (140, 54), (158, 82), (70, 66), (100, 58), (130, 68))
    return "".join(svg.circle(x, y, 25, tone) for x, y in places)


def _bald(tone: str) -> str:
    return ""


HAIR = {"short": _cap_of_hair, "long": _long, "bun": _bun, "curls": _curls, "bald": _bald}


BACKS = {"short": _nape, "long": _back_long, "bun": _back_bun, "curls": _back_curls, "bald": _bald}


def _cap(look: Look) -> str:
    tone = svg.blend(look.coat, "ffffff", 0.15)
    crown = svg.path("M32,86 C32,42 64,24 100,24 C136,24 168,42 168,86 Q100,72 32,86Z", tone)
    return crown + svg.path("M30,86 Q100,66 170,86 Q172,98 160,100 Q100,84 40,100 Q28,98 30,86Z", "20242e")


def _rain(look: Look) -> str:
    deep = svg.blend(look.coat, "000000", 0.14)
    brim = svg.path("M18,100 C30,70 170,70 182,100 C176,114 150,94 100,94 C50,94 24,114 18,100Z", deep)
    return svg.path("M44,88 C44,46 66,26 100,26 C134,26 156,46 156,88Z", look.coat) + brim


def _chef(look: Look) -> str:
    puffs = "".join(svg.circle(x, y, r, "fbfaf6") for x, y, r in ((66, 22, 30), (100, 8, 32), (134, 22, 30)))
    return (
        puffs
        + svg.path("M50,34 L150,34 L146,74 Q100,62 54,74Z", "f3f1ea")
        + svg.path("M54,74 Q100,60 146,74", stroke="d8d4c8", width=6)
    )


def _crown(look: Look) -> str:
    gold = svg.path("M44,64 L38,12 L70,38 L100,8 L130,38 L162,12 L156,64 Q100,48 44,64Z", "f0bf45")
    gems = "".join(
        svg.circle(x, y, 6, tone) for x, y, tone in ((70, 50, "d9434e"), (100, 46, "4a8fd9"), (130, 50, "d9434e"))
    )
    return gold + gems


def _helmet(look: Look) -> str:
    shell = (
        svg.circle(100, 104, 82, "f4f6fa")
        + svg.ellipse(100, 108, 62, 54, "1d2740")
        + svg.ellipse(100, 108, 62, 54, "5a7fc8", 0.28)
    )
    shine = svg.path("M58,92 Q70,68 96,62", stroke="ffffff", width=8) + svg.circle(22, 106, 13, "c9d0dc")
    return shell + shine + svg.circle(178, 106, 13, "c9d0dc")


def _straw(look: Look) -> str:
    brim = svg.ellipse(100, 78, 92, 20, "dcb568")
    return (
        svg.path("M52,78 C52,36 72,26 100,26 C128,26 148,36 148,78Z", "e9c87e")
        + brim
        + svg.path("M52,68 Q100,84 148,68", stroke="b8433c", width=9)
    )


def _wizard(look: Look) -> str:
    tone = svg.blend(look.coat, "000000", 0.1)
    cone = svg.path("M48,72 C72,30 84,-20 112,-62 C118,-30 140,40 152,72 Q100,92 48,72Z", tone)
    return cone + svg.ellipse(100, 76, 84, 17, tone) + svg.path("M52,66 Q100,84 148,66", stroke="f0bf45", width=8)


def _top_hat(look: Look) -> str:
    return (
        svg.path("M58,66 L54,-14 Q100,-24 146,-14 L142,66Z", "23232b")
        + svg.ellipse(100, 68, 74, 14, "1b1b22")
        + svg.path("M58,52 Q100,66 142,52", stroke="a8323f", width=10)
    )


HATS = {
    "cap": _cap,
    "rain": _rain,
    "chef": _chef,
    "crown": _crown,
    "helmet": _helmet,
    "straw": _straw,
    "wizard": _wizard,
    "top": _top_hat,
}


def robot(colour: str | None = None) -> Drawing:
    """A friendly robot: a round head with a dark screen and two glowing eyes, a lamp on its chest, waving."""
    shell = colour or "7fb8c9"
    light, deep, dark = svg.blend(shell, "ffffff", 0.45), svg.blend(shell, "000000", 0.28), "26303c"
    body = "".join(
        (
            _robot_limbs(deep, light, dark),
            svg.rectangle(92, 40, 16, 34, dark, rounding=6) + svg.circle(100, 30, 17, "ff8a5c"),
            svg.rectangle(22, 112, 22, 56, deep, rounding=10) + svg.rectangle(156, 112, 22, 56, deep, rounding=10),
            svg.rectangle(36, 70, 128, 132, shell, rounding=52),
            svg.rectangle(52, 96, 96, 78, dark, rounding=32),
            _robot_face(),
            svg.rectangle(82, 198, 36, 20, dark, rounding=6),
            svg.path(
                "M54,232 Q54,212 76,212 L124,212 Q146,212 146,232 L138,306 Q136,322 120,322 L80,322 Q64,322 62,306Z",
                shell,
            ),
            svg.path("M70,236 L130,236 L126,280 L74,280Z", light) + svg.circle(100, 258, 13, "ffd36a"),
            svg.path("M72,296 h56", stroke=deep, width=6),
        )
    )
    return Drawing(body, "", (14, 12, 178, 388))


def _robot_face() -> str:
    eyes = "".join(svg.ellipse(x, 132, 11, 14, "6df3e0") + svg.circle(x + 3, 127, 4, "ffffff") for x in (78, 122))
    return eyes + svg.path("M86,154 Q100,166 114,154", stroke="6df3e0", width=5)


def _robot_limbs(deep: str, light: str, dark: str) -> str:
    legs = svg.path("M80,316 L78,372 M120,316 L122,372", stroke=dark, width=20)
    feet = svg.path("M50,400 Q50,372 78,372 Q102,372 102,400Z M98,400 Q98,372 122,372 Q150,372 150,400Z", deep)
    arms = svg.path("M60,236 Q30,250 32,296", stroke=deep, width=18) + svg.path(
        "M140,236 Q172,232 174,196", stroke=deep, width=18
    )
    return legs + feet + arms + svg.circle(32, 304, 16, light) + svg.circle(175, 188, 16, light)
