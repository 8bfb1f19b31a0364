"""Only the key itself opens the door: not one that is nearly it, and not one that begins like it."""

from __future__ import annotations

import random
import string

import httpx2
import pytest
import wire

from cavendish import ids
from cavendish.errors import LoginRequired
from harness import expect
from harness.inprocess import Account
from harness.served_app import ServedApp

PATH = "/api/v1/credits"
NEAR_MISSES = 100


@pytest.fixture
def stranger(server: ServedApp) -> httpx2.Client:
    return httpx2.Client(base_url=server.url, timeout=30)


def refused(stranger: httpx2.Client, account: Account, authorization: str | bytes) -> None:
    """Right after the real key was used, so that whatever is remembered of it is fresh."""
    expect.success(stranger.get(PATH, headers=account.headers))
    answer = stranger.get(PATH, headers={"Authorization": authorization})
    expect.refusal(answer, LoginRequired)
    assert answer.headers["www-authenticate"] == 'Bearer realm="cavendish"'


def resealed(key: str, changed_from: int) -> str:
    """A well-formed key of nobody's that shares its first characters with this one."""
    kept = key[len(ids.KEY_PREFIX) : changed_from]
    rest = ids.KEY_BODY_CHARACTERS - len(kept)
    body = key[len(ids.KEY_PREFIX) : len(ids.KEY_PREFIX) + ids.KEY_BODY_CHARACTERS]
    while key.startswith(ids.KEY_PREFIX + body):  # where one character is chosen, it is that key's in 1 of 62
        body = kept + "".join(random.choices(string.ascii_letters + string.digits, k=rest))
    made = ids.KEY_PREFIX + body + ids._checksum(body)
    assert ids.is_well_formed_key(made) and made != key
    return made


@pytest.mark.parametrize("shared", [9, 12, 16, 20, 24, 32, 40, 48])
def test_a_valid_looking_key_that_begins_like_a_real_one_is_refused(
    stranger: httpx2.Client, account: Account, shared: int
) -> None:
    """LiteLLM CVE-2026-35030: a cache by the key's first characters."""
    refused(stranger, account, f"Bearer {resealed(account.key, shared)}")


def test_a_key_with_one_wrong_character_is_refused(stranger: httpx2.Client, account: Account) -> None:
    chance = random.Random(7)
    for _ in range(NEAR_MISSES):
        at = chance.randrange(len(account.key))
        other = chance.choice([c for c in ids.BASE62 + "_-. =+/é" if c != account.key[at]])
        changed = account.key[:at] + other + account.key[at + 1 :]
        refused(stranger, account, f"Bearer {changed}".encode())


def test_the_checksum_alone_refuses_almost_every_typing_error(account: Account) -> None:
    key = account.key
    typos = [key[:at] + other + key[at + 1 :] for at in range(len(key)) for other in ids.BASE62 if other != key[at]]

    assert not any(ids.is_well_formed_key(typo) for typo in typos)


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1],
        lambda key: key + "0",
        lambda key: key[1:],
        lambda key: key.upper(),
        lambda key: key.lower(),
        lambda key: key.swapcase(),
        lambda key: key[::-1],
        lambda key: key + key,
        lambda key: key + "\0",
        lambda key: "\0" + key,
        lambda key: key.replace("cav_live_", "cav_test_"),
        lambda key: key.removeprefix("cav_live_"),
        lambda key: key[:30] + " " + key[30:],
        lambda key: key + ";",
        lambda key: key + ", " + key,
        lambda key: f'"{key}"',
        lambda key: key + "' OR '1'='1",
        lambda key: key + "%",
        lambda key: key[:20] + "%",
        lambda key: key.replace("a", "а"),  # Cyrillic
        lambda key: key + "\u200b",
        lambda key: "\ufeff" + key,
        lambda key: key.translate({ord(c): ord(c) + 0xFEE0 for c in string.ascii_letters}),
        lambda key: key.encode().hex(),
        lambda key: ids.key_digest(key).hex(),
        lambda key: ids.key_hint(key),
    ],
)
def test_a_key_in_another_form_is_refused(stranger: httpx2.Client, account: Account, change) -> None:  # type: ignore[no-untyped-def]
    changed = change(account.key).encode()
    if b"\0" in changed:
        pytest.skip("no client sends it; the next test does")

    refused(stranger, account, b"Bearer " + changed)


@pytest.mark.parametrize("ending", [b"\0", b"\x0b", b"\x1f", b"\x7f"])
def test_a_key_with_a_control_character_opens_nothing(server: ServedApp, account: Account, ending: bytes) -> None:
    request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.key}".encode()

    heard = wire.talk(server.port, request + ending + b"\r\n\r\n", until=1)

    assert set(heard.statuses) <= {400, 401}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic {}", "Token {}", "{}", "Bearer:{}", "Bearer={}", "Bearer\u00a0{}", "Digest {}"],
)
def test_another_scheme_is_refused(stranger: httpx2.Client, account: Account, authorization: str) -> None:
    refused(stranger, account, authorization.format(account.key).encode("latin-1"))


def test_a_key_elsewhere_than_in_its_header_is_refused(stranger: httpx2.Client, account: Account) -> None:
    key = account.key
    for query in ({"key": key}, {"api_key": key}, {"access_token": key}, {"authorization": f"Bearer {key}"}):
        expect.refusal(stranger.get(PATH, params=query), LoginRequired)
    for headers in ({"Cookie": f"key={key}; authorization={key}"}, {"Proxy-Authorization": f"Bearer {key}"}):
        expect.refusal(stranger.get(PATH, headers=headers), LoginRequired)
    with httpx2.Client(base_url=stranger.base_url, auth=("user", key)) as basic:
        expect.refusal(basic.get(PATH), LoginRequired)


def test_of_two_authorization_headers_a_wrong_first_one_is_not_healed(server: ServedApp, account: Account) -> None:
    request = (
        f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nonsense\r\n"
        f"Authorization: Bearer {account.key}\r\nConnection: close\r\n\r\n"
    )

    assert wire.talk(server.port, request.encode()).statuses in ([400], [401])


def test_a_key_of_one_megabyte_is_cut_before_it_is_read(server: ServedApp) -> None:
    request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer cav_live_{'a' * 2**20}\r\n\r\n"

    heard = wire.talk(server.port, request.encode())

    assert heard.closed
    assert set(heard.statuses) <= {401, 431}


def test_refused_keys_leave_the_real_one_alone(stranger: httpx2.Client, account: Account) -> None:
    for _ in range(200):
        stranger.get(PATH, headers={"Authorization": f"Bearer {ids.new_api_key()}"})

    expect.success(stranger.get(PATH, headers=account.headers))
