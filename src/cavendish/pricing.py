"""What a picture costs, in whole credits."""

from __future__ import annotations

from collections.abc import Mapping

from cavendish.models import PIXELS_1K, Quality


def price(prices: Mapping[Quality, int], quality: Quality) -> int:
    """Credits held when a generation of this quality is submitted."""
    return prices[quality]


def charge(prices: Mapping[Quality, int], held: int, width: int, height: int) -> int:
    """Credits captured for what was really delivered: never more than was held.

    A picture smaller than the quality asked for costs what the largest quality it reaches costs. Reaching is judged
    by area, with 10 % to spare, because ratios differ in area by less than that.
    """
    smallest_1k = min(w * h for w, h in PIXELS_1K.values())
    reached = [credits for quality, credits in prices.items() if width * height >= 0.9 * smallest_1k * quality.scale**2]
    return min(held, max(reached, default=min(prices.values())))
