"""Finds a mark in pixels that were made smaller or larger, cut, turned, or compressed, and says how sure that is.

The picture is flattened (each place by what is usual around it), and its waves are measured at one assumed scale after
another: a crop shows as a scale, for a mark's unit is a part of the whole picture. The pilot's waves tell the offset by
one inverse Fourier transform for each way to turn or mirror a picture. Where the pilot stands out, the payload is read.

**The statistic.** A mark claims that each wave is turned a certain way. Let `a` be how much of each wave the picture
has, turned as claimed; the score is sum(a) / sqrt(sum(a * a)). In a picture that was made without the key every turn
is a fair coin whatever the picture shows, so by Hoeffding's inequality a claim has a score of z or more with a
probability of at most exp(-z * z / 2). `CLAIMS` counts all that can be compared: every
scale, turn, offset and payload. So `p_value` = CLAIMS * exp(-z * z / 2) bounds the chance that anything is found in a
picture without a mark, with no assumption about pictures.
"""

from __future__ import annotations

import functools
import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cavendish.marks.watermark import carriers, decoding, planes
from cavendish.marks.watermark.carriers import PAYLOAD_BITS, TILE, WAVES_MAX, Carriers, Complexes, Floats, Integers
from cavendish.marks.watermark.planes import Pixels

Truths = npt.NDArray[np.bool_]

FALSE_FINDS_MAX = 1e-6  # a picture
CONFIDENCE_MIN = 0.99

# A cut to half of both sides is half the scale; a picture on a page that is a quarter wider and taller is the largest.
SCALE_MIN, SCALE_MAX = 0.5, 1.25
SCALE_STEP = 0.006  # half of it off moves the edge of a picture by a fifth of the shortest wave
_FINER_SCALES = (-0.002, 0.0, 0.002)
_FINER_OFFSETS = (-0.5, -0.25, 0.0, 0.25, 0.5)  # units; the transform gives whole ones
_TURNS = 8  # four quarters, and the same mirrored
_PLACES = 6  # that are looked at more closely, of all
_READINGS = 2  # of them that are read
_PILOT_SURE = 8.0  # no noise among so many places is as high: look at once

_SAMPLES = 1.0  # of brightness, a unit
_AROUND = 7  # samples; what is usual around a place
_NOISE = 1.0  # steps of brightness that do not count as detail
_OUTLIER = 3.0
_RING = 3  # waves; the width in which a picture's waves are measured against each other

CLAIMS = (
    (math.floor(math.log(SCALE_MAX / SCALE_MIN) / SCALE_STEP) + 1)
    * len(_FINER_SCALES)
    * _TURNS
    * TILE**2
    * len(_FINER_OFFSETS) ** 2
    * 2**PAYLOAD_BITS
)


# What a score has to be for that bound.
SCORE_MIN = math.sqrt(2 * math.log(CLAIMS / FALSE_FINDS_MAX))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one place says.

    Attributes:
        confidence: How likely the payload is read right, if there is a mark.
        score: See the statistic above.
        scale: 1 for the whole picture; 0.9 where a tenth of its sides was cut.
    """

    payload: int
    confidence: float
    score: float
    scale: float

    @property
    def p_value(self) -> float:
        return min(1.0, math.exp(math.log(CLAIMS) - self.score**2 / 2))


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where the pilot stands out: how far, at which scale, turned which way, how many units down and across."""

    pilot: float
    scale: float
    turn: int
    down: int
    across: int


@dataclass(frozen=True, slots=True)
class _Look:
    """A place, closer: the pilot's sum, the scale, and how much there is of each carrier."""

    pilot: float
    scale: float
    amounts: Floats


def best(pixels: Pixels, key: bytes) -> Reading:
    """The likeliest reading, mark or not."""
    sought = _Sought(carriers.of(key))
    view = _View(pixels)
    places: list[_Place] = []
    for scale in _scales():
        place = sought.place(view.waves(scale), scale)
        if place.pilot > _PILOT_SURE and convincing(reading := _read(_closer(view, place, sought), sought)):
            return reading
        places = heapq.nlargest(_PLACES, [*places, place])
    closer = sorted((_closer(view, place, sought) for place in places), key=lambda look: look.pilot, reverse=True)
    return max((_read(look, sought) for look in closer[:_READINGS]), key=lambda reading: reading.score)


def convincing(reading: Reading) -> bool:
    return reading.score >= SCORE_MIN and reading.confidence >= CONFIDENCE_MIN


def _scales() -> Iterator[float]:
    """The whole picture first, then ever further from it."""
    first, last = (math.log(scale) / SCALE_STEP for scale in (SCALE_MIN, SCALE_MAX))
    for step in sorted(range(math.ceil(first), math.floor(last) + 1), key=abs):
        yield math.exp(step * SCALE_STEP)


class _Sought:
    """The carriers of a key, as a turned or mirrored picture has them."""

    def __init__(self, carried: Carriers) -> None:
        self.carriers = carried
        lookups = [_lookup(carried, turn) for turn in range(_TURNS)]
        count = carried.pilot.size
        self._pilot = np.conj(carried.phases[:count]) * carried.pilot
        self._down, self._across, self._paired = (np.stack(part) for part in zip(*lookups, strict=True))

    def turned(self, waves: Complexes, turn: int) -> Complexes:
        """What the picture, turned so, has of each carrier, by the phase it should have."""
        found = waves[self._down[turn], self._across[turn]]
        upright: Complexes = np.where(self._paired[turn], np.conj(found), found) * np.conj(self.carriers.phases)
        return upright

    def place(self, waves: Complexes, scale: float) -> _Place:
        """Where the pilot stands out most at this scale, over all turns and offsets: one transform for each turn."""
        count = self.carriers.pilot.size
        down, across = self.carriers.down[:count], self.carriers.across[:count]
        found = waves[self._down[:, :count], self._across[:, :count]]
        pilot = np.where(self._paired[:, :count], np.conj(found), found) * self._pilot
        right = across >= 0
        spectra = np.zeros((_TURNS, TILE, TILE // 2 + 1), np.complex64)
        spectra[:, np.where(right, down, -down), np.abs(across)] = np.where(right, pilot, np.conj(pilot))
        spectra[:, 1 - TILE // 2 :, 0] = np.conj(spectra[:, TILE // 2 - 1 : 0 : -1, 0])
        usual = np.sqrt(2 * np.sum(np.abs(pilot) ** 2, axis=1)) / TILE**2
        offsets = np.fft.irfft2(spectra, axes=(1, 2)).reshape(_TURNS, -1)
        tops = offsets.argmax(axis=1)
        stands_out = offsets[np.arange(_TURNS), tops] / (usual + 1e-12)
        turn = int(stands_out.argmax())
        return _Place(float(stands_out[turn]), scale, turn, *divmod(int(tops[turn]), TILE))


def _lookup(carried: Carriers, turn: int) -> tuple[Integers, Integers, Truths]:
    """Row and column of each carrier among the waves of the picture, and whether its pair is there in its place."""
    down, across = (carried.across, carried.down) if turn & 1 else (carried.down, carried.across)
    across = -across if turn & 2 else across
    down = -down if turn & 4 else down
    paired = down < 0
    sign = np.where(paired, -1, 1)
    return down * sign, across * sign + WAVES_MAX, paired


class _View:
    """A picture as a reader sees it."""

    def __init__(self, pixels: Pixels) -> None:
        self._plane = _flattened(planes.brightness(pixels, _SAMPLES))
        units = planes.unit_size(pixels.shape[1], pixels.shape[0])
        self._samples = self._plane.shape[1] / units[0], self._plane.shape[0] / units[1]  # a unit, across and down

    def waves(self, scale: float) -> Complexes:
        """How much of each wave the picture has, if it was cut from one that this is the scale of.

        A row for each number of waves down, from 0; a column for each across, from the most negative.
        """
        height, width = self._plane.shape
        across = _circle(width, TILE * self._samples[0] / scale)
        down = _circle(height, TILE * self._samples[1] / scale)
        right = self._plane @ across.real - 1j * (self._plane @ across.imag)
        both = np.concatenate([np.conj(right[:, :0:-1]), right], axis=1)
        return _evened(np.conj(down).T @ both)


def _circle(count: int, period: float) -> Complexes:
    """Each number of waves at each sample, as e to the i angle; angles are measured from the picture's edge."""
    samples = np.arange(count, dtype=np.float32) + np.float32(0.5)
    angles = np.outer(samples, np.arange(WAVES_MAX + 1, dtype=np.float32) * np.float32(2 * np.pi / period))
    found = np.empty(angles.shape, np.complex64)
    np.cos(angles, out=found.real)
    np.sin(angles, out=found.imag)
    return found


def _flattened(plane: Floats) -> Floats:
    detail = plane - planes.box_mean(plane, _AROUND)
    usual = np.sqrt(np.maximum(0, planes.box_mean(detail * detail, _AROUND)))
    return np.clip(detail / (usual + _NOISE), -_OUTLIER, _OUTLIER)


def _evened(waves: Complexes) -> Complexes:
    """Each against what is usual for its length, and none above twice that: no stripe of a picture outvotes others."""
    sizes = np.abs(waves)
    rings, members = _rings()
    usual = (np.bincount(rings.ravel(), sizes.ravel()) / members + 1e-9).astype(np.float32)[rings]
    evened: Complexes = (waves / np.maximum(usual, sizes / 2)).astype(np.complex64)
    return evened


@functools.cache
def _rings() -> tuple[Integers, Integers]:
    """Of each wave, which ring it is in; of each ring, how many waves it has."""
    down, across = np.mgrid[0 : WAVES_MAX + 1, -WAVES_MAX : WAVES_MAX + 1]
    rings: Integers = (np.hypot(down, across) / _RING).astype(np.int64)
    return rings, np.bincount(rings.ravel())


def _closer(view: _View, place: _Place, sought: _Sought) -> _Look:
    """A place with scale and offset made finer, as the pilot has them."""
    return max((_shifted(view, place, finer, sought) for finer in _FINER_SCALES), key=lambda look: look.pilot)


def _shifted(view: _View, place: _Place, finer: float, sought: _Sought) -> _Look:
    """The best of the offsets around a place, at a scale beside its own."""
    carried = sought.carriers
    scale = place.scale * math.exp(finer)
    turned = sought.turned(view.waves(scale), place.turn)
    down, across = (_shifts(*moved) for moved in ((carried.down, place.down), (carried.across, place.across)))
    count = carried.pilot.size
    sums = ((turned[:count] * carried.pilot * down[:, :count]) @ across[:, :count].T).real
    best_down, best_across = np.unravel_index(int(np.argmax(sums)), sums.shape)
    amounts: Floats = (turned * down[best_down] * across[best_across]).real
    return _Look(float(sums.max()), scale, amounts)


def _shifts(waves: Integers, units: int) -> Complexes:
    """A row for each of the finer offsets: what undoes it in each wave."""
    moved = units + np.array(_FINER_OFFSETS)
    return np.exp(2j * np.pi / TILE * np.outer(moved, waves)).astype(np.complex64)


def _read(look: _Look, sought: _Sought) -> Reading:
    """The payload that fits best."""
    carried = sought.carriers
    pilot = look.amounts[: carried.pilot.size] * carried.pilot
    gain = max(0.0, float(pilot.mean())) / (float(pilot.var()) + 1e-9)
    payload, confidence = decoding.payload(np.float32(gain) * _fits(look.amounts[pilot.size :], carried))
    sums = float(look.amounts @ carried.signs(payload)), float(look.amounts @ look.amounts)
    return Reading(payload, confidence, sums[0] / math.sqrt(sums[1] + 1e-9), look.scale)


def _fits(amounts: Floats, carried: Carriers) -> Floats:
    """How well each value of each window fits."""
    windows = amounts.reshape(PAYLOAD_BITS, carried.window_waves)
    return np.stack([carried.book(number) @ window for number, window in enumerate(windows)])
