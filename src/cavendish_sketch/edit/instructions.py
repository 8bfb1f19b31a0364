"""From an edit instruction to a plan: what it asks for, and a refusal where a part of it cannot be done."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from cavendish.children.main import Refused
from cavendish_sketch.edit import opposites, refusals, words
from cavendish_sketch.language import prompts, wordlists
from cavendish_sketch.language.tables import colour_words

CAPTION_CHARACTERS_MAX = 80
VISIBLE = "LNPS"  # categories of characters: letters, numbers, punctuation, symbols
NOTED_WORDS_MAX = 24
NOTED_CHARACTERS_MAX = 40
WORDS_OF_A_THING = 4  # looked at after "add a"
ONE_AT_A_TIME = (
    "The built-in sketch engine adds one thing at a time. Nothing was changed. Ask for one, or use another engine."
)

_OPERATORS = wordlists.index({name: operator.words for name, operator in words.OPERATORS.items()})
_LAYOUTS = wordlists.index(words.LAYOUTS)
_CAPTION = wordlists.index({"caption": words.CAPTION_CUES})
_PLACES = wordlists.index({"top": words.TOP, "bottom": words.BOTTOM})
_COLOURS = wordlists.index(colour_words.COLOURS)
_LONGEST_FIRST = sorted(words.PHRASES, key=len, reverse=True)
_PHRASES = re.compile(
    "|".join(
        _bounded
        for phrase in _LONGEST_FIRST
        if (_bounded := rf"(?<!\w){re.escape(phrase)}(?!\w)" if phrase.isascii() else re.escape(phrase))
    )
)
_TOKEN = re.compile(r"\w+")
# No group runs past another opening mark of its kind: an unclosed one would be searched for from each of them.
_QUOTED = re.compile(
    r"\"([^\"]+)\"|“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|‹([^‹›]+)›|「([^「」]+)」|『([^『』]+)』|‘([^‘’]+)’|"
    r"(?<!\w)'([^']+)'(?!\w)"
)
# "on the wall", beside the quoted words: a place that nothing here finds.
_WRITTEN_ON = (
    r"\b(?:on|onto|in|into|at|over|across|above|under|below|behind|beside|near|next to|sobre|en|sur|dans|auf|an) "
    r"(?:(?:the|his|her|their|my|your|our|its|this|that|a|la|el|las|los|le|les|die|den|das|der|dem) )"
    r"(?!(?:very |whole |upper |lower |top |bottom )*(?:top|bottom|upper|lower|left|right|corner|edge|centre|center|"
    r"middle|photos?|pictures?|images?|pics?|shot|style|foto|imagen|bild|end|beginning|same|parte|haut|bas)\b)\w+"
)
_AFTER_QUOTES, _BEFORE_QUOTES = re.compile(rf" ?{_WRITTEN_ON}"), re.compile(rf"{_WRITTEN_ON}(?: \w+)? ?$")
_WITH = re.compile(
    r"\b(?P<before>\w+) with (?P<thing>(?:an?|one|two|three|four|five|six|\d+|several|many|some) (?:\w+ ?){1,6})"
)
# "my night photo": what the picture is already.
_DESCRIBED = re.compile(r"\b(?:the|my|this|our|that)\s+(\w+)\s+(?:photo|picture|image|shot|photograph|pic)s?\b")
_ADD = re.compile(
    r"\b(?:add|adding|insert|include|put|place|draw|stick|anade|anadir|agrega|agregar|pon|poner|dibuja|ajoute|ajouter|"
    r"ajoutez|mets|"
    r"fuge|setz|setze|male|zeichne|aggiungi|metti|adicione|adiciona|coloque|voeg|добавь)\s+"
    r"(?:in\s+)?(?:(?P<count>an?|one|the|some|un|una|une|uno|um|uma|ein|eine|einen|een|des|"
    r"two|three|four|five|six|\d+|several|many|dos|tres|deux|trois|zwei|drei|due|tre|dois|duas)\b)?\s*(?P<thing>[^.,;!?]+)"
)
_ADD_WITHOUT_SPACES = re.compile(
    r"(?P<thing>[\u3040-\u30ff\u3400-\u9fff]{1,8}?)を(?:追加|加え|足し)|(?:添加|加上|增加|"
    r"加)(?:一[只个隻個条朵辆座棵])?(?P<other>[\u3400-\u9fff]{1,6})"
)
_SEVERAL = frozenset(
    (
        *("two", "three", "four", "five", "six", "several", "many", "dos", "tres", "deux", "trois", "zwei", "drei"),
        *("due", "tre", "dois", "duas"),
    )
)
# What keeps a sheet's name from being a style, and what makes it one all the same.
_SHEETS = ("poster", "tiles", "plakat", "affiche", "cartel")
_FORMATS = frozenset(
    (
        *("tall", "wide", "large", "big", "long", "small", "size", "sized", "format", "print", "extend", "crop", "fit"),
        *("a2", "a3", "a4", "hoch", "breit", "grand", "gross", "grosses"),
    )
)
_LOOKS = frozenset(("style", "look", "effect", "filter", "stil", "estilo"))
# "add a cat and a dog".
_SECOND = re.compile(
    r"(?:,|\b(?:and|plus|y|et|und|e|en)) (?:also )?(?:(?P<article>an?|one|some|two|three|un|una|une|uno|um|uma|ein|"
    r"eine|einen|een) )?(?P<thing>\w+(?: \w+){0,3})"
)
_AND_WITHOUT_SPACES = re.compile(r"(?<=\w)(?:と|和|与|跟|하고)(?=\w)")
_QUALITIES = frozenset(("look", "mood", "feel", "feeling", "vibe", "tone", "touch", "atmosphere", "hint", "bit"))
# Where a thing can be put: in the picture, in a corner. Anywhere else is beside something that nothing here knows.
_ANYWHERE = re.compile(
    r"^(?:(?:to|in|into|onto|on|at|a|al|en|la|le|dans|auf|zu|zum|in das|ins|hinzu|dazu|alla|nella|na|a la|sur)\s+)+"
    r"(?:the\s+|this\s+|my\s+|la\s+|el\s+|esta\s+|une?\s+|un\s+|a\s+|das\s+|dem\s+|l\s+|der\s+)*(?:(?:calm|empty|free|"
    r"quiet|lower|upper|bottom|top|left|right)\s+)*"
    r"(?:photo|picture|image|scene|shot|it|corner|side|left|right|foto|imagen|image|bild|immagine|imagem|esquina|coin|"
    r"ecke|hinzu|dazu)\b"
)
_PLACED = re.compile(
    r"\b(?:to|in|into|onto|on|at|next|beside|behind|under|over|near|between|around|above|below|with|for|wearing|"
    r"holding|that|who|"
    r"a la|al|en|sobre|junto|dans|sur|a cote|auf|neben|hinzu|dazu|zu|zum|ins|im|unter|hinter|alla|nella|na|no|bij|toe|"
    r"and|y|et|und)\b"
)


@dataclass(frozen=True, slots=True)
class Caption:
    """Words to set in the picture."""

    text: str
    top: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to put into the picture.

    Attributes:
        word: Its name as the instruction has it, folded.
        phrase: The name with its article and whatever describes it.
    """

    word: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an instruction asks for and this engine can do.

    Attributes:
        operators: Keys of `words.OPERATORS`, in the order in which they run.
        layout: `crop`, `extend`, `closer` or `resize` for one picture, `collage` or `blend` for several.
        caption: To be set at the end.
        thing: To be added last.
        followed: Labels of everything understood, for the caller.
        understood: Words of the instruction that had an effect, in its order.
        ignored: Words that name something and had none.
    """

    operators: tuple[str, ...] = ()
    layout: str | None = None
    caption: Caption | None = None
    thing: Thing | None = None
    followed: tuple[str, ...] = ()
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """An instruction on the way to a plan."""

    text: str
    tokens: list[str]
    quoted: str | None
    on_a_thing: bool = False
    thing: Thing | None = None
    used: list[str] = field(default_factory=list)


def plan(instruction: str, *, pictures: int) -> Plan:
    """Read an instruction.

    Raises:
        Refused: a part of it cannot be done, or no word is understood; an unchanged picture would be no edit.
    """
    reading = _reading(instruction)
    caption = _caption(reading)
    if (kind := refusals.found(reading.text)) is not None:
        raise Refused(refusals.message(kind))
    reading.thing = _thing(reading)
    _check_with(reading)
    operators = _operators(reading)
    layout = _layout(reading, pictures)
    labels = [words.OPERATORS[name].label for name in operators]
    labels += [layout] if layout else []
    labels += ["caption"] * (caption is not None)
    labels += ["add a thing"] * (reading.thing is not None)
    if not labels:
        raise Refused(what_is_possible())
    understood, ignored = _noted(reading)
    if pictures > 1 and not _arranging(reading) and set(ignored) - words.OF_SEVERAL - words.NEGATIONS:
        raise Refused(refusals.message(refusals.NEW_PICTURE))
    return Plan(operators, layout, caption, reading.thing, tuple(labels), understood, ignored)


def what_is_possible() -> str:
    labels = ", ".join(operator.label for operator in words.OPERATORS.values())
    return (
        "The built-in sketch engine cannot do this edit. It can apply these looks: "
        f"{labels}; these layouts: {words.LAYOUT_LABELS}; a caption from quoted text; and add one drawn thing. "
        "Name one of them, or use another engine."
    )


def _reading(instruction: str) -> _Reading:
    instruction = instruction[: wordlists.TEXT_CHARACTERS_MAX]
    match = _QUOTED.search(instruction)
    quoted = next((part for part in match.groups() if part), None) if match else None
    on_a_thing = False
    if quoted is not None and match is not None:
        if _is_a_look(quoted, instruction):
            instruction, quoted = instruction.replace(match[0], f" {quoted} ", 1), None
        else:
            on_a_thing = _on_a_thing(instruction[: match.start()], instruction[match.end() :])
    text = _folded(_QUOTED.sub(" ", instruction) if quoted else instruction)
    text = _PHRASES.sub(lambda found: words.PHRASES[found[0]], opposites.resolved(text))
    described = {word for word in _DESCRIBED.findall(text) if _OPERATORS.calls([word], "")}
    for word in described:
        text = re.sub(rf"\b{word}\s+(?=photo|picture|image|shot|pic)", "", text)
    return _Reading(text, _TOKEN.findall(text), quoted, on_a_thing)


def _on_a_thing(before: str, after: str) -> bool:
    """The quoted words are to stand on something in the picture."""
    return bool(_AFTER_QUOTES.match(_folded(after)) or _BEFORE_QUOTES.search(_folded(before)))


def _folded(instruction: str) -> str:
    """In lower case, without accents, single spaces."""
    return " ".join(re.sub(r"[-'’`]", " ", wordlists.fold(instruction)).split())


def _is_a_look(quoted: str, instruction: str) -> bool:
    """In quotation marks, but no caption: make it look "vintage"."""
    tokens = _TOKEN.findall(_folded(instruction))
    inner = _folded(quoted)
    inner = _PHRASES.sub(lambda found: words.PHRASES[found[0]], inner)
    return not _CAPTION.calls(tokens, wordlists.fold(instruction)) and bool(
        _OPERATORS.calls(_TOKEN.findall(inner), inner)
    )


def _caption(reading: _Reading) -> Caption | None:
    """The quoted text, below unless the instruction says above."""
    cues = _CAPTION.calls(reading.tokens, reading.text)
    if reading.quoted is None:
        if _wants_caption(reading, [word for word, _ in cues]):
            raise Refused(
                "Put the words of the caption in quotation marks; the sketch engine cannot tell them otherwise."
            )
        return None
    if reading.on_a_thing:
        raise Refused(refusals.message(refusals.AT_A_PLACE))
    text = " ".join(reading.quoted.split())
    if not any(unicodedata.category(letter)[0] in VISIBLE for letter in text):
        raise Refused("A caption needs at least one visible letter. Nothing was changed.")
    if len(text) > CAPTION_CHARACTERS_MAX:
        raise Refused(f"A caption has at most {CAPTION_CHARACTERS_MAX} characters; this one has {len(text)}.")
    places = _PLACES.calls(reading.tokens, reading.text)
    reading.used += [word for word, _ in cues] + [word for word, _ in places] + _TOKEN.findall(wordlists.fold(text))
    return Caption(text, next((place for _, place in places), "bottom") == "top")


def _wants_caption(reading: _Reading, cues: list[str]) -> bool:
    if refusals.found(reading.text) is not None:
        return False
    return bool(
        {cue for cue in cues if not _negated(cue, reading)}
        & {
            "caption",
            "text",
            "title",
            "headline",
            "texto",
            "titulo",
            "texte",
            "titre",
            "legende",
            "titel",
            "aufschrift",
            "schriftzug",
            "lettering",
        }
    )


def _thing(reading: _Reading) -> Thing | None:
    """What is to be added: none where "add" speaks of a look, as in "add film grain"."""
    match = _ADD.search(reading.text) or _ADD_WITHOUT_SPACES.search(reading.text)
    if match is None:
        return None
    groups = match.groupdict()
    phrase = (groups.get("thing") or groups.get("other") or "").strip()
    placed = _PLACED.search(phrase)
    name, place = (phrase[: placed.start()], phrase[placed.start() :]) if placed else (phrase, "")
    tokens = [
        token
        for token in _TOKEN.findall(name)
        if token not in ("small", "big", "little", "large", "cute", "petit", "klein")
    ]
    tokens = tokens[:WORDS_OF_A_THING]
    if (
        not tokens
        or _calls_a_look(tokens, name)
        or not (
            groups.get("count")
            or groups.get("other")
            or match.re is _ADD_WITHOUT_SPACES
            or match[0].startswith(("add", "anad", "agreg", "ajout"))
        )
    ):
        return None
    _check_count(groups.get("count"))
    _check_place(place)
    if match.re is _ADD:
        _check_single(reading.text[reading.text.index(name, match.start("thing")) + len(name) :])
    elif _AND_WITHOUT_SPACES.search(name):
        raise Refused(ONE_AT_A_TIME)
    named = [token for token in tokens if not _COLOURS.calls([token], "")] or tokens
    reading.used += [*tokens, match[0].split()[0]]
    article = groups.get("count") or "a"
    return Thing(" ".join(named), " ".join((article, *tokens)))


def _check_single(rest: str) -> None:
    """What follows the thing names no other."""
    again = _ADD.search(rest)
    tokens = _TOKEN.findall(again["thing"])[:WORDS_OF_A_THING] if again else []
    more = bool(tokens) and not _calls_a_look(tokens, " ".join(tokens))
    if more or any(_is_second(found) for found in _SECOND.finditer(rest)):
        raise Refused(ONE_AT_A_TIME)


def _is_second(found: re.Match[str]) -> bool:
    tokens = _TOKEN.findall(found["thing"])
    if found["article"] is None:
        tokens = tokens[:1]
        return tokens[0] not in words.CUES | words.FILLER and _names_a_thing(tokens)
    return not _calls_a_look(tokens, found["thing"]) and not _QUALITIES & set(tokens)


def _names_a_thing(tokens: list[str]) -> bool:
    """As draw mode reads it, and no look."""
    return not _calls_a_look(tokens, " ".join(tokens)) and bool(prompts.read(" ".join(("a", *tokens))).subjects)


def _calls_a_look(tokens: list[str], text: str) -> bool:
    return any(index.calls(tokens, text) for index in (_OPERATORS, _LAYOUTS, _CAPTION)) or set(tokens) <= words.FILLER


def _check_count(count: str | None) -> None:
    if count is not None and (count in _SEVERAL or (count.isdecimal() and count != "1")):
        raise Refused(ONE_AT_A_TIME)


def _check_place(place: str) -> None:
    joined = re.match(r"(?:(?:hinzu|dazu|toe)\s*$|(?:and|y|et|und)\b)", place)
    if place.strip() and not joined and not _ANYWHERE.search(place.strip()):
        raise Refused(
            "The built-in sketch engine cannot do one part of this edit: putting a thing at a certain place of the "
            "picture. "
            "Nothing was changed. Ask to add it without a place: it will stand in the calmest corner."
        )


def _check_with(reading: _Reading) -> None:
    """ "Snow in Paris with a dinosaur"; but "a man with a dog" tells what is in the picture."""
    for found in _WITH.finditer(reading.text):
        tokens = re.split(r" (?:and|in|on|at|for|to|of|from|that|who)\b", found["thing"])[0].split()[
            1 : WORDS_OF_A_THING + 1
        ]
        plain = tokens and not _QUALITIES & set(tokens)
        if plain and _names_a_thing(tokens) and not _names_a_thing([found["before"]]):
            raise Refused(refusals.message(refusals.WITH_A_THING))


def _operators(reading: _Reading) -> tuple[str, ...]:
    """In the order in which they run; of the styles only the first one named: a watercolour of a drawing is neither."""
    taken = set(reading.thing.word.split()) if reading.thing else set()
    names: list[str] = []
    for word, name in _OPERATORS.calls(reading.tokens, reading.text):
        if word in taken or _negated(word, reading) or (_is_style(name) and not _wanted(word, reading)):
            continue
        if _is_style(name) and any(_is_style(other) and other != name for other in names):
            continue
        names.append(name)
        reading.used.append(word)
    if "stars" in names:
        names.append("night")  # by day there are none to be seen
    if {"halfturn", "quarterleft"} & set(names):
        names = [name for name in names if name != "quarter"]
    if "upsidedown" in names:
        names = [name for name in names if name != "mirror"]
    order = list(words.OPERATORS)
    return tuple(sorted(dict.fromkeys(names), key=lambda name: (words.STAGES.index(_stage(name)), order.index(name))))


def _stage(name: str) -> words.Stage:
    return words.OPERATORS[name].stage


def _is_style(name: str) -> bool:
    return _stage(name) == "style"


def _negated(word: str, reading: _Reading) -> bool:
    """Every time it is named, as in "no rain"."""
    places = [place for place, token in enumerate(reading.tokens) if token == word]
    return bool(places) and all(words.NEGATIONS & set(reading.tokens[max(0, place - 3) : place]) for place in places)


def _wanted(word: str, reading: _Reading) -> bool:
    """A style is wanted where a word that asks for one stands near, or the instruction is hardly more than its name."""
    if word not in reading.tokens:
        return len(reading.text) <= 12 or any(cue in reading.text for cue in words.CUES_WITHOUT_SPACES)
    content = [token for token in reading.tokens if token not in words.FILLER]
    if len(content) <= words.SHORT and not _is_shape(word, reading):
        return True
    places = (place for place, token in enumerate(reading.tokens) if token == word)
    return any(_cued(reading.tokens, place) for place in places) and not _is_shape(word, reading)


def _cued(tokens: list[str], place: int) -> bool:
    near = tokens[max(0, place - words.CUE_REACH) : place] + tokens[place + 1 : place + 3]
    return tokens[place].endswith("ify") or bool(words.CUES & set(near))


def _is_shape(word: str, reading: _Reading) -> bool:
    """ "To a tall poster" is a format, "a poster style" is a look."""
    return word in _SHEETS and bool(_FORMATS & set(reading.tokens)) and not _LOOKS & set(reading.tokens)


def _layout(reading: _Reading, pictures: int) -> str | None:
    """What goes with one picture, or with several; the first one named, a collage before a blend."""
    calls = _LAYOUTS.calls(reading.tokens, reading.text)
    calls = [(word, name) for word, name in calls if not _negated(word, reading)]
    names = [
        name
        for _, name in calls
        if (name in words.SEVERAL) == (pictures > 1) or name in ("crop", "extend", "closer", "resize")
    ]
    reading.used += [word for word, name in calls if name in names]
    if pictures > 1:
        names = [name for name in names if name in words.SEVERAL]
        return "collage" if "collage" in names or not names else names[0]
    names = [name for name in names if name not in words.SEVERAL]
    fixed = [name for name in names if name != "resize"]
    return next(iter(fixed or names), None)


def _arranging(reading: _Reading) -> bool:
    """Some word says how the pictures are laid out."""
    calls = _LAYOUTS.calls(reading.tokens, reading.text)
    return any(name in words.SEVERAL and not _negated(word, reading) for word, name in calls)


def _noted(reading: _Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    used = set(reading.used)
    tokens = list(dict.fromkeys(reading.tokens))
    inside = [word for word in dict.fromkeys(reading.used) if word not in tokens]
    ignored = [
        token for token in tokens if token not in used and token not in words.FILLER and not _spells(token, inside)
    ]
    understood = [token for token in tokens if token in used] + inside
    return _short(understood), _short(ignored)


def _spells(token: str, inside: list[str]) -> bool:
    """A run of a script without spaces that holds a word which was understood."""
    return any(word in token for word in inside)


def _short(noted: Iterable[str]) -> tuple[str, ...]:
    return tuple(word[:NOTED_CHARACTERS_MAX] for word in noted)[:NOTED_WORDS_MAX]
