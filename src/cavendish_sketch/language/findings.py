"""What each word of a prompt is in its sentence: a thing, a place, a colour, a number, grammar, or unknown."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cavendish_sketch.language import languages, meanings, writing
from cavendish_sketch.language.brief import Material, Relation
from cavendish_sketch.language.meanings import Meaning
from cavendish_sketch.language.tables import attribute_words, colour_words, grammar, place_words
from cavendish_sketch.language.writing import Token

# Words about the taking of the picture that are things after an article: "a camera on a table".
AFTER_ARTICLE = {"camera": "1f4f7"}
UNKNOWN_LETTERS_MIN = 3
ABSTRACT, TABLE = "scene:abstract", "scene:table"
PLACES = ("ground:", "scene:", "trait:")
NO_NOUNS = ("ing", "ed", "ly")  # what words end with that are seldom things

Role = Literal["colour", "count", "material", "meaning", "part", "relation", "stop", "unknown", "whole"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one word, or some words in a row, are.

    Attributes:
        tokens: The words.
        role: What they do in the sentence.
        meaning: Their tags and figure.
        colour: Six hex digits.
        count: How many of what follows.
        material: What a thing is made of.
        relation: Where what comes before is with what follows.
        behind: A colour or a material of the thing before: "made of copper".
    """

    tokens: tuple[Token, ...]
    role: Role
    meaning: Meaning = dataclasses.field(default_factory=Meaning)
    colour: str | None = None
    count: int | None = None
    material: Material | None = None
    relation: Relation | None = None
    behind: bool = False

    @property
    def written(self) -> str:
        return " ".join(token.written for token in self.tokens)

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends in the plain text."""
        return self.tokens[0].start, self.tokens[-1].end

    @property
    def figure(self) -> str | None:
        return self.meaning.figure

    @property
    def is_place(self) -> bool:
        return any(tag.startswith(PLACES) for tag in self.meaning.tags)


def find(tokens: Sequence[Token], language: str) -> list[Finding]:
    """What each word is, the longest phrases first."""
    split = [part for token in tokens for part in _split(token, language)]
    found, at = list[Finding](), 0
    while at < len(split):
        ahead = split[at : at + meanings.PHRASE_WORDS_MAX]
        finding = _phrase(ahead, language) or _single(ahead, language)
        found.append(finding)
        at += len(finding.tokens)
    resolved = [_resolved(found, place, language) for place in range(len(found))]
    if any(ABSTRACT in finding.meaning.tags for finding in resolved):
        return [_as_colour(finding) for finding in resolved]
    return resolved


def _as_colour(finding: Finding) -> Finding:
    """Where nothing is to be recognised, "coral, mint and plum" are colours."""
    return dataclasses.replace(finding, role="colour", meaning=Meaning()) if finding.colour else finding


def _split(token: Token, language: str) -> list[Token]:
    return meanings.split_spaceless(token, language) if writing.is_spaceless(token.folded) else [token]


def _phrase(ahead: Sequence[Token], language: str) -> Finding | None:
    for length in range(len(ahead), 1, -1):
        meaning = meanings.phrase(ahead[:length], language)
        if meaning is not None and not _says_no_more(ahead[:length], meaning, language):
            return Finding(tuple(ahead[:length]), "meaning", meaning)
    return None


def _says_no_more(tokens: Sequence[Token], meaning: Meaning, language: str) -> bool:
    """ "Stone bridge" is a bridge and what it is made of, "easter egg" an egg and what for."""
    is_apart = meanings.material(tokens[0]) is not None or tokens[0].folded in attribute_words.OCCASIONS
    if not is_apart or meaning.figure is None:
        return False
    rest = meanings.phrase(tokens[1:], language)
    return rest is not None and rest.figure == meaning.figure


def _single(ahead: Sequence[Token], language: str) -> Finding:
    token = ahead[0]
    one, word = (token,), token.folded
    group = grammar.GROUPS.get(word) if len(ahead) > 2 and ahead[1].folded in grammar.OF else None
    number = group or languages.number(word, language)
    if number is not None:
        meaning = meanings.phrase(one, language) if group else None
        return Finding(one, "count", meaning or Meaning(), count=number)
    if word in colour_words.PARTS or word in colour_words.WHOLES:  # "background" says nothing by itself
        return Finding(one, "part" if word in colour_words.PARTS else "whole")
    relation = place_words.RELATIONS.get(language, {}).get(word)
    if relation is not None:
        return Finding(one, "relation", relation=relation)
    if languages.is_stop(word, language) or word in grammar.COUNTERS:
        return Finding(one, "stop")
    return _content(token, language)


def _content(token: Token, language: str) -> Finding:
    colour = meanings.colour(token, language)
    meaning = meanings.phrase((token,), language)
    if colour and (meaning is None or token.folded.removesuffix("s") not in colour_words.COLOUR_OR_THING):
        return Finding((token,), "colour", Meaning(), colour)
    material = meanings.material(token)
    if meaning is None:
        return Finding((token,), "material" if material else _unknown(token), material=material)
    return Finding((token,), "meaning", meaning, colour, material=material)


def _unknown(token: Token) -> Role:
    """Grammar, or a word that names something."""
    word = token.folded
    if writing.is_spaceless(word):
        is_grammar = writing.KANA.match(word) or re.match("[\u0e00-\u0e7f]", word)
        return "stop" if is_grammar or len(word) < 2 else "unknown"
    if word.startswith(writing.EMOJI_MARK):
        return "unknown"
    return "unknown" if len(word) >= (UNKNOWN_LETTERS_MIN if word.isascii() else 2) and not word.isdigit() else "stop"


def _resolved(found: Sequence[Finding], at: int, language: str) -> Finding:
    """Decide what only the words around tell."""
    finding = found[at]
    after = found[at + 1] if at + 1 < len(found) else None
    before = found[at - 1] if at else None
    if finding.material or finding.colour:
        finding = _of_a_thing(found, at, language)
    if finding.role == "meaning" and finding.colour:
        beside = after is not None and (after.figure is not None or after.role == "whole")
        is_thing = finding.meaning.plural or (before is not None and before.tokens[0].folded in grammar.ARTICLES)
        if beside or (finding.tokens[0].folded == "orange" and not is_thing):
            return dataclasses.replace(finding, role="colour", meaning=Meaning())
    if finding.role == "stop" and before is not None and before.tokens[0].folded in grammar.ARTICLES:
        meaning = AFTER_ARTICLE.get(finding.tokens[0].folded)
        return dataclasses.replace(finding, role="meaning", meaning=Meaning((), meaning)) if meaning else finding
    if before is not None and before.tokens[0].folded in grammar.NEGATIONS.get(language, ()):
        return dataclasses.replace(finding, role="stop", meaning=Meaning())  # "but no dog"
    if finding.figure == "!person" and after is not None and after.tokens[0].folded == "s":
        return dataclasses.replace(finding, role="stop", meaning=Meaning())  # "men's shoes"
    if "style:monochrome" in finding.meaning.tags and after is not None and after.figure is not None:
        return dataclasses.replace(finding, role="part", meaning=Meaning())  # "a black and white cat"
    if finding.tokens[0].folded in place_words.ROOFS:
        return _whole_house(finding, found, at)
    if finding.tokens[0].folded in attribute_words.LIKENESSES:
        return _likeness(finding, found, at)
    return _what_for(finding, found, at)


def _of_a_thing(found: Sequence[Finding], at: int, language: str) -> Finding:
    """ "Stone" is a material before a thing, and after one that is made of it; else it is a thing itself."""
    finding = found[at]
    is_behind = _is_behind(found, at)
    if finding.role == "colour":
        return dataclasses.replace(finding, behind=is_behind)
    if finding.material and (is_behind or _is_before_a_thing(found, at, language)):
        return dataclasses.replace(finding, role="material", meaning=Meaning(), colour=None, behind=is_behind)
    return finding


def _whole_house(finding: Finding, found: Sequence[Finding], at: int) -> Finding:
    """ "On a roof" is on a house, unless it is said of what."""
    before = [earlier for earlier in found[max(at - 3, 0) : at] if earlier.tokens[0].folded not in place_words.BETWEEN]
    is_of = at + 1 < len(found) and found[at + 1].tokens[0].folded in grammar.OF
    if is_of or not before or before[-1].relation not in ("at", "on"):
        return finding
    return dataclasses.replace(finding, role="meaning", meaning=Meaning((), place_words.HOUSE))


def _likeness(finding: Finding, found: Sequence[Finding], at: int) -> Finding:
    """ "A statue of a horse" and "a horse statue" are a horse of stone."""
    before, ahead = found[at - 1] if at else None, found[at + 1 : at + 4]
    is_behind = before is not None and before.figure is not None and finding.tokens[0].joined
    is_before = bool(ahead) and ahead[0].tokens[0].folded in grammar.OF and any(later.figure for later in ahead)
    if not is_behind and not is_before:
        return finding
    material = attribute_words.LIKENESSES[finding.tokens[0].folded]
    return dataclasses.replace(finding, role="material", meaning=Meaning(), material=material, behind=not is_before)


def _is_behind(found: Sequence[Finding], at: int) -> bool:
    """After "made of" and the like, or after a thing and "of" where it is no colour."""
    if at < 2 or found[at - 1].tokens[0].folded not in attribute_words.OF_MATERIAL:
        return False
    is_made = any(finding.tokens[0].folded in attribute_words.MADE for finding in found[max(at - 3, 0) : at])
    return is_made or (found[at - 2].figure is not None and found[at].role != "colour")


def _is_before_a_thing(found: Sequence[Finding], at: int, language: str) -> bool:
    """The thing follows at once, or after one other word for what it is like; nobody has to know what thing it is."""
    is_said = bool(found[at].meaning.tags)  # "frozen": it means something without a thing
    last = None
    for finding in _joined(found[at + 1 : at + 3]):
        if (finding.figure is not None and not finding.material) or (finding.is_place and not is_said):
            return True
        if finding.role not in ("colour", "material", "unknown"):
            break
        last = finding
    if is_said or last is None or language in grammar.COLOUR_AFTER_NOUN:
        return False
    return last.role == "unknown" and not last.tokens[0].folded.endswith(NO_NOUNS)


def _joined(found: Sequence[Finding]) -> list[Finding]:
    """As far as nothing stands between them."""
    return list(itertools.takewhile(lambda finding: finding.tokens[0].joined, found))


def _what_for(finding: Finding, found: Sequence[Finding], at: int) -> Finding:
    """ "A birthday hat" is a hat: an occasion beside a thing is no thing."""
    word = finding.tokens[0].folded
    if word not in attribute_words.OCCASIONS:
        return finding
    ahead = [later for later in _joined(found[at + 1 : at + 5]) if later.tokens[0].folded != "s"]
    beside = next((later for later in ahead if later.role not in ("colour", "material")), None)
    is_after = at > 1 and found[at - 1].tokens[0].folded in grammar.OF and found[at - 2].figure is not None
    thing = found[at - 2] if is_after else beside
    if thing is None or (thing.figure is None and thing.role != "unknown"):
        return finding
    is_drawn = thing.figure in attribute_words.OF_OCCASIONS and word in attribute_words.OF_OCCASIONS[thing.figure]
    return dataclasses.replace(finding, role="stop" if is_drawn else "unknown", meaning=Meaning())
