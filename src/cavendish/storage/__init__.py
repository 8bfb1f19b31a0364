"""Where pictures live: one module per kind, all with the promises of `base.py`."""

from __future__ import annotations

from cavendish.settings import Settings
from cavendish.storage.base import Storage


def build(settings: Settings) -> Storage:
    """The storage that the settings name."""
    from cavendish.storage.local import LocalStorage

    return LocalStorage(settings.storage_root, group=settings.storage_group)
