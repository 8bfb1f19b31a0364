"""What the rest of the service sees of callers' pictures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from cavendish.models import InputImage


class Inputs(Protocol):
    """From callers' URLs to safe pictures. Safe to use concurrently; the caller closes it."""

    def collected(
        self, input_image_urls: Sequence[str], *, drawn: int
    ) -> AbstractAsyncContextManager[tuple[InputImage, ...]]:
        """Fetch and decode every URL; the pictures come in the order of the URLs, and are needed in the block alone.

        Args:
            drawn: Pixels of the picture that is made of them: several are made as small as is of no matter to it.

        Raises:
            InputImageFailed: one could not be fetched or read, or they are too large together; the rest is cancelled.
        """
        ...

    async def close(self) -> None: ...
