"""One setting, of the service or of an engine: how it is declared, read and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from cavendish.errors import ConfigurationError
from cavendish.settings import sources
from cavendish.settings.parsers import MASK, Unreadable

# What a place is called in a message, and what is written there; None: nothing.
Place = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Setting:
    """What there is to say of one setting, once.

    Attributes:
        name: As in the file. An engine's own name stands before it in the environment, and is the table in the file.
        why: What it does and why the default is what it is; a line of the reference.
        parse: From text to value; raises ValueError with the way out.
        secret: Never shown.
        masked: What of a secret that cannot be read may be shown, so that it can be mended; None: nothing.
    """

    name: str
    why: str
    _: KW_ONLY
    parse: Callable[[str], Any] = str
    secret: bool = False
    masked: Callable[[str], str] | None = None

    def value(self, places: Iterable[Place]) -> Any:
        """The value from the first place where something is written; None where nothing is.

        Raises:
            ConfigurationError: it cannot be read; the message names the place and the way out, and no secret.
        """
        found = first(places)
        return None if found is None else self._read(*found)

    def shown(self, variable: str, text: str) -> tuple[str, str, str]:
        """Variable, text and reason, for whoever looks; a secret is masked."""
        return variable, MASK if self.secret and text else text, self.why

    def _read(self, place: str, written: object) -> Any:
        text = sources.plain(written)
        try:
            return self.parse(text)
        except ValueError as exc:
            cause = None if self.secret else exc
            raise ConfigurationError(f"{place}: {self._refusal(text, exc)}") from cause

    def _refusal(self, text: str, reason: ValueError) -> str:
        if not self.secret:
            return f"{text!r} is not valid: {reason}"
        shown = repr(self.masked(text)) if self.masked else "the value"
        # Sentences of Python and of other packages may quote the value.
        return f"{shown} is not valid: {reason}" if isinstance(reason, Unreadable) else f"{shown} is not valid"


def setting(
    default: Any,
    parse: Callable[[str], Any],
    why: str,
    *,
    secret: bool = False,
    masked: Callable[[str], str] | None = None,
) -> Any:
    """The same as a field of the service's own settings, with its default."""
    metadata = {"parse": parse, "why": why, "secret": secret, "masked": masked}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def first(places: Iterable[Place]) -> Place | None:
    """The first place where something is written."""
    return next((place for place in places if place[1] is not None), None)
