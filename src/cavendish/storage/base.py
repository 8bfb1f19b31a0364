"""What every storage promises; one contract suite runs over all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from cavendish.errors import CavendishError


class StorageError(CavendishError):
    """The storage cannot do it now: full, read-only, away. The message is for the operator."""


class Storage(Protocol):
    """Named, immutable blobs. A name is written once; what `put` returned from is durable and readable."""

    async def identity(self, proposed: str) -> str:
        """The id written into this storage; `proposed` becomes it where there is none yet."""
        ...

    async def put(self, name: str, data: bytes) -> None:
        """Store all of `data` under `name`, or nothing. Raises StorageError."""
        ...

    async def read(self, name: str) -> bytes | None:
        """The bytes, None where there is no such name. Raises StorageError."""
        ...

    def local_path(self, name: str) -> Path | None:
        """A file to serve from, where this storage has files; its existence is not promised."""
        ...

    async def delete(self, name: str) -> None:
        """Remove it; a missing name is fine. Raises StorageError."""
        ...

    def names(self, *, older_than_seconds: float) -> AsyncIterator[list[str]]:
        """All stored names whose last change is that long ago, in batches."""
        ...

    async def clean(self, *, older_than_seconds: float) -> int:
        """Remove leftovers of interrupted writes; how many."""
        ...
