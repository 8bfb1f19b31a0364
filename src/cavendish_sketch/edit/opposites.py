"""Words that turn an effect into its opposite: "less contrast", "it is blurry", "rotate by 270 degrees".

Read before everything else: a word such as "contrast" would otherwise call what is to be lessened.
"""

from __future__ import annotations

import re

_FILL = r"(?:(?:the|its|of|all|some|a|bit|this|my|el|la|le|les|de|den|die|das|il|o) ){0,4}"
_LESS = (
    r"\b(?:reduc(?:e|ed|ing)|decreas(?:e|ed|ing)|lower(?:ed|ing)?|less(?:en)?|turn down|tone down|bring down|"
    r"weaken|too much|too|not so much|not so|menos|moins|reduis|diminue|baja|weniger|reduziere|verringere|zu viel|"
    rf"meno|riduci|diminui|demasiado|trop) {_FILL}"
)
_MORE = rf"\b(?:increase|raise|boost|more|turn up|bring up) {_FILL}"
_COLOURS = (
    r"(?:saturation|saturated|colou?rs?|colou?rful\w*|vivid|vividness|vibrant|vibrance|vibrancy|saturacion|sattigung|"
    r"saturazione|saturacao)\b(?! to )"
)
_SHOWN = (
    r"(?:it|this|photo|picture|image|pic|shot|photograph)(?: is| s| looks| came out)"
    r"(?: a| bit| too| so| very| all){0,3}"
)
_REPAIR = r"\b(?:fix|correct|repair|reduce|remove|get rid of|undo|no more|less|too)"
_DEGREES = r"(?: ?° ?| degrees?\b| deg\b| grados?\b| degres?\b| grad\b| gradi?\b|\b)"
_TURNING = re.compile(r"\b(?:rotat\w*|turn\w*|spin|flip\w*|gira\w*|rotar|tourne\w*|pivote\w*|dreh\w*|ruota)\b")
_THREE_QUARTERS = re.compile(rf"\b270{_DEGREES}")
_LEFTWARDS = re.compile(r"\b(?:(?:to the )?left|counter ?clockwise|anti ?clockwise|links|izquierda|gauche)\b")
_RIGHTWARDS = re.compile(r"\b(?:(?:to the )?right|clockwise)\b")

_OPPOSITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (rf"{_LESS}(?:contrast\w*|kontrast\w*)", "lowcontrast"),
        (r"\b(?:contrast|kontrast) (?:is )?(?:too (?:high|strong|much|hard)|down)\b", "lowcontrast"),
        (rf"{_LESS}{_COLOURS}", "muted"),
        (r"\b(?:saturation|colou?rs?) (?:is |are )?(?:too (?:high|strong|much|vivid|saturated)|down)\b", "muted"),
        (rf"{_LESS}(?:brightness|exposure|light|overexposed)\b", "darker"),
        (rf"{_MORE}(?:brightness|exposure|light)\b", "brighter"),
        (rf"{_LESS}(?:warm|warmth)\b", "cooler"),
        (rf"{_LESS}(?:cold|cool|blue)\b", "warmer"),
        (rf"{_LESS}(?:sharpness|sharp)\b", "blur"),
        (rf"{_REPAIR} {_FILL}(?:blur|blurriness)\b", "sharpen"),
        (rf"{_REPAIR} {_FILL}(?:blurry|blurred)(?= (?:photo|picture|image|pic|shot)\b|$|[.,;!?])", "sharpen"),
        (rf"\b{_SHOWN} (?:blurry|blurred|blur|out of focus|unsharp)\b", "sharpen"),
        (r"\b(?:unblur|deblur)\b", "sharpen"),
    )
)


def resolved(text: str) -> str:
    """A folded instruction, single spaces, in which no opposite is left that has a name of its own."""
    for pattern, word in _OPPOSITES:
        text = pattern.sub(word, text)
    return _turned(text) if _TURNING.search(text) else text


def _turned(text: str) -> str:
    """Three quarters to the right are one to the left."""
    text = re.sub(rf"\b180{_DEGREES}", " halfturn ", text)
    if not _THREE_QUARTERS.search(text):
        return text
    word = " clockwise rotate " if _LEFTWARDS.search(text) else " quarterleft "
    return _RIGHTWARDS.sub(" ", _LEFTWARDS.sub(" ", text)).replace("270", word)
