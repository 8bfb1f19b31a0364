"""A finished picture is stored, however often that takes: it is paid for. The deadline ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from cavendish import ids
from cavendish.storage.base import Storage, StorageError

log = structlog.get_logger("cavendish.attempt")

_STORAGE_SECONDS = 2.0  # before another try


async def kept(storage: Storage, name: str, data: bytes, copies: Mapping[int, bytes]) -> None:
    """Its smaller copies first, by width: whoever finds the picture finds them."""
    for width, copy in copies.items():
        await _surely(storage, ids.copy_name(name, width), copy)
    await _surely(storage, name, data)


async def _surely(storage: Storage, name: str, data: bytes) -> None:
    told_once = False
    while True:
        try:
            return await storage.put(name, data)
        except StorageError as exc:
            if not told_once:
                log.error("picture not stored, trying on", error=str(exc))
            told_once = True
            await asyncio.sleep(_STORAGE_SECONDS)
