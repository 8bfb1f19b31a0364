"""A generation's picture in the storage: one file, and smaller copies beside it."""

from __future__ import annotations

from cavendish import ids
from cavendish.storage.base import Storage


async def delete(storage: Storage, name: str) -> None:
    """Remove it and its copies; a missing one is fine. Raises StorageError."""
    for width in ids.COPY_WIDTHS:
        await storage.delete(ids.copy_name(name, width))
    await storage.delete(name)
