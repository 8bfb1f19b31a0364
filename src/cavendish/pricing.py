"""What a picture costs, in whole credits."""

from __future__ import annotations

from collections.abc import Mapping

from cavendish.models import PIXELS_1K, Quality

_SMALLEST_1K = min(width * height for width, height in PIXELS_1K.values())  # ratios differ in area by less than 10 %


def price(prices: Mapping[Quality, int], quality: Quality) -> int:
    """Credits held when a generation of this quality is submitted."""
    return prices[quality]


def is_enough(quality: Quality, width: int, height: int) -> bool:
    """Whether a picture of this size may be paid for at all, when this quality was ordered.

    A quarter of each side that was ordered is the least: an engine that draws 1K whatever is asked of it delivers, and
    a thumbnail or a dot is none. Judged by area, and with 10 % to spare, as the charge is.
    """
    return width * height >= 0.9 * _SMALLEST_1K * quality.scale**2 / 16


def charge(prices: Mapping[Quality, int], held: int, width: int, height: int) -> int:
    """Credits captured for what was really delivered: never more than was held.

    A picture smaller than the quality asked for costs what the largest quality it reaches costs. Reaching is judged
    by area, with 10 % to spare, because ratios differ in area by less than that.
    """
    area = width * height
    reached = [credits for quality, credits in prices.items() if area >= 0.9 * _SMALLEST_1K * quality.scale**2]
    return min(held, max(reached, default=min(prices.values())))
