"""From the claims of a proven token to the name of an account, and whether the settings let it in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cavendish.identity.base import SignInFailed

EMAIL = "email"

_CHARACTERS_MAX = 100  # of an account's name
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def name(claims: Mapping[str, Any], claim: str) -> str:
    """The account's name that the claims tell.

    Raises:
        SignInFailed: there is none that can be used, or it is an e-mail address that nobody has verified.
    """
    value = claims.get(claim)
    if not isinstance(value, str) or not _is_name(value) or (claim == EMAIL and not _ADDRESS.fullmatch(value)):
        fix = "let the issuer put it into the ID token, or set CAVENDISH_OIDC_ACCOUNT_CLAIM to a claim that is there"
        raise SignInFailed("claim", "the ID token has no name in the account claim", fix=fix)
    if claim != EMAIL:
        return value
    # Said in so many words, by a boolean or, as some issuers do, by text. Unsaid is unverified: at many issuers people
    # may write any address into their profile, and this one decides whose account opens.
    verified = claims.get("email_verified")
    if verified is not True and verified != "true":
        fix = "let the issuer verify it and say email_verified, or set CAVENDISH_OIDC_ACCOUNT_CLAIM to another claim"
        raise SignInFailed("unverified", "the issuer does not say that the e-mail address is verified", fix=fix)
    return _plain(value)


def is_listed(name: str, entries: Iterable[str], claim: str) -> bool:
    """Whether one of a setting's entries is this name."""
    return name in (map(_plain, entries) if claim == EMAIL else entries)


def is_allowed(name: str, entries: Iterable[str], claim: str) -> bool:
    """Whether one of a setting's entries means this name: as it is, or by its domain where names are e-mail addresses.

    Only there: a name of another kind may end in any "@domain" that its owner likes.
    """
    entries = tuple(entries)
    domains = {_plain(entry).removeprefix("@") for entry in entries} if claim == EMAIL else set()
    return is_listed(name, entries, claim) or name.rpartition("@")[2] in domains


def _is_name(value: str) -> bool:
    return 0 < len(value) <= _CHARACTERS_MAX and value.isprintable() and value == value.strip()


def _plain(address: str) -> str:
    """In small letters, as people and issuers mix them. ASCII only: some other letters become ASCII ones by it."""
    return address.lower() if address.isascii() else address
