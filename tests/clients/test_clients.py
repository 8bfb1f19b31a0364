"""Every existing client works unchanged: the eight kinds that were found, against a real server."""

from __future__ import annotations

import behaviours
import pytest
from behaviours import Client

from cavendish.models import RateLimit
from harness.served_app import ServedApp

SLOW = "a lake sleep=0.25 steps=5"
FAILS = "a lake sleep=0.1 blocked"
PRICE = {"text-example": 8, "poster": 8, "panorama": 8}  # they ask for 2K

clients = pytest.mark.parametrize(("name", "client"), behaviours.ALL.items(), ids=list(behaviours.ALL))


@clients
def test_it_gets_its_picture_and_pays_once(server: ServedApp, name: str, client: Client) -> None:
    account = server.account(credits=100)

    outcome = client(server.url, account.key, SLOW)

    assert outcome.said == ""
    assert outcome.picture is not None and outcome.picture.startswith(b"\x89PNG")
    assert outcome.media_type == "image/png"
    assert outcome.polls > 1
    assert server.balance(account) == (100 - PRICE.get(name, 4), 0)


@clients
def test_it_tells_its_user_why_a_generation_failed_and_nobody_paid(
    server: ServedApp, name: str, client: Client
) -> None:
    account = server.account(credits=100)

    outcome = client(server.url, account.key, FAILS)

    assert outcome.picture is None
    if name == "connector":
        assert (outcome.said, outcome.polls) == ("no image", 30)  # it knows no failure; at least it is not misled
    else:
        assert "declined" in outcome.said
        assert outcome.polls <= 10 * outcome.jobs
    assert outcome.jobs == (3 if name == "panorama" else 1)
    assert server.balance(account) == (100, 0)


@clients
def test_it_tells_its_user_that_credits_are_missing(server: ServedApp, name: str, client: Client) -> None:
    account = server.account(credits=3)

    outcome = client(server.url, account.key, SLOW)

    assert (outcome.picture, outcome.polls) == (None, 0)
    assert "Not enough credits" in outcome.said
    assert server.balance(account) == (3, 0)


@clients
def test_it_tells_its_user_that_the_limit_is_reached(server: ServedApp, name: str, client: Client) -> None:
    account = server.account(limit=RateLimit(1, 3600))
    server.served.call(f"{behaviours.TWO}/generate", {"prompt": "a lake", "mode": "generate"}, account.key)

    outcome = client(server.url, account.key, SLOW)

    assert (outcome.picture, outcome.polls) == (None, 0)
    assert "rate limit exceeded" in outcome.said


@clients
def test_it_tells_its_user_that_the_key_is_wrong(server: ServedApp, name: str, client: Client) -> None:
    outcome = client(server.url, "cav_live_nonsense", SLOW)

    assert (outcome.picture, outcome.polls) == (None, 0)
    assert "key" in outcome.said


def test_the_connectors_own_patience_is_enough_for_a_picture_that_is_there(server: ServedApp) -> None:
    """It asks three times within 0.15 s and gives up; the generation goes on and is found later."""
    account = server.account(credits=100)

    outcome = behaviours.connector(server.url, account.key, "a lake sleep=1", tries=3)

    assert (outcome.said, outcome.polls) == ("no image", 3)
    listed = server.served.call("/api/v1/generations", None, account.key)[1]["generations"]
    assert [generation["prompt"] for generation in listed] == ["a lake sleep=1"]
