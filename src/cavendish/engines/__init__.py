"""What makes pixels: one module or package per engine, found by name, loaded in workers only.

A route may name an engine of a kind more than once: `openai-flux` and `openai-local` are two engines of the kind
`openai`, each with settings of its own (`CAVENDISH_OPENAI_FLUX_BASE_URL`).
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
import re
from collections.abc import Collection, Mapping

from cavendish.engines.base import Build, Engine, capabilities
from cavendish.errors import CavendishError, ConfigurationError
from cavendish.settings import sources
from cavendish.settings import unknown as unknown_names
from cavendish.settings.engine import EngineSetting, Options
from cavendish.telemetry import raised

GROUP = "cavendish.engines"
_NO_ENGINES = {"base"}


def names() -> list[str]:
    """Every kind of engine that a route may name, without loading one."""
    own = {module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")} - _NO_ENGINES
    return sorted(own | {entry.name for entry in importlib.metadata.entry_points(group=GROUP)})


def kind(name: str) -> str | None:
    """Which kind of engine a name in a route is; None where there is none."""
    known = names()
    if name in known:
        return name
    first = name.partition("-")[0]
    return first if first in known else None


def load(name: str, environment: Mapping[str, str]) -> Engine:
    """The engine of this name.

    Raises:
        ConfigurationError: there is none, or its settings or its package are wrong; the message says the way out.
        CavendishError: it broke; the message says where, and nothing of what it said.
    """
    found = _known(name)
    try:
        engine = _builder(found)(Options(name, environment, kind=found))
    except CavendishError:
        raise
    except Exception as exc:
        raise CavendishError(f"the engine {name} cannot be set up: {raised.place(exc)}") from exc
    assert engine.name == name, f"{name} calls itself {engine.name}"
    try:
        capabilities(engine)
    except Exception as exc:
        raise ConfigurationError(f"the engine {name} does not tell what it can: {raised.place(exc)}") from exc
    return engine


def described(name: str, environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Variable, value and reason of each of the engine's own settings; secrets are masked."""
    found = _known(name)
    return Options(name, environment, kind=found).described(settings(found))


def settings(found: str) -> tuple[EngineSetting, ...]:
    """The settings that engines of this kind have."""
    build = _builder(found)
    return getattr(importlib.import_module(build.__module__), "SETTINGS", ())


def unknown(names: Collection[str], environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting of these engines and is none.

    A kind that declares no settings may read whatever begins with its name.
    """
    kinds = sorted({_known(name) for name in names})
    return [line for own in kinds for line in _unknown(own, names, environment)]


def _unknown(own: str, names: Collection[str], environment: Mapping[str, str]) -> list[str]:
    variables = {variable for name in names if kind(name) == own for variable, _, _ in described(name, {})}
    if not variables:
        return []
    prefix = sources.variable(own, "")
    # Of other engines of the kind too: a route may name them again tomorrow.
    setting = re.compile(f"{prefix}(.+_)?({'|'.join(one.name.upper() for one in settings(own))})")
    written = [name for name in unknown_names.written(environment, prefix) if not setting.fullmatch(name)]
    return [unknown_names.told(name, variables) for name in written]


def _known(name: str) -> str:
    found = kind(name)
    if found is None:
        raise ConfigurationError(f"CAVENDISH_ROUTES names the engine {name!r}; there are: {', '.join(names())}")
    return found


def _builder(found: str) -> Build:
    for entry in importlib.metadata.entry_points(group=GROUP, name=found):
        loaded: Build = entry.load()
        return loaded
    build: Build = importlib.import_module(f"{__name__}.{found}").build
    return build
