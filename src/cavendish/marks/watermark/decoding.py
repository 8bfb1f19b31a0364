"""From how well each value of each window fits, the payload and how sure it is.

The sum over all payloads, forwards and backwards, as Bahl, Cocke, Jelinek and Raviv have it (1974). The bits stand in a
circle, so each direction goes around twice and only the second time counts: the first finds out where it begins.
"""

from __future__ import annotations

import numpy as np

from cavendish.marks.watermark.carriers import PAYLOAD_BITS, WINDOW_BITS, Floats

_STATES = 1 << (WINDOW_BITS - 1)  # the bits that a window shares with the next one


def payload(fits: Floats) -> tuple[int, float]:
    """The likeliest bits, and the probability that all of them are right.

    Args:
        fits: Logarithm of the likelihood, for each window and value.
    """
    before, after = _before(fits), _after(fits)
    found, confidence = 0, 1.0
    for window in range(PAYLOAD_BITS):
        whole = np.tile(before[window], 2) + fits[window] + np.repeat(after[window], 2)
        zero, one = (float(np.logaddexp.reduce(whole[bit::2])) for bit in (0, 1))
        found |= (one > zero) << window
        confidence /= 1 + float(np.exp(-abs(one - zero)))
    return found, confidence


def _before(fits: Floats) -> list[Floats]:
    """For each window, by its lower bits: what the windows before it say of them."""
    state = np.zeros(_STATES, np.float32)
    known = []
    for window in [*range(PAYLOAD_BITS)] * 2:
        known.append(state)
        both = np.tile(state, 2) + fits[window]
        state = _even(np.logaddexp(both[0::2], both[1::2]))
    return known[PAYLOAD_BITS:]


def _after(fits: Floats) -> list[Floats]:
    """For each window, by its upper bits: what the windows after it say of them."""
    state = np.zeros(_STATES, np.float32)
    known = []
    for window in [*reversed(range(PAYLOAD_BITS))] * 2:
        known.append(state)
        both = fits[window] + np.repeat(state, 2)
        state = _even(np.logaddexp(both[:_STATES], both[_STATES:]))
    return known[: PAYLOAD_BITS - 1 : -1]


def _even(state: Floats) -> Floats:
    """The same with 0 as the highest: only differences count, and sums stay small."""
    evened: Floats = state - state.max()
    return evened
