"""The issuer as HTTP: what it says of itself, its keys, and what it gives for a code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, Unpack

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from joserfc.jwk import KeySet

from cavendish import clock
from cavendish.egress.json_client import CallFailed, JsonClient, NotJson, Sent
from cavendish.identity import tokens
from cavendish.identity.base import SignInFailed
from cavendish.settings import parsers

WELL_KNOWN = "/.well-known/openid-configuration"

_ANSWER_BYTES_MAX = 256 * 1024  # the largest issuers' documents and key sets have some 20 KB
_KEPT_SECONDS = 600.0  # an issuer changes its keys hours ahead, and an unknown key is asked for at once
_CONNECTIONS_MAX = 16
_ERRORS = ("invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")
_FIX_ISSUER = "set CAVENDISH_OIDC_ISSUER to the issuer that its own discovery document names"
_FIX_CLIENT = "compare CAVENDISH_OIDC_CLIENT_ID and CAVENDISH_OIDC_CLIENT_SECRET with the client at the issuer"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the discovery document says, as far as it is used. `name` is the issuer as its tokens write it."""

    name: str
    authorization: str
    token: str
    keys: str
    client_auth: str


class _Remembered(Generic[T]):
    """A value that is read again when its last reading is too old; once, however many wait for it.

    Who waited while a reading failed hears of that failure: one after the other they would wait for hours.
    """

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._found: T | None = None
        self._read_at = 0.0
        self._failures = 0
        self._failure = SignInFailed("issuer", "")

    async def get(self) -> T:
        before = self._failures
        async with self._lock:
            if self._failures != before:
                raise SignInFailed(self._failure.trouble, self._failure.reason, fix=self._failure.fix)
            if self._found is None or clock.monotonic() - self._read_at >= _KEPT_SECONDS:
                self._found, self._read_at = await self._reading(), clock.monotonic()
            return self._found

    async def _reading(self) -> T:
        try:
            return await self._read()
        except SignInFailed as exc:
            self._failure = exc
            self._failures += 1
            raise

    def forget(self) -> None:
        self._found = None


class Issuer:
    """Asks one issuer. Every question ends after `seconds`, every answer at its size; none follows a redirect.

    All raise:
        SignInFailed: no answer that can be used.
    """

    def __init__(self, url: str, *, client_id: str, client_secret: str, seconds: float) -> None:
        self._url = url
        self._client_id = client_id
        self._client_secret = client_secret
        self._client = JsonClient(
            seconds=seconds,
            connect_seconds=seconds,
            headers={"Accept": "application/json"},
            connections_max=_CONNECTIONS_MAX,
            answer_bytes_max=_ANSWER_BYTES_MAX,
        )
        self._metadata = _Remembered(self._discover)
        self._keys = _Remembered(self._read_keys)

    async def close(self) -> None:
        await self._client.close()

    async def metadata(self) -> Metadata:
        return await self._metadata.get()

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The keys that sign its tokens. `anew`: as they are now, not as they were remembered."""
        if anew:
            self._keys.forget()
        return await self._keys.get()

    async def redeem(self, code: str, *, verifier: str, redirect_uri: str) -> str:
        """The ID token behind a code, which works once."""
        metadata = await self.metadata()
        body = prepare_token_request("authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)
        auth = ClientAuth(self._client_id, self._client_secret, metadata.client_auth)
        url, headers, body = auth.prepare("POST", metadata.token, dict(_FORM), body)
        status, answer = await self._ask("POST", url, headers=headers, content=body)
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise _refusal(status, answer.get("error"))
        return token

    async def _discover(self) -> Metadata:
        status, found = await self._ask("GET", self._url.rstrip("/") + WELL_KNOWN)
        if status != 200:
            raise SignInFailed("issuer", f"its discovery document: status {status}", fix=_FIX_ISSUER)
        name = found.get("issuer")
        # Operators add or forget the last slash; anything else would be another issuer's document.
        if not isinstance(name, str) or name.rstrip("/") != self._url.rstrip("/"):
            raise SignInFailed("issuer", "its discovery document is another issuer's", fix=_FIX_ISSUER)
        return Metadata(
            name=name,
            authorization=_endpoint(found, "authorization_endpoint"),
            token=_endpoint(found, "token_endpoint"),
            keys=_endpoint(found, "jwks_uri"),
            client_auth=self._client_auth(found.get("token_endpoint_auth_methods_supported")),
        )

    async def _read_keys(self) -> KeySet:
        status, found = await self._ask("GET", (await self.metadata()).keys)
        if status != 200:
            raise SignInFailed("issuer", f"its key set: status {status}")
        return tokens.keys(found)

    def _client_auth(self, methods: object) -> str:
        """How we prove ourselves: in the header, which is the default, unless it takes the secret in the body only."""
        if not self._client_secret:
            return "none"
        post_only = (
            isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
        )
        return "client_secret_post" if post_only else "client_secret_basic"

    async def _ask(self, method: str, url: str, **sent: Unpack[Sent]) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of its answer."""
        try:
            answer = await self._client.call(method, url, **sent)
        except CallFailed as exc:
            raise SignInFailed("issuer", f"no answer: {exc}") from exc
        try:
            return answer.status, answer.object()
        except NotJson as exc:
            raise SignInFailed("issuer", f"status {answer.status}, and {exc}", fix=_FIX_ISSUER) from exc


def _endpoint(document: Mapping[str, Any], member: str) -> str:
    url = document.get(member)
    try:
        safe = isinstance(url, str) and parsers.is_private_way(url)
    except ValueError:  # no URL at all
        safe = False
    if not isinstance(url, str) or not safe:
        raise SignInFailed("issuer", f"its discovery document has no https address as {member}")
    return url


def _refusal(status: int, error: object) -> SignInFailed:
    """Why there is no token. Of what the issuer writes only the standard's own words reach a log."""
    if error == "invalid_grant":
        return SignInFailed("stale", "the issuer does not take the code: it was used, is too old or is not for us")
    word = error if isinstance(error, str) and error in _ERRORS else "no ID token"
    return SignInFailed("issuer", f"its token endpoint: status {status}, {word}", fix=_FIX_CLIENT)
