"""ID tokens and the keys that sign them, by Authlib and its JOSE library: no signature is checked by our own code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from cavendish.errors import CavendishError
from cavendish.identity.base import SignInFailed

# Signatures only, by keys whose secret half the issuer alone has. What its documents allow is not asked: `none`, or a
# MAC by a secret that others know too, has no place here whatever they say.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")

LEEWAY_SECONDS = 60  # by which the issuer's clock may differ from ours
_KEYS_MAX = 100  # large issuers publish up to ten

# What the library raises for bytes that are not what they should be: some of it comes from below.
_MALFORMED = (JoseError, ValueError, TypeError, KeyError)


class UnknownKey(CavendishError):
    """The token names a key that is not in this set: the issuer may have a new one."""


def keys(document: Mapping[str, Any]) -> KeySet:
    """The signing keys of a JWK set; those that cannot be read are left out, for others do the work meanwhile.

    Raises:
        SignInFailed: there is none.
    """
    listed = document.get("keys")
    entries = listed[:_KEYS_MAX] if isinstance(listed, list) else []
    found = [key for key in map(_key, entries) if key is not None]
    if not found:
        raise SignInFailed("issuer", "the issuer's key set has no key that can be used")
    return KeySet(found)


def claims(token: str, known: KeySet, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """What the token says, once it is proven: signed by the issuer, for us, for this sign-in, and in time.

    Raises:
        SignInFailed: it is not.
        UnknownKey: it cannot be told with these keys.
    """
    # Not strict about header members: some issuers add their own.
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        decoded = jwt.decode(token, known, registry=registry)
        # Without `value` the library does not look at whom a token is from and for.
        options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
        found = CodeIDToken(decoded.claims, decoded.header, options, {"nonce": nonce, "client_id": client_id})
        found.validate(leeway=LEEWAY_SECONDS)
    except InvalidKeyIdError as exc:
        raise UnknownKey("the ID token is signed by a key that is not in the issuer's set") from exc
    except _MALFORMED as exc:
        raise SignInFailed("token", f"the ID token is not valid: {_named(exc)}") from exc
    return dict(found)


def _key(entry: Any) -> Key | None:
    if not isinstance(entry, dict) or entry.get("kty") == "oct" or entry.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(entry)
        key.ensure_kid()
    except _MALFORMED:
        return None
    return key


def _named(exc: Exception) -> str:
    """The kind of error and the claim it is about: its own text may quote the token."""
    return f"{type(exc).__name__} {exc.claim}" if isinstance(exc, ClaimError) else type(exc).__name__
