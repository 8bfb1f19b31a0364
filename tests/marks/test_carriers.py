"""What a mark is made of: the same everywhere and for ever, secret, and readable with errors."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cavendish.marks.watermark import carriers, decoding
from cavendish.marks.watermark.carriers import PAYLOAD_BITS, TILE

KEY = b"the key of these tests, 32 bytes"
PAYLOAD = 0xC0FFEE1234


def fits(payload: int, errors: float, seed: int = 1) -> np.ndarray:
    """What a reader has of a payload: its waves, each with noise of so many times its strength."""
    carried = carriers.of(KEY)
    amounts = carried.signs(payload)[carried.pilot.size :]
    amounts = amounts + np.random.default_rng(seed).normal(0, errors, amounts.size).astype(np.float32)
    windows = amounts.reshape(PAYLOAD_BITS, -1)
    return np.stack([carried.book(number) @ window for number, window in enumerate(windows)]) / errors**2


def test_a_key_and_a_payload_make_the_same_mark_on_every_machine_and_in_every_version() -> None:
    """Marks that are in the world are read by what this says: no number of it may ever change."""
    carried = carriers.of(b"any key")
    turns = np.round(np.angle(carried.phases) * 20).astype("<i4")
    parts = (carried.down.astype("<i8"), carried.across.astype("<i8"), turns, carried.signs(PAYLOAD).astype("<i1"))

    digest = hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()

    assert digest == "d9375e5db0f68055121f0bd9b1cac8deae7eba14a8577b2da53b2797860f9f6e"


def test_half_of_all_waves_are_turned_over_and_two_keys_agree_on_half() -> None:
    one, other = carriers.of(b"one"), carriers.of(b"other")
    same = np.mean(one.signs(PAYLOAD) == other.signs(PAYLOAD))

    assert abs(one.signs(PAYLOAD).mean()) < 0.08  # four deviations of so many fair coins
    assert abs(same - 0.5) < 0.04
    assert sorted(zip(one.down, one.across, strict=True)) != list(zip(one.down, one.across, strict=True))


def test_each_wave_is_there_once_and_its_pair_is_not() -> None:
    carried = carriers.of(KEY)
    waves = set(zip(carried.down.tolist(), carried.across.tolist(), strict=True))

    assert len(waves) == carried.down.size
    assert not any((-down, -across) in waves for down, across in waves)


def test_a_tile_repeats_without_a_seam() -> None:
    tile = carriers.of(KEY).tile(PAYLOAD, TILE)
    step = np.abs(np.diff(tile, axis=0)).max()

    assert tile.std() == pytest.approx(1, abs=0.01)
    assert np.abs(tile[0] - tile[-1]).max() <= step


@pytest.mark.parametrize("payload", [0, 1, (1 << PAYLOAD_BITS) - 1, PAYLOAD, 1 << (PAYLOAD_BITS - 1)])
def test_a_payload_is_read_through_noise_and_its_confidence_says_so(payload: int) -> None:
    found, confidence = decoding.payload(fits(payload, errors=3.0))

    assert found == payload
    assert confidence > 0.999


def test_a_payload_is_read_with_more_than_a_third_of_its_waves_wrong() -> None:
    carried = carriers.of(KEY)
    signs = carried.signs(PAYLOAD)[carried.pilot.size :]
    chance = np.random.default_rng(5)
    wrong = np.where(chance.random(signs.size) < 0.36, -signs, signs).reshape(PAYLOAD_BITS, -1)

    found, _ = decoding.payload(
        np.stack([carried.book(n) @ window for n, window in enumerate(wrong)]) * np.float32(0.55)
    )

    assert found == PAYLOAD


def test_who_is_confident_is_right() -> None:
    """With noise at which a fifth of the payloads is lost, what is read with a confidence of 0.99 is right."""
    read = [(payload, decoding.payload(fits(payload, errors=4.8, seed=payload))) for payload in range(1, 40)]
    confident = [(payload, found) for payload, (found, confidence) in read if confidence >= 0.99]

    assert 0 < len(confident) < len(read)
    assert all(payload == found for payload, found in confident)
