"""What every storage promises; one contract suite runs over all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from cavendish.errors import CavendishError


class StorageError(CavendishError):
    """The storage cannot do it now: full, read-only, away. The message is for the operator."""


class StorageMissing(StorageError):
    """What is there is not the storage that was opened: its mount is gone, or another one is in its place."""


class Storage(Protocol):
    """Named, immutable blobs. A name is written once; what `put` returned from is durable and readable.

    Whatever is asked is asked of the storage that was opened, known by the id in it. Where that is not there now, and
    before anything was opened, all raise StorageMissing, and nothing is made, changed or taken for lost.
    """

    async def open(self, known: str | None) -> str:
        """The id of what is there. From now on this is the storage, where it is the `known` one or none was known.

        Args:
            known: The id that it must have; None: the first start, which gives an id to a storage that has none.

        Raises:
            StorageMissing: nothing with an id is there, and one is known.
            StorageError: it cannot be used.
        """
        ...

    async def verify(self) -> None:
        """Look whether it is there. Raises StorageMissing, StorageError."""
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

    async def free_bytes(self) -> int | None:
        """Room that is left; None where nobody counts it. Raises StorageError."""
        ...

    def names(self, *, older_than_seconds: float) -> AsyncIterator[list[str]]:
        """All stored names whose last change is that long ago by the storage's own clock, in batches.

        Raises StorageError.
        """
        ...

    async def clean(self, *, older_than_seconds: float) -> int:
        """Remove leftovers of interrupted writes; how many. Raises StorageError."""
        ...
