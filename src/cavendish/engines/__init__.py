"""What makes pixels: one module or package per engine, found by name, loaded in workers only."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
from collections.abc import Mapping

from cavendish.engines.base import Build, Engine
from cavendish.errors import ConfigurationError

GROUP = "cavendish.engines"


def names() -> list[str]:
    """Every engine that a route may name, without loading one."""
    own = {module.name for module in pkgutil.iter_modules(__path__)} - {"base"}
    return sorted(own | {entry.name for entry in importlib.metadata.entry_points(group=GROUP)})


def load(name: str, options: Mapping[str, str]) -> Engine:
    """The engine of this name.

    Raises:
        ConfigurationError: there is none, or it cannot be set up; the message says which there are.
    """
    for entry in importlib.metadata.entry_points(group=GROUP, name=name):
        return _built(entry.load(), options)
    if name not in names():
        raise ConfigurationError(f"CAVENDISH_ROUTES names the engine {name!r}; there are: {', '.join(names())}")
    return _built(importlib.import_module(f"{__name__}.{name}").build, options)


def _built(build: Build, options: Mapping[str, str]) -> Engine:
    return build(options)
