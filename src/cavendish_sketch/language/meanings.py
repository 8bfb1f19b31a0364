"""What a word or a phrase of a prompt means: its tags, and what is drawn for it.

Our own tables are asked first, then Unicode's names for drawings in the prompt's language. A keyword that is no name
counts only where few drawings carry it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from cavendish_sketch.canvas import art, figure_facts
from cavendish_sketch.language import languages, writing
from cavendish_sketch.language.brief import Material
from cavendish_sketch.language.tables import attribute_words, colour_words, figure_words, grammar, misleading, tag_words
from cavendish_sketch.language.wordlists import each
from cavendish_sketch.language.writing import Token

PHRASE_WORDS_MAX = 4
WORDS_REMEMBERED = 4096
LANGUAGES_REMEMBERED = 4
SPACELESS_WORD_MAX = 12  # characters
STEM_MIN = 3
CARRIERS_MAX = 6  # a keyword that more drawings carry is a topic, such as "animal", and no thing
KEYWORD_LETTERS_MIN = 4
PEOPLE = frozenset((23, 25, 26))  # Unicode's subgroups: person, role, fantasy
PEOPLE_GROUP = 1
SOMEBODY = each("1f466 1f467 1f468 1f469 1f46a 1f474 1f475 1f476 1f9d1 1f9d2 1f9d3")  # what emoji of people begin with
COMPOUND_MIN = 3  # letters of each part of a German compound
COMPOUNDING = each("de nl sv da nb")
LOANS_MIN = 4  # letters of an English word in another language
SYNONYMS = frozenset((*range(34, 40), *range(42, 48), 51, 52, 54, 55, 56))  # Unicode's subgroups
# Grammar that Chinese writes with the same signs as content.
CHINESE_GRAMMAR = re.compile(r"[的了在上下里中是和与有着著地得之于到从把被这那边色内外前后旁側侧座一]+")
SPACELESS = re.compile(f"[{writing.SPACELESS}]")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is meant.

    Attributes:
        tags: Keys of `tag_words.TAGS`, one by one.
        figure: Code points of a drawing, `!` and one of our own figures, or None.
        plural: More than one, as far as the word's ending tells.
    """

    tags: tuple[str, ...] = ()
    figure: str | None = None
    plural: bool = False


@dataclass(frozen=True, slots=True)
class _Tables:
    """Words with their keys: whole words and phrases, stems, and phrases with stems in them by their first letters."""

    whole: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, tuple[str, ...]]
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]

    def of(self, word: str, language: str) -> tuple[str, ...]:
        return self.whole.get(f"{word}@{language}") or self.whole.get(word, ())

    def by_stem(self, word: str) -> tuple[str, ...]:
        stems = (word[:length] for length in range(len(word), STEM_MIN - 1, -1))
        return next((self.stems[stem] for stem in stems if stem in self.stems), ())


def _tables(source: Mapping[str, str]) -> _Tables:
    whole: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {}
    for key, listed in source.items():
        for item in writing.fold(listed).split():
            word = item.replace("_", " ")
            if "*" in word and " " in word:
                start = word[:STEM_MIN]
                pattern = re.compile(re.escape(word).replace(r"\*", r"\w*"))
                patterns[start] = (*patterns.get(start, ()), (pattern, key))
            else:
                target = stems if word.endswith("*") else whole
                name = word.removesuffix("*")
                if key not in target.get(name, ()):
                    target[name] = (*target.get(name, ()), key)
    return _Tables(whole, stems, patterns)


_TAGS = _tables(tag_words.TAGS)
_NOUNS = _tables(figure_words.ALL)
_COLOURS = _tables(
    {code: f"{listed} {colour_words.MORE_COLOURS.get(code, '')}" for code, listed in colour_words.COLOURS.items()}
)
_MATERIALS = _tables(cast(Mapping[str, str], attribute_words.MATERIALS))
_SPACELESS = frozenset(
    word for table in (_TAGS, _NOUNS, _COLOURS, _MATERIALS) for word in table.whole if SPACELESS.match(word)
) | frozenset(word for listed in grammar.NUMBERS.values() for word in listed.split() if SPACELESS.match(word))


_OWN_BEGINNINGS = frozenset(
    word.partition(" ")[0] for table in (_TAGS, _NOUNS) for key in table.whole if " " in (word := key.partition("@")[0])
)
_PATTERN_BEGINNINGS = frozenset((*_TAGS.patterns, *_NOUNS.patterns))


def colour(token: Token, language: str) -> str | None:
    """The six hex digits that a word means as a colour."""
    for form in (token.folded, *list(languages.forms(token.folded, language))[1:3]):
        found = _COLOURS.whole.get(form)
        if found:
            return found[0]
    return next(iter(_COLOURS.by_stem(token.folded)), None)


def material(token: Token) -> Material | None:
    """What a word means as a material."""
    found = _MATERIALS.whole.get(token.folded) or _MATERIALS.by_stem(token.folded)
    return cast(Material, found[0]) if found else None


def colour_name(code: str) -> str:
    """The first English name of a colour of `colour_words.COLOURS`."""
    return colour_words.COLOURS[code].split()[0]


def phrase(tokens: Sequence[Token], language: str) -> Meaning | None:
    """What some words in a row mean as one, or one word alone; None where nothing is known."""
    if len(tokens) == 1:
        return _word(tokens[0].folded, language)
    if any(not token.joined for token in tokens[1:]) or not _may_begin(tokens[0].folded, language):
        return None
    text = " ".join(token.folded for token in tokens)
    return _own(text, language) or _pattern(text) or _named(text, language)


def _may_begin(word: str, language: str) -> bool:
    """Most words begin no phrase: no need to look them up with what follows."""
    return word in _OWN_BEGINNINGS or word[:STEM_MIN] in _PATTERN_BEGINNINGS or word in _named_beginnings(language)


@functools.lru_cache(maxsize=LANGUAGES_REMEMBERED)
def _named_beginnings(language: str) -> frozenset[str]:
    return frozenset(label.partition(" ")[0] for label in art.words(language).labels.values() if " " in label)


@functools.lru_cache(maxsize=WORDS_REMEMBERED)
def _word(word: str, language: str) -> Meaning | None:
    """One word, by ever weaker evidence."""
    if word.startswith(writing.EMOJI_MARK):
        return _emoji(word.removeprefix(writing.EMOJI_MARK))
    return (
        _own(word, language)
        or _stem(word)
        or _named(word, language)
        or _person(word, language)
        or _keyword(word, language)
        or _compound(word, language)
        or _loan(word, language)
    )


def _emoji(code: str) -> Meaning | None:
    """A drawing by its very code points; somebody for a person; a smile says nothing."""
    entry = art.entries().get(code)
    if code in figure_facts.SIGNS or code in figure_facts.INSTEAD or (entry is not None and entry.drawn):
        return _drawing(code, plural=False)
    is_person = entry is not None and entry.group == PEOPLE_GROUP and entry.subgroup in PEOPLE
    return Meaning((), "!person") if is_person or code.partition("-")[0] in SOMEBODY else None


def _own(text: str, language: str) -> Meaning | None:
    """In our own tables, as it is or without its ending."""
    for form in _forms(text, language):
        tags, figures = _TAGS.of(form, language), _NOUNS.of(form, language)
        if tags or figures:
            return _meaning(tags, figures, _is_plural(text, form, figures, language))
    return None


def _is_plural(text: str, form: str, figures: Sequence[str], language: str) -> bool:
    """By the form it was found under, or because the singular stands for the same thing."""
    if languages.is_plural(text, form, language):
        return True
    others = (other for other in _forms(text, language) if other != text and _NOUNS.of(other, language) == figures)
    return bool(figures) and any(languages.is_plural(text, other, language) for other in others)


def _forms(text: str, language: str) -> Iterable[str]:
    """Of a phrase only the last word is bent."""
    head, _, last = text.rpartition(" ")
    return (f"{head} {form}" if head else form for form in languages.forms(last, language))


def _meaning(tags: Iterable[str], figures: Sequence[str], plural: bool = False) -> Meaning:
    split = dict.fromkeys(tag for key in tags for tag in key.split())
    return Meaning(tuple(split), figures[0] if figures else None, plural)


def _stem(word: str) -> Meaning | None:
    tags, figures = _TAGS.by_stem(word), _NOUNS.by_stem(word)
    return _meaning(tags, figures, word.endswith(("ы", "и", "і"))) if tags or figures else None


def _pattern(text: str) -> Meaning | None:
    for pattern, key in _TAGS.patterns.get(text[:STEM_MIN], ()):
        if pattern.fullmatch(text):
            figures = [figure for other, figure in _NOUNS.patterns.get(text[:STEM_MIN], ()) if other.fullmatch(text)]
            return _meaning((key,), figures, plural=True)
    found = [key for pattern, key in _NOUNS.patterns.get(text[:STEM_MIN], ()) if pattern.fullmatch(text)]
    return _meaning((), found) if found else None


def _named(text: str, language: str) -> Meaning | None:
    """The very name of a drawing, or in English the last word of its name."""
    names = art.words(language)
    if language == "en" and text in misleading.NOT_NAMES:
        return None
    for form in _forms(text, language):
        codes = [code for code in names.codes.get(form, ()) if _drawn(code) and names.labels[code] == form]
        if not codes and language == "en":
            codes = list(_heads().get(form, ()))
        if codes:
            return _drawing(codes[0], languages.is_plural(text, form, language))
    return None


@functools.lru_cache(maxsize=1)
def _heads() -> Mapping[str, tuple[str, ...]]:
    """The last words of English names, with few drawings each, the shortest name first."""
    heads: dict[str, list[str]] = {}
    labels = art.words("en").labels
    for code in sorted(filter(_drawn, labels), key=lambda code: len(labels[code])):
        if " " in labels[code]:
            heads.setdefault(labels[code].split()[-1], []).append(code)
    return {word: tuple(codes) for word, codes in heads.items() if _is_sure(word, codes, "en")}


def _is_sure(word: str, codes: Sequence[str], language: str) -> bool:
    """A loose word stands for a thing: few drawings carry it, it is no verb and none of the words that mislead."""
    if language == "en" and (word in misleading.NOT_NAMES or word.endswith(("ing", "ed"))):
        return False
    return len(codes) <= CARRIERS_MAX


def _keyword(word: str, language: str) -> Meaning | None:
    """A keyword of few drawings: the one whose name has it, or the one with the shortest name."""
    if language == "en":  # too loose: what is of use of them is in `figure_words`
        return None
    names = art.words(language)
    for form in _forms(word, language):
        if len(form) < KEYWORD_LETTERS_MIN - 2 * bool(SPACELESS.match(form)) - (language in ("ko", "hi")):
            continue
        codes = names.codes.get(form, ())
        drawn = [code for code in codes if _drawn(code) and _may_keyword(code, form, names.labels[code])]
        if drawn and form not in misleading.MISLEADING and _is_sure(form, codes, language):
            best = min(drawn, key=lambda code: (form not in names.labels[code].split(), len(names.labels[code])))
            return _drawing(best, languages.is_plural(word, form, language))
    return None


def _may_keyword(code: str, word: str, label: str) -> bool:
    """Keywords of animals, food, houses and vehicles are other names for them; those of things tell their use."""
    return word in label.split() or art.entries()[code].subgroup in SYNONYMS


def _person(word: str, language: str) -> Meaning | None:
    """Somebody: by the ending in English, elsewhere by the names of those whom Unicode knows."""
    if language == "en":
        ends = word.endswith(figure_words.PERSON_ENDINGS) and len(word) > 5 and word not in figure_words.NO_PEOPLE
        return Meaning((), "!person", word.endswith("men")) if ends else None
    known, names = art.entries(), art.words(language)
    for form in _forms(word, language):
        codes = names.codes.get(form, ())
        people = [code for code in codes if known[code].group == PEOPLE_GROUP and known[code].subgroup in PEOPLE]
        if any(form in _parts(names.labels[code]) for code in people):
            return Meaning((), "!person", languages.is_plural(word, form, language))
    return None


def _parts(label: str) -> list[str]:
    """ "student(in)" and "bauer/bauerin" name a student and two farmers."""
    return [part.strip() for part in re.split(r"[/,(:]", label)]


def _compound(word: str, language: str) -> Meaning | None:
    """ "schneelandschaft" is a landscape, and snow: the longest known end, and what stands before it."""
    if language not in COMPOUNDING:
        return None
    for start in range(COMPOUND_MIN, len(word) - COMPOUND_MIN + 1):
        end = _own(word[start:], language) or (
            _named(word[start:], language) if len(word) - start > COMPOUND_MIN else None
        )
        if end:
            front = _own(word[:start], language) or _own(word[:start].removesuffix("s"), language)
            tags = dict.fromkeys((*(front.tags if front else ()), *end.tags))
            return Meaning(tuple(tags), end.figure, end.plural)
    return None


def _loan(word: str, language: str) -> Meaning | None:
    """English words are used everywhere: "ramen", "cyberpunk", "Cybertruck"."""
    if language == "en" or len(word) < LOANS_MIN or not word.isascii() or languages.is_stop(word, "en"):
        return None
    return _own(word, "en") or _named(word, "en")


def _drawn(code: str) -> bool:
    entry = art.entries().get(code)
    return entry is not None and entry.drawn


def _drawing(code: str, plural: bool) -> Meaning:
    if code in figure_facts.SIGNS:
        return _meaning((figure_facts.SIGNS[code],), ())
    return Meaning((), figure_facts.INSTEAD.get(code, code), plural)


def split_spaceless(token: Token, language: str) -> list[Token]:
    """The known words in a run of Chinese, Japanese or Thai, the longest first, and the unknown rest between them."""
    text, found, rest, at = token.folded, list[Token](), 0, 0
    while at < len(text):
        word = _longest(text[at : at + SPACELESS_WORD_MAX], language)
        if word is None:
            at += 1
            continue
        found += _rest(text[rest:at], token.start + rest)
        found.append(Token(word, word, joined=True, start=token.start + at))
        at += len(word)
        rest = at
    return found + _rest(text[rest:], token.start + rest)


def _longest(text: str, language: str) -> str | None:
    names = art.words(language).codes
    for length in range(len(text), 0, -1):
        word = text[:length]
        if word in _SPACELESS or word in grammar.COUNTERS:
            return word
        # Two or three syllables of Japanese grammar look like a word too often; one sign is a word in our tables only.
        if length >= 2 + bool(writing.KANA.match(word)) and word in names and _means(word, language):
            return word
    return None


def _means(word: str, language: str) -> bool:
    return bool(_named(word, language) or _keyword(word, language) or _person(word, language))


def _rest(text: str, start: int) -> list[Token]:
    """What is not known, by parts: grammar is written in hiragana in Japanese, content in other signs."""
    # As many signs as before: a part's place in the text is its place in the prompt.
    marked = CHINESE_GRAMMAR.sub(lambda found: "の" * len(found[0]), text)
    parts = re.finditer(r"[\u3040-\u309f]+|[^\u3040-\u309f]+", marked)
    return [Token(text[slice(*part.span())], part[0], joined=True, start=start + part.start()) for part in parts]


def coverage(tokens: Sequence[Token], language: str) -> int:
    """How many of a prompt's words a language knows as names or keywords, or as our own."""
    names = art.words(language).codes
    content = (token.folded for token in tokens if not languages.is_stop(token.folded, language))
    return sum(any(form in names for form in languages.forms(word, language)) for word in content)


def is_english(tokens: Sequence[Token]) -> bool:
    """English knows some of the words, and all that our own tables do not have."""
    content = [token for token in tokens if not languages.is_stop(token.folded, "en")]
    unknown = [token for token in content if _own(token.folded, "en") is None]
    return coverage(content, "en") > 0 and coverage(unknown, "en") == len(unknown)
