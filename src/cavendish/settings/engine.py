"""An engine's own settings, read from the environment: `CAVENDISH_<NAME>_<SUFFIX>`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cavendish.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class EngineSetting:
    """One setting of an engine.

    Attributes:
        suffix: `BASE_URL` is `CAVENDISH_GEMINI_BASE_URL` for the engine `gemini`.
        why: What it does and why the default is what it is; a line of the reference.
        default: As it would be written; empty: not set.
        parse: From text to value; raises ValueError with the way out.
        secret: Never shown.
        also: Another variable that is read where this one is not set, for the engine of the kind's own name only.
    """

    suffix: str
    why: str
    default: str = ""
    parse: Callable[[str], Any] = str
    secret: bool = False
    also: str = ""


class Options(Mapping[str, str]):
    """The environment as one engine sees it. `name` is its name in routes, `kind` the module that builds it."""

    def __init__(self, name: str, environment: Mapping[str, str], *, kind: str | None = None) -> None:
        self.name = name
        self.kind = kind or name
        self._environment = environment

    def variable(self, setting: EngineSetting) -> str:
        return f"CAVENDISH_{self.name.upper().replace('-', '_')}_{setting.suffix}"

    def text(self, setting: EngineSetting) -> str:
        """What is written, or the default."""
        found = self._environment.get(self.variable(setting), "")
        if not found and setting.also and self.name == self.kind:
            found = self._environment.get(setting.also, "")
        return found or setting.default

    def value(self, setting: EngineSetting) -> Any:
        """The parsed setting; None where neither it nor its default is set.

        Raises:
            ConfigurationError: it cannot be read; the message names the variable and the way out.
        """
        text = self.text(setting)
        if not text:
            return None
        try:
            return setting.parse(text)
        except ValueError as exc:
            # Python's own sentences quote the value.
            found = "the value is not valid" if setting.secret else f"{text!r} is not valid: {exc}"
            raise ConfigurationError(f"{self.variable(setting)}: {found}") from None

    def required(self, setting: EngineSetting) -> Any:
        value = self.value(setting)
        if value is None:
            other = f" or {setting.also}" if setting.also and self.name == self.kind else ""
            raise ConfigurationError(f"the engine {self.name} needs {self.variable(setting)}{other}: {setting.why}")
        return value

    def described(self, settings: tuple[EngineSetting, ...]) -> list[tuple[str, str, str]]:
        """Variable, value and reason of each setting; secrets are masked."""
        return [
            (self.variable(one), "********" if one.secret and self.text(one) else self.text(one), one.why)
            for one in settings
        ]

    def __getitem__(self, name: str) -> str:
        return self._environment[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environment)

    def __len__(self) -> int:
        return len(self._environment)
