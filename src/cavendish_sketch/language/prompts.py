"""From a prompt to a brief: which scene, what is in it, in what light and look, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

from cavendish_sketch.language import designs, findings, languages, meanings, scenery, subjects, writing
from cavendish_sketch.language.brief import Brief, Scene, Subject, Weather
from cavendish_sketch.language.findings import Finding
from cavendish_sketch.language.writing import Token

QUOTED_CHARACTERS_MAX = 80
UNDERSTOOD_MAX = 24
IGNORED_MAX = 12
WORD_CHARACTERS_MAX = 40  # of one word in a report; longer ones are no words
COLOURS_MAX = 4
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


def read(prompt: str) -> Brief:
    """What a prompt asks for, as far as it is understood. The same prompt always gives the same brief."""
    text, body = _quoted(prompt[: writing.PROMPT_CHARACTERS_MAX])
    body = writing.plain(BESIDE_THE_POINT.sub(" ", body))
    tokens = writing.tokens(body)
    language = language_of(body, tokens)
    found = findings.find(tokens, language)
    things, colours, used = subjects.gather(found, language)
    tags = list(dict.fromkeys(tag for finding in found for tag in finding.meaning.tags))
    scene = scenery.scene(tags, things, has_text=text is not None)
    said = tuple(token.folded for finding in found if finding.role != "stop" for token in finding.tokens)
    return _brief(body, scene, tags, things, colours, text, said, _reported(found, used, tags, scene, things))


def _quoted(prompt: str) -> tuple[str | None, str]:
    """The first quoted text, and the prompt without any."""
    match = QUOTES.search(prompt)
    if match:
        text = next(group for group in match.groups() if group is not None)
        return _shortened(text), QUOTES.sub(" , ", prompt)
    named = NAMED.search(prompt)
    if named:
        return _shortened(named[1]), prompt[: named.start(1)] + prompt[named.end(1) :]
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


def _brief(
    body: str,
    scene: Scene,
    tags: Sequence[str],
    things: Sequence[Subject],
    colours: Sequence[str],
    text: str | None,
    said: tuple[str, ...],
    reported: tuple[tuple[str, ...], tuple[str, ...]],
) -> Brief:
    return Brief(
        scene=scene,
        design=designs.read(body),
        time=scenery.time_of_day(tags, scene),
        ground=scenery.ground(tags, things),
        subjects=_arranged(things, scene, tags),
        weather=frozenset(cast(Iterable[Weather], scenery.weather(tags))),
        traits=frozenset(scenery.traits(tags)),
        style=scenery.first("style", tags),
        text=text,
        colours=tuple(colours[:COLOURS_MAX]),
        said=said,
        understood=reported[0],
        ignored=reported[1],
    )


def _arranged(things: Sequence[Subject], scene: Scene, tags: Sequence[str]) -> tuple[Subject, ...]:
    """Faces for portraits; what flies in the sky."""
    if scene == "portrait":
        return tuple(subjects.faced(thing) for thing in things)
    if "motion:fly" in tags:
        return tuple(subjects.lifted(thing) for thing in things)
    return tuple(things)


def _reported(
    found: Sequence[Finding], used: set[int], tags: Sequence[str], scene: Scene, things: Sequence[Subject]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that had an effect, and the words that name something and had none."""
    held = scenery.held(tags, scene, things)
    design = _heard(found) if scene == "abstract" else set()
    understood, ignored = dict[str, None](), dict[str, None]()
    for at, finding in enumerate(found):
        word = finding.written[:WORD_CHARACTERS_MAX]
        if at in used or held & set(finding.meaning.tags) or finding.tokens[0].folded in design:
            understood[word] = None
        elif finding.role in ("unknown", "meaning", "colour", "part"):
            ignored[word] = None
    return tuple(understood)[:UNDERSTOOD_MAX], tuple(word for word in ignored if word not in understood)[:IGNORED_MAX]


def _heard(found: Sequence[Finding]) -> set[str]:
    return designs.heard(token.folded for finding in found for token in finding.tokens if finding.role != "stop")
