"""Settings of engines: `CAVENDISH_<ENGINE>_<NAME>`, or `<name>` in the table `[<engine>]` of `DATA/cavendish.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from cavendish.errors import ConfigurationError
from cavendish.settings import sources
from cavendish.settings.declaration import Place, Setting, first


@dataclass(frozen=True, slots=True)
class EngineSetting(Setting):
    """One setting of an engine; an engine's module lists its own as `SETTINGS`.

    Attributes:
        default: As it would be written; empty: not set.
        also: Another variable that is read where this one is not set, for the engine of the kind's own name only.
    """

    default: str = ""
    _: KW_ONLY
    also: str = ""


class Options(Mapping[str, str]):
    """The environment as one engine sees it. `name` is its name in routes, `kind` the module that builds it."""

    def __init__(self, name: str, environment: Mapping[str, str], *, kind: str | None = None) -> None:
        self.name = name
        self.kind = kind or name
        self._environment = environment

    def variable(self, setting: EngineSetting) -> str:
        return sources.variable(self.name, setting.name)

    def text(self, setting: EngineSetting) -> str:
        """What is written, or the default."""
        found = first(self._places(setting))
        return str(found[1]) if found else ""

    def value(self, setting: EngineSetting) -> Any:
        """The parsed setting; None where neither it nor its default is set.

        Raises:
            ConfigurationError: it cannot be read; the message names the variable and the way out.
        """
        return setting.value(self._places(setting))

    def required(self, setting: EngineSetting) -> Any:
        """The parsed setting.

        Raises:
            ConfigurationError: it is not set or cannot be read; the message names the variable and the way out.
        """
        value = self.value(setting)
        if value is None:
            names = " or ".join((self.variable(setting), *self._others(setting)))
            raise ConfigurationError(f"the engine {self.name} needs {names}: {setting.why}")
        return value

    def described(self, settings: Iterable[EngineSetting]) -> list[tuple[str, str, str]]:
        """Variable, value and reason of each setting; secrets are masked."""
        return [self._described(one) for one in settings]

    def __getitem__(self, name: str) -> str:
        return self._environment[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environment)

    def __len__(self) -> int:
        return len(self._environment)

    def _described(self, setting: EngineSetting) -> tuple[str, str, str]:
        variable, text, why = setting.shown(self.variable(setting), self.text(setting))
        return variable, text, why + "".join(f" `{other}` is read too." for other in self._others(setting))

    def _places(self, setting: EngineSetting) -> list[Place]:
        own = self.variable(setting)
        read: list[Place] = [(name, self._environment.get(name) or None) for name in (own, *self._others(setting))]
        return [*read, (own, setting.default or None)]

    def _others(self, setting: EngineSetting) -> list[str]:
        return [setting.also] if setting.also and self.name == self.kind else []


def engine_environment(data: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What engines read their settings from: the environment, and below it `DATA/cavendish.toml` under the same names.

    `base_url` in the table `[openai-flux]` is `CAVENDISH_OPENAI_FLUX_BASE_URL`.
    """
    return sources.layered(sources.read_file(data), environment)
