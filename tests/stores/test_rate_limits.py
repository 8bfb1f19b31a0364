"""GCRA's arithmetic against a naive model that only counts what was let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavendish.models import RateLimit
from cavendish.stores import rate_limits
from cavendish.stores.rate_limits import Budget, LocalLimiter, Quota

quotas = st.builds(RateLimit, count=st.integers(1, 500), seconds=st.sampled_from([1, 30, 60, 3600, 86400]))


class Naive:
    """One bucket of `count` tokens that fills evenly: GCRA with burst = count in the plainest words."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit, self.tokens, self.at = limit, float(limit.count), 0.0

    def take(self, now: float) -> bool:
        self.tokens = min(self.limit.count, self.tokens + (now - self.at) * self.limit.count / self.limit.seconds)
        self.at = now
        if self.tokens < 1 - 1e-6:
            return False
        self.tokens -= 1
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@given(quotas, st.lists(st.floats(0, 2), max_size=60))
def test_the_local_limiter_lets_through_exactly_what_a_bucket_does(limit: RateLimit, waits: list[float]) -> None:
    clock, naive = Clock(), Naive(limit)
    original, rate_limits.clock = rate_limits.clock, clock  # type: ignore[assignment]
    try:
        limiter = LocalLimiter(limit)
        naive.at = clock.now
        for share in waits:
            clock.now += share * limit.seconds / limit.count
            before = naive.tokens + (clock.now - naive.at) * limit.count / limit.seconds
            if abs(before - round(before)) < 1e-4:
                clock.now += 0.01 * limit.seconds / limit.count  # not on the very edge: floats differ there
            assert (limiter.take("key") == 0.0) is naive.take(clock.now)
    finally:
        rate_limits.clock = original


@given(quotas, st.integers(0, 500))
def test_remaining_counts_down_one_by_one(limit: RateLimit, taken: int) -> None:
    taken = min(taken, limit.count)
    quota = Quota(Budget("key", limit), taken * limit.seconds / limit.count)

    assert quota.remaining == limit.count - taken
    assert quota.exhausted is (taken == limit.count)


@given(quotas, st.floats(0, 1))
def test_reset_is_when_the_next_call_is_let_through_or_all_are(limit: RateLimit, share: float) -> None:
    quota = Quota(Budget("key", limit), share * limit.seconds)
    later = Quota(Budget("key", limit), max(0.0, quota.full_in_seconds - quota.reset_seconds))

    assert quota.reset_seconds >= (1 if quota.exhausted else 0)
    if quota.exhausted:
        assert later.remaining >= 1
    else:
        assert later.remaining == limit.count


def test_a_fresh_key_has_its_whole_quota_and_one_call_less_after_each() -> None:
    limit = RateLimit(3, 3600)

    assert [Quota(Budget("key", limit), full_in).remaining for full_in in (0.0, 1200.0, 2400.0, 3600.0)] == [3, 2, 1, 0]
    assert Quota(Budget("key", limit), 3600.0).reset_seconds == 1200


def test_the_local_limiter_says_how_long_to_wait() -> None:
    limiter = LocalLimiter(RateLimit(2, 10))

    assert [limiter.take("a") for _ in range(2)] == [0.0, 0.0]
    assert 4.9 < limiter.take("a") <= 5.0
    assert limiter.take("b") == 0.0  # another key has its own budget


def test_a_refused_call_takes_nothing_from_the_local_budget() -> None:
    clock = Clock()
    original, rate_limits.clock = rate_limits.clock, clock  # type: ignore[assignment]
    try:
        limiter = LocalLimiter(RateLimit(1, 10))
        assert limiter.take("a") == 0.0
        for _ in range(100):
            assert limiter.take("a") > 0
        clock.now += 10.001

        assert limiter.take("a") == 0.0
    finally:
        rate_limits.clock = original


@pytest.mark.parametrize("keys_max", [1, 10])
def test_the_local_limiter_forgets_rather_than_grows(keys_max: int) -> None:
    limiter = LocalLimiter(RateLimit(1, 3600), keys_max=keys_max)

    for number in range(1000):
        assert limiter.take(f"key-{number}") == 0.0

    assert len(limiter._full_at) <= keys_max
