"""Prices in whole credits: what is held, and what is charged for what was really delivered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavendish import pricing
from cavendish.models import PIXELS_1K, RATIOS, Quality, pixels

PRICES = {Quality.ONE_K: 4, Quality.TWO_K: 8, Quality.FOUR_K: 16}


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("quality", Quality)
def test_a_picture_of_the_size_asked_for_costs_its_price(ratio: str, quality: Quality) -> None:
    width, height = pixels(ratio, quality)

    assert pricing.charge(PRICES, pricing.price(PRICES, quality), width, height) == PRICES[quality]


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(("asked", "delivered"), [("2K", "1K"), ("4K", "2K"), ("4K", "1K")])
def test_a_smaller_picture_costs_what_its_own_quality_costs(ratio: str, asked: str, delivered: str) -> None:
    width, height = pixels(ratio, Quality(delivered))

    assert pricing.charge(PRICES, PRICES[Quality(asked)], width, height) == PRICES[Quality(delivered)]


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize(("asked", "delivered"), [("1K", "2K"), ("1K", "4K"), ("2K", "4K")])
def test_a_bigger_picture_never_costs_more_than_was_held(ratio: str, asked: str, delivered: str) -> None:
    width, height = pixels(ratio, Quality(delivered))

    assert pricing.charge(PRICES, PRICES[Quality(asked)], width, height) == PRICES[Quality(asked)]


def test_reaching_a_quality_has_ten_percent_to_spare_in_area() -> None:
    smallest = min(width * height for width, height in PIXELS_1K.values())
    enough = round(smallest * 4 * 0.9) + 1

    assert pricing.charge(PRICES, 8, enough, 1) == 8
    assert pricing.charge(PRICES, 8, enough - 2, 1) == 4


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("asked", Quality)
def test_1k_is_enough_whatever_was_asked_for_and_a_picture_of_another_engine_too(ratio: str, asked: Quality) -> None:
    assert pricing.is_enough(asked, *pixels(ratio, Quality.ONE_K))
    assert pricing.is_enough(asked, 1024, 1024)


@pytest.mark.parametrize(("asked", "least"), [("1K", (256, 231)), ("2K", (512, 461)), ("4K", (1024, 922))])
def test_a_quarter_of_each_side_is_enough_with_ten_percent_to_spare_in_area(asked: str, least: tuple[int, int]) -> None:
    width, height = least

    assert pricing.is_enough(Quality(asked), width, height)
    assert not pricing.is_enough(Quality(asked), width, height - 1)


def test_the_smallest_picture_still_costs_the_smallest_price() -> None:
    assert pricing.charge(PRICES, 16, 1, 1) == 4


def test_a_price_that_rose_meanwhile_is_not_charged() -> None:
    dearer = {quality: 10 * price for quality, price in PRICES.items()}

    assert pricing.charge(dearer, 8, *pixels("1:1", Quality.TWO_K)) == 8


@given(
    st.tuples(*[st.integers(1, 1_000_000)] * 3),
    st.integers(1, 1_000_000),
    st.integers(1, 60_000),
    st.integers(1, 60_000),
)
def test_a_charge_is_whole_at_least_one_and_at_most_what_was_held(
    table: tuple[int, int, int], held: int, width: int, height: int
) -> None:
    charge = pricing.charge(dict(zip(Quality, table, strict=True)), held, width, height)

    assert type(charge) is int
    assert 1 <= charge <= held


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.integers(0, 500))
def test_more_pixels_never_cost_less(width: int, height: int, more: int) -> None:
    assert pricing.charge(PRICES, 16, width, height) <= pricing.charge(PRICES, 16, width + more, height)
