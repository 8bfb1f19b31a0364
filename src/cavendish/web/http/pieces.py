"""Uploads that come in several pieces, until they are whole: in this process's memory, each in a large body's place.

What is not whole and hears nothing more goes after a while, and its place with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect

from cavendish.errors import InvalidInput, ServiceBusy

_PIECES_MAX = 80  # of one upload: its 20 MB in pieces of 256 KiB, the smallest that Google's own take


@dataclass(slots=True)
class Upload:
    """What has come of one; `whole` once there is nothing to wait for."""

    pieces: list[bytes] = field(default_factory=list)
    whole: bool = False
    busy: bool = False
    place: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    timer: asyncio.TimerHandle | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    def add(self, piece: bytes, offset: int) -> None:
        """One that is sent again, because its answer was lost, takes the place of itself. Raises InvalidInput."""
        while self.pieces and self.size > offset:
            self.pieces.pop()
        if self.size != offset:
            raise InvalidInput(f"X-Goog-Upload-Offset {offset} is not where a piece began or ended: start anew")
        if len(self.pieces) >= _PIECES_MAX:
            raise InvalidInput(f"This upload has {_PIECES_MAX} pieces already; send larger ones")
        self.pieces.append(piece)


class Pieces:
    """Those of one process, by their permits.

    Args:
        seconds: How long what is not whole waits for its next piece.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun: dict[str, Upload] = {}

    def size(self, permit: str) -> int:
        """How many bytes of it have come."""
        found = self._begun.get(permit)
        return found.size if found else 0

    @contextlib.contextmanager
    def of(self, permit: str, offset: int, place: Callable[[], AbstractContextManager[None]]) -> Iterator[Upload]:
        """The upload, for one piece. It is forgotten, and its place given back, once it is whole or was refused.

        Raises:
            InvalidInput: what came before this piece is not here.
            ServiceBusy: there is no room for it, or another piece of it is on its way.
        """
        upload = self._entered(permit, offset, place)
        upload.busy = True
        try:
            yield upload
        except ClientDisconnect:  # it may come again
            self._wait(permit, upload)
            raise
        except BaseException:
            self._drop(permit)
            raise
        else:
            if upload.whole:
                self._drop(permit)
            else:
                self._wait(permit, upload)
        finally:
            upload.busy = False

    def _entered(self, permit: str, offset: int, place: Callable[[], AbstractContextManager[None]]) -> Upload:
        upload = self._begun.get(permit)
        if upload is None:
            if offset:
                raise InvalidInput("Nothing of this upload is here, or not any more: start anew")
            upload = Upload()
            upload.place.enter_context(place())
            self._begun[permit] = upload
        if upload.busy:
            raise ServiceBusy("Another piece of this upload is on its way", retry_after_seconds=1)
        if upload.timer is not None:
            upload.timer.cancel()
        return upload

    def _wait(self, permit: str, upload: Upload) -> None:
        upload.timer = asyncio.get_running_loop().call_later(self._seconds, self._drop, permit)

    def _drop(self, permit: str) -> None:
        if (upload := self._begun.pop(permit, None)) is not None:
            upload.place.close()
