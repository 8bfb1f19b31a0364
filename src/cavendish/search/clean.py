"""Text from strangers' pages as plain words, and a caller's prompt as a query. Bounded work, whatever the text.

A picture's prompt is a language of its own in some engines: `<lora:…>`, `(word:1.4)`, `--ar 16:9`, arguments as JSON
between tags. What pages say must stay words, so every sign of such syntax goes.
"""

from __future__ import annotations

import html
import re
import unicodedata
import urllib.parse

QUERY_CHARACTERS_MAX = 300  # what one search can use; SearXNG hands it to engines that refuse more
_RAW_CHARACTERS_MAX = 2000  # of one text, looked at: ten times what is used of it by default
_LAYERS_MAX = 4  # of markup inside entities inside markup; what is left then loses its signs all the same
_ADDRESS_CHARACTERS_MAX = 2000

_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template|noscript|svg|iframe)\b.*?(?:</\1\s*>|\Z)"
    r"|</?[a-z!?][^<>]*>?",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+|\b(?:www\.|javascript:|data:|mailto:)\S+", re.IGNORECASE)
_SYNTAX = re.compile(r"[<>\[\](){}|\\`*#]+|[-_=~]{2,}|&#?\w{1,31};")
# Letters and marks that no one sees: they could carry words past a reader.
_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_NOT_IN_ADDRESSES = re.compile(r"[\s<>\"\\^`{|}]")
_ENDS = ".!?…。！？"
# First in a word they are orders to a search service: which engines, which language, how long, what not.
_ORDERS = "!?:<-+"


def plain(text: str) -> str:
    """The words of the text on one line: no markup, entities, addresses, control, bidi or invisible characters."""
    text = text[:_RAW_CHARACTERS_MAX]
    for _ in range(_LAYERS_MAX):
        before = text
        # Cut again: some signs become eighteen.
        text = unicodedata.normalize("NFKC", html.unescape(text))[:_RAW_CHARACTERS_MAX]
        text = _MARKUP.sub(" ", _visible(text))
        if text == before:
            break
    return " ".join(_SYNTAX.sub(" ", _ADDRESS.sub(" ", text)).split())


def sentence(text: str, *, characters_max: int) -> str:
    """The beginning of the text, ended like a sentence."""
    if len(text) <= characters_max and text.endswith(tuple(_ENDS)):
        return text
    text = cut(text, characters_max=characters_max - 1).rstrip(",;:-– ")
    return text if not text or text.endswith(tuple(_ENDS)) else f"{text}."


def cut(text: str, *, characters_max: int) -> str:
    """At most so many characters, ended between two words where the text has such places."""
    if len(text) <= characters_max:
        return text
    head, space, _ = text[: characters_max + 1].rpartition(" ")
    return head if space and len(head) >= characters_max // 2 else text[:characters_max]


def query(prompt: str, *, words_max: int | None = None) -> str:
    """What to search for a prompt: its beginning, without orders to the service. May be empty."""
    words = (word.lstrip(_ORDERS) for word in _visible(prompt[:_RAW_CHARACTERS_MAX]).split())
    kept = [word for word in words if word][:words_max]
    return cut(" ".join(kept), characters_max=QUERY_CHARACTERS_MAX)


def is_web_address(text: str) -> bool:
    """Whether it may be named to a caller as a page: http(s), a host, no password, nothing unseen in it."""
    if len(text) > _ADDRESS_CHARACTERS_MAX or not text.isprintable() or _NOT_IN_ADDRESSES.search(text):
        return False
    try:
        parts = urllib.parse.urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _visible(text: str) -> str:
    """Without what Unicode calls control, format, surrogate, private or unassigned; any space is a space."""
    if text.isascii() and text.isprintable():
        return text
    shown = (sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)
    return _HIDDEN.sub("", "".join(shown))
