"""The waves that a mark is made of: which there are, and what a key and a payload make of each.

A mark is a sum of some 2,500 plane waves that repeat every `TILE` units; the geometric mean of a picture's sides is
`UNITS` units, whatever its size in pixels. A secret key gives each wave a phase, and turns it over or not. The pilot is
the waves that are turned the same way in every mark of a key: by them a reader finds place and scale. The others are
dealt to the windows of the payload: window 3 is bits 3 to 14, and the last ones go on at the beginning. How a window's
waves are turned is the row of its code book that its bits number; so the books make a convolutional code without ends
(tail-biting), of the lowest rate.

All of it comes from SHAKE-256, bit by bit: every turn of a wave is a fair coin to whoever does not know the key. The
statistic of `reader` rests on that, and nothing may be drawn from another source. Marks in the world depend on every
number here: change one, and no reader finds them.

Source: Cox, Kilian, Leighton, Shamoon, "Secure spread spectrum watermarking for multimedia" (1997).
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Complexes = npt.NDArray[np.complex64]
Integers = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

UNITS = 400
TILE = 128  # three in a row in a square picture: what a crop leaves has a whole one
# Waves a tile. Longer ones drown in the picture itself, shorter ones do not live through half the size and JPEG.
WAVES_MIN, WAVES_MAX = 4, 40
PILOT = 0.3  # of all waves; it has to be found among millions of places
PAYLOAD_BITS = 40  # numbers for a trillion pictures
WINDOW_BITS = 12  # each bit is in so many windows: the more, the fewer errors, and twice the work


@dataclass(frozen=True, slots=True)
class Carriers:
    """Those of one key: the pilot's waves first, then each window's.

    Attributes:
        down, across: Waves a tile in each direction. Of a pair that is one in a real picture, the one that leads down.
        phases: e to the i phase.
        pilot: 1 or -1 for each wave of the pilot.
        books: For each window a row for each value, in bits: one for each wave of the window.
        window_waves: How many waves a window has.
    """

    down: Integers
    across: Integers
    phases: Complexes
    pilot: Floats
    books: Bytes
    window_waves: int

    def signs(self, payload: int) -> Floats:
        """How each wave is turned in the mark of this payload."""
        rows = self.books[np.arange(PAYLOAD_BITS), _windows(payload)]
        return np.concatenate([self.pilot, _signs(rows, self.window_waves).ravel()])

    def book(self, window: int) -> Floats:
        """A window's rows as 1 and -1."""
        return _signs(self.books[window], self.window_waves)

    def tile(self, payload: int, samples: int) -> Floats:
        """One tile of a mark, `samples` in square; its mean square is 1."""
        waves = self.signs(payload) * self.phases
        spectrum = np.zeros((samples, samples), np.complex64)
        spectrum[self.down, self.across] = waves  # a negative index is a negative frequency
        spectrum[-self.down, -self.across] = np.conj(waves)
        tile = np.fft.ifft2(spectrum).real
        evened: Floats = (tile / tile.std()).astype(np.float32)
        return evened


@functools.lru_cache(maxsize=4)  # a child has one key, and those before it
def of(key: bytes) -> Carriers:
    """The carriers of a key; the same on every machine."""
    down, across = _waves()
    order = np.argsort(np.frombuffer(_drawn(key, "order", 8 * down.size), "<u8"), kind="stable")
    pilot = int(PILOT * down.size)
    window_waves = (down.size - pilot) // PAYLOAD_BITS
    order = order[: pilot + PAYLOAD_BITS * window_waves]
    turns = np.frombuffer(_drawn(key, "phases", 2 * order.size), "<u2") / 65536
    width = -(-window_waves // 8)
    books = np.frombuffer(_drawn(key, "books", (PAYLOAD_BITS << WINDOW_BITS) * width), np.uint8)
    return Carriers(
        down=down[order],
        across=across[order],
        phases=np.exp(2j * np.pi * turns).astype(np.complex64),
        pilot=_signs(np.frombuffer(_drawn(key, "pilot", -(-pilot // 8)), np.uint8), pilot),
        books=books.reshape(PAYLOAD_BITS, 1 << WINDOW_BITS, width),
        window_waves=window_waves,
    )


def _windows(payload: int) -> list[int]:
    """The value of each window, its first bit the lowest."""
    around = payload | payload << PAYLOAD_BITS
    return [around >> first & ((1 << WINDOW_BITS) - 1) for first in range(PAYLOAD_BITS)]


def _waves() -> tuple[Integers, Integers]:
    """Every wave between the shortest and the longest, one of each pair."""
    down, across = np.mgrid[0 : WAVES_MAX + 1, -WAVES_MAX : WAVES_MAX + 1]
    length = np.hypot(down, across)
    chosen = (length >= WAVES_MIN) & (length <= WAVES_MAX) & ((down > 0) | (across > 0))
    return down[chosen], across[chosen]


def _drawn(key: bytes, purpose: str, count: int) -> bytes:
    """So many secret bytes for one purpose."""
    return hashlib.shake_256(b"cavendish watermark 1\0" + purpose.encode() + b"\0" + key).digest(count)


def _signs(bits: Bytes, count: int) -> Floats:
    return np.float32(1) - np.float32(2) * np.unpackbits(bits, axis=-1)[..., :count]
