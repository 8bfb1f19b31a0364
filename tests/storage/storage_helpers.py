"""The storages under the contract suite: one maker per module of the package."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from pathlib import Path

from cavendish import storage as storages
from cavendish.storage.base import Storage
from cavendish.storage.local import LocalStorage

MODULES = sorted({module.name for module in pkgutil.iter_modules(storages.__path__)} - {"base"})
MAKERS: dict[str, Callable[[Path], Storage]] = {"local": LocalStorage}
