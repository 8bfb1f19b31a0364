"""Identifiers: random, of one shape, and typing errors in a key are seen without the database."""

from __future__ import annotations

import os
import random
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavendish import ids

MUTATIONS = int(os.environ.get("CAVENDISH_TEST_EXAMPLES", "0")) * 100 or 10_000


def test_no_single_typing_error_in_a_key_passes_the_checksum() -> None:
    dice, key = random.Random(7), ids.new_api_key()
    passed = 0
    for number in range(MUTATIONS):
        if number % 100 == 0:
            key = ids.new_api_key()
        place = dice.randrange(len(key))
        wrong = dice.choice([character for character in ids.BASE62 if character != key[place]])
        passed += ids.is_well_formed_key(key[:place] + wrong + key[place + 1 :])

    assert passed == 0


def test_no_two_swapped_neighbours_in_a_key_pass_the_checksum() -> None:
    dice = random.Random(7)
    passed = 0
    for _ in range(2000):
        key = ids.new_api_key()
        place = dice.randrange(len(ids.KEY_PREFIX), len(key) - 1)
        swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
        passed += swapped != key and ids.is_well_formed_key(swapped)

    assert passed == 0


def test_a_key_has_the_documented_shape() -> None:
    for _ in range(200):
        key = ids.new_api_key()

        assert re.fullmatch(r"cav_live_[0-9A-Za-z]{46}", key)
        assert ids.is_well_formed_key(key)


@pytest.mark.parametrize(
    "change",
    [
        lambda key: "",
        lambda key: key[:-1],
        lambda key: key + "0",
        lambda key: key + "\n",
        lambda key: " " + key,
        lambda key: key.swapcase(),
        lambda key: key.replace("cav_live_", "cav_test_"),
        lambda key: key[:20] + "\0" + key[21:],
        lambda key: key[:20] + "é" + key[21:],
        lambda key: key[:20] + "\uff11" + key[21:],  # a full-width digit
        lambda key: key * 1000,
        lambda key: "' OR 1=1 --",
    ],
)
def test_what_is_not_a_key_is_refused(change) -> None:
    assert not ids.is_well_formed_key(change(ids.new_api_key()))


@given(st.text(max_size=80))
def test_no_text_makes_the_key_check_fail(text: str) -> None:
    assert ids.is_well_formed_key(text) in (True, False)


def test_a_key_is_stored_as_its_whole_sha256_and_shown_by_its_ends() -> None:
    key = ids.new_api_key()

    assert len(ids.key_digest(key)) == 32
    assert ids.key_digest(key) != ids.key_digest(key[:-1] + ("0" if key[-1] != "0" else "1"))
    hint = ids.key_hint(key)
    assert hint == f"{key[:11]}…{key[-4:]}"
    assert len(hint) < 20


def test_a_generation_id_is_32_hex_digits_of_128_random_bits() -> None:
    made = [ids.new_generation_id() for _ in range(2000)]

    assert len(set(made)) == 2000
    assert all(re.fullmatch(r"[0-9a-f]{32}", one.hex) for one in made)
    ones = sum(one.int.bit_count() for one in made) / 2000
    assert 63 < ones < 65  # no fixed bits, as a UUID of version 4 would have
    assert {one.hex[12] for one in made} == set("0123456789abcdef")


@given(st.uuids(version=None))
def test_a_generation_id_is_read_back(generation_id: uuid.UUID) -> None:
    assert ids.parse_generation_id(generation_id.hex) == generation_id


@pytest.mark.parametrize(
    "text", ["", "x", "0" * 31, "0" * 33, "A" * 32, "0" * 32 + "\n", "g" * 32, "0x" + "0" * 30, "٠" * 32, "-" * 32,
             "00000000-0000-0000-0000-000000000000", "{" + "0" * 30 + "}", "0" * 31 + "\0"]
)  # fmt: skip
def test_anything_else_is_no_generation_id(text: str) -> None:
    assert ids.parse_generation_id(text) is None


@pytest.mark.parametrize(
    ("media_type", "end"), [("image/png", ".png"), ("image/jpeg", ".jpg"), ("image/webp", ".webp")]
)
def test_a_file_name_tells_its_type(media_type: str, end: str) -> None:
    name = ids.new_image_name(fence=1, media_type=media_type)

    assert name.endswith(end) and ids.IMAGE_NAME_PATTERN.fullmatch(name)
    assert ids.image_media_type(name) == media_type


def test_file_names_are_random_carry_the_fence_and_reveal_nothing() -> None:
    names = {ids.new_image_name(fence=7, media_type="image/png") for _ in range(100)}

    assert len(names) == 100
    assert all(ids.IMAGE_NAME_PATTERN.fullmatch(name) and name.endswith("-7.png") for name in names)


def test_pictures_of_one_generation_share_its_stem_and_no_two_claims_share_a_name() -> None:
    names = [ids.image_name("ab" * 16, fence=fence, media_type="image/jpeg") for fence in (1, 2)]

    assert names == ["ab" * 16 + "-1.jpg", "ab" * 16 + "-2.jpg"]
    assert all(ids.IMAGE_NAME_PATTERN.fullmatch(name) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32 + "-1.gif",
        "0" * 32 + "-.png",
        "0" * 32 + "-1.png\n",
        "0" * 32 + "-1.png.tmp",
        "../" + "0" * 29 + "-1.png",
        "A" * 32 + "-1.png",
        "0" * 32 + "-0123456789.png",
        "0" * 31 + "/-1.png",
        "storage-id",
    ],
)
def test_no_other_name_is_an_image_name(name: str) -> None:
    assert not ids.IMAGE_NAME_PATTERN.fullmatch(name)


def test_task_and_key_ids_are_random_on_their_own() -> None:
    assert re.fullmatch(r"task-[0-9a-f]{24}", ids.new_task_id())
    assert re.fullmatch(r"key_[0-9A-Za-z]{12}", ids.new_key_id())
    assert len({ids.new_task_id() for _ in range(100)} | {ids.new_key_id() for _ in range(100)}) == 200
