"""OpenID Connect with one issuer: the authorization code flow with PKCE.

Sources: OpenID Connect Core 1.0 (3.1), Discovery 1.0 (4), RFC 7636, RFC 9700.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from cavendish.identity import names, tokens
from cavendish.identity.base import PendingSignIn, SignInFailed
from cavendish.identity.issuer import Issuer
from cavendish.identity.tokens import UnknownKey
from cavendish.settings import Settings

CALLBACK = "/login/single/callback"


class Oidc:
    """Single sign-on by these settings."""

    def __init__(self, settings: Settings) -> None:
        self.label = settings.oidc_label
        self._client_id = settings.oidc_client_id
        self._claim = settings.oidc_account_claim
        # By the settings, not by the request: a Host header must not choose where the code goes.
        self._redirect_uri = settings.public_url + CALLBACK
        self._issuer = Issuer(
            settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            seconds=settings.oidc_seconds,
        )

    async def begin(self, pending: PendingSignIn) -> str:
        metadata = await self._issuer.metadata()
        url: str = prepare_grant_uri(
            metadata.authorization,
            self._client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=f"openid {'email' if self._claim == names.EMAIL else 'profile'}",
            state=pending.state,
            nonce=pending.nonce,
            code_challenge=create_s256_code_challenge(pending.verifier),
            code_challenge_method="S256",
        )
        return url

    async def finish(self, pending: PendingSignIn, code: str) -> str:
        token = await self._issuer.redeem(code, verifier=pending.verifier, redirect_uri=self._redirect_uri)
        return names.name(await self._proven(token, pending.nonce), self._claim)

    async def close(self) -> None:
        await self._issuer.close()

    async def _proven(self, token: str, nonce: str) -> dict[str, Any]:
        """The token's claims. A key that is not known may be a new one; it is asked for once."""
        expected = {"issuer": (await self._issuer.metadata()).name, "client_id": self._client_id, "nonce": nonce}
        try:
            return tokens.claims(token, await self._issuer.keys(), **expected)
        except UnknownKey:
            known = await self._issuer.keys(anew=True)
        try:
            return tokens.claims(token, known, **expected)
        except UnknownKey as exc:
            raise SignInFailed("token", str(exc)) from exc
