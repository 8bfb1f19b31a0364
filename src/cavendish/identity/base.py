"""What the rest of the service sees of single sign-on: sign-ins under way, names, and why one failed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Literal, Protocol

from cavendish.errors import CavendishError

Trouble = Literal[
    "account",  # nobody has made an account of this name
    "busy",  # our own database is away
    "claim",  # the token does not tell the name
    "declined",  # the issuer did not let the person in
    "denied",  # the issuer did; the settings do not
    "issuer",  # the issuer gave no answer that can be used
    "off",  # there is no single sign-on here
    "slow",  # too many from this address
    "stale",  # not begun in this browser, or too long ago
    "token",  # the ID token is not one to trust
    "unverified",  # the issuer has not verified the e-mail address
]

_PART = r"[A-Za-z0-9_-]{43}"
_PACKED = re.compile(rf"({_PART})\.({_PART})\.({_PART})")


class SignInFailed(CavendishError):
    """A single sign-on came to nothing.

    Attributes:
        trouble: All that the person is told, as a word of ours: nothing that came with the request or from the issuer.
        reason: Why, for logs: no token, no code, no secret.
        fix: What the operator can do; empty where nothing is known.
    """

    def __init__(self, trouble: Trouble, reason: str, *, fix: str = "") -> None:
        self.trouble = trouble
        self.reason = reason
        self.fix = fix
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """One sign-in under way: three secrets that only its browser and we know; `state` and `nonce` pass the issuer.

    state: the answer belongs to a sign-in that this browser began. nonce: so does the token. verifier (PKCE): whoever
    catches the code on its way cannot use it.
    """

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begun(cls) -> PendingSignIn:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def unpacked(cls, text: str) -> PendingSignIn | None:
        """From a cookie's value; None where it is none of ours."""
        match = _PACKED.fullmatch(text)
        return cls(*match.groups()) if match else None

    def packed(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"


class SingleSignOn(Protocol):
    """One issuer. Safe to use concurrently."""

    label: str

    async def begin(self, pending: PendingSignIn) -> str:
        """The address at the issuer to which the browser goes.

        Raises:
            SignInFailed: it cannot be known.
        """
        ...

    async def finish(self, pending: PendingSignIn, code: str) -> str:
        """The name of the account for whose owner the issuer vouches with this code.

        Raises:
            SignInFailed: it does not, or not for this sign-in; or the name may not sign in here.
        """
        ...

    async def close(self) -> None: ...
