"""From a prompt to a brief: which scene, what is in it, in what light and look."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from cavendish_sketch.language import designs, findings, languages, meanings, relations, scenery, subjects, writing
from cavendish_sketch.language.brief import Brief, Material, Scene, Subject, Surface, Weather
from cavendish_sketch.language.findings import Finding
from cavendish_sketch.language.writing import Token

QUOTED_CHARACTERS_MAX = 80
COLOURS_MAX = 4
SURFACES: Mapping[Material | None, Surface] = {"wood": "wood", "marble": "marble", "stone": "marble"}  # of tables
GUESSED_LANGUAGES = (
    "en",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "nl",
    "pl",
    "sv",
    "da",
    "fi",
    "hu",
)  # told apart by their words

# Bounded inside: an opening mark alone, thousands of times, would otherwise be looked for again from each of them.
QUOTES = re.compile(
    r"\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|„([^“”\n]{1,400})[“”]|«([^»\n]{1,400})»|「([^」\n]{1,400})」"
    r"|『([^』\n]{1,400})』|(?<!\w)'([^'\n]{2,400})'(?!\w)"
)
# "a logo for a bakery called Sunrise": names begin with capitals.
NAMED = re.compile(
    r"\b(?:[Ss]ays|[Ss]aying|[Rr]eads|[Rr]eading|[Tt]itled|[Cc]alled|[Nn]amed"
    r"|[Tt]he (?:text|words?|name|title|slogan)):?\s+"
    r"((?:[A-Z0-9][\w&.!-]*)(?:\s+[A-Z0-9&][\w&.!-]*){0,5})"
)
# What a prompt says about itself or about the camera: no part of the picture.
BESIDE_THE_POINT = re.compile(
    r"(?i)(?<!\S)--?[a-z]\w* \S+|\bf/\d+(\.\d+)?|\b\d+\s?(mm|k|px|fps|iso)\b|\b\d+\s*[:x×]\s*\d+\b|https?://\S+"
    r"|\b(children|kid)[’']?s?[’']? (story ?|picture )?book( illustration)?|\b(story|picture)book illustration"
    r"|\b(shallow )?depth of field\b|\bfor (kids|children)\b|\b(no|without) (text|people|words|humans|watermark)s?\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt read, so that it can be read again with some of its words taken out.

    Attributes:
        body: The prompt in plain letters, without what is quoted and what is about the camera.
        text: What was quoted.
        found: What each word is.
        natural: Places in `found` of the colours that their things have anyway.
        brief: What is asked for.
    """

    body: str
    text: str | None
    language: str
    found: tuple[Finding, ...]
    natural: frozenset[int]
    brief: Brief

    def without(self, places: Collection[int], *, instead: str = "") -> Brief:
        """What the prompt asks for with the words at some places of `found` taken out, or others in their stead."""
        spans = [self.found[place].span for place in places]
        return _understood(writing.without(self.body, spans, instead=instead), self.text, self.language).brief


def read(prompt: str) -> Brief:
    """What a prompt asks for, as far as it is understood. The same prompt always gives the same brief."""
    return reading(prompt).brief


def reading(prompt: str) -> Reading:
    """The same with what each of its words is."""
    text, body = _quoted(prompt[: writing.PROMPT_CHARACTERS_MAX])
    body = writing.plain(BESIDE_THE_POINT.sub(" ", body))
    return _understood(body, text, language_of(body, writing.tokens(body)))


def _understood(body: str, text: str | None, language: str) -> Reading:
    found = tuple(findings.find(writing.tokens(body), language))
    things, colours, natural, places = subjects.gather(found, language)
    things = relations.placed(found, things, places)
    tags = list(dict.fromkeys(tag for finding in found for tag in finding.meaning.tags))
    named = [finding.colour for finding in found if finding.role == "colour" and finding.colour]
    scene = scenery.scene(tags, things, has_text=text is not None, has_colours=bool(named))
    if scene == "abstract":
        colours = list(dict.fromkeys(named))
    said = tuple(
        token.folded for finding in found if finding.role not in ("relation", "stop") for token in finding.tokens
    )
    brief = Brief(
        scene=scene,
        design=designs.read(body),
        time=scenery.time_of_day(tags, scene),
        ground=scenery.ground(tags, things, scene, has_backdrop=bool(colours)),
        subjects=_arranged(things, scene, tags),
        weather=frozenset(cast(Iterable[Weather], scenery.weather(tags))),
        traits=frozenset(scenery.traits(tags)),
        style=scenery.first("style", tags),
        text=text,
        colours=tuple(colours[:COLOURS_MAX]),
        surface=cast(Surface | None, scenery.first("surface", tags)) or _surface(found),
        said=said,
    )
    return Reading(body, text, language, found, frozenset(natural), brief)


def _surface(found: Sequence[Finding]) -> Surface | None:
    """What is said of a table before its name."""
    said = (
        first.material
        for first, second in itertools.pairwise(found)
        if first.role == "material" and findings.TABLE in second.meaning.tags
    )
    return next((SURFACES[material] for material in said if material in SURFACES), None)


def _quoted(prompt: str) -> tuple[str | None, str]:
    """The first quoted text, and the prompt without any."""
    match = QUOTES.search(prompt)
    if match:
        text = next(group for group in match.groups() if group is not None)
        return _shortened(text), QUOTES.sub(" , ", prompt)
    named = NAMED.search(prompt)
    if named:
        return _shortened(named[1]), prompt[: named.start()] + prompt[named.end() :]
    return None, prompt


def _shortened(text: str) -> str | None:
    return " ".join(text.split())[:QUOTED_CHARACTERS_MAX] or None


def language_of(text: str, tokens: Sequence[Token]) -> str:
    """By letters, by small words, or by whose nouns they are."""
    by_script = languages.by_script(text)
    if by_script:
        return by_script
    likely = languages.by_stop_words([token.folded for token in tokens])
    if len(likely) == 1:
        return likely[0]
    among = likely or GUESSED_LANGUAGES
    if "en" in among and meanings.is_english(tokens):  # without loading the words of the others
        return "en"
    return max(among, key=lambda language: (meanings.coverage(tokens, language), language == "en"))


def _arranged(things: Sequence[Subject], scene: Scene, tags: Sequence[str]) -> tuple[Subject, ...]:
    """Faces for portraits; what flies in the sky."""
    if scene == "portrait":
        return tuple(subjects.faced(thing) for thing in things)
    if "motion:fly" in tags:
        return tuple(subjects.lifted(thing) for thing in things)
    return tuple(things)
