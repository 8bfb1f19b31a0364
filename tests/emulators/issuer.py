"""An OpenID Connect issuer that lets everybody in, and is strict with its client; what it says can be spoiled.

A request that a real one would refuse is in `faults`; a test that does not mean one ends with none.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from emulators.server import Reply, Request

CLIENT_ID = "cavendish"
CLIENT_SECRET = "canary-client-secret-7f3a"

DISCOVERY = "/.well-known/openid-configuration"
AUTHORIZE, TOKEN, KEYS = "/authorize", "/token", "/keys"


@dataclass
class Issuer:
    """Attributes:
    url: Where it is; its name, too.
    claims, header: Differ from the usual ones in every token; None takes one away.
    unsigned: Makes a token of header and claims in place of a signature by `key`.
    published: The keys it shows; `key`, the one that it signs with, unless told otherwise.
    replies: In place of its answer, by the last part of the path.
    spoilers: Make something else of its answer, by the same.
    discovery: Differs from the usual document.
    """

    redirect_uri: str
    url: str = ""
    client_secret: str = CLIENT_SECRET
    key: Key = field(default_factory=lambda: ec_key("key-1"))
    alg: str = "ES256"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    unsigned: Any = None
    published: list[Key] | None = None
    replies: dict[str, Reply] = field(default_factory=dict)
    spoilers: dict[str, Callable[[Reply], Reply]] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)  # every code and token
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        for ending, answer in {
            DISCOVERY: self._discovery,
            KEYS: self._keys,
            AUTHORIZE: self._authorize,
            TOKEN: self._token,
        }.items():
            if request.path == self.path + ending:
                found = self.replies.get(ending) or answer(request)
                return self.spoilers.get(ending, lambda reply: reply)(found)
        return self._fault(f"nothing is at {request.path}", 404)

    @property
    def path(self) -> str:
        return "/" + self.url.split("/", 3)[3] if self.url.count("/") > 2 else ""

    def asked(self, ending: str) -> int:
        """How often."""
        return sum(request.path.endswith(ending) for request in self.requests)

    def _discovery(self, request: Request) -> Reply:
        return Reply.json(
            {
                "issuer": self.url,
                "authorization_endpoint": self.url + AUTHORIZE,
                "token_endpoint": self.url + TOKEN,
                "jwks_uri": self.url + KEYS,
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [self.alg],
                **self.discovery,
            }
        )

    def _keys(self, request: Request) -> Reply:
        shown = self.published if self.published is not None else [self.key]
        return Reply.json(KeySet(shown).as_dict(private=False))

    def _authorize(self, request: Request) -> Reply:
        query = request.query
        wanted = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": self.redirect_uri,
            "code_challenge_method": "S256",
        }
        faults = [f"{name} is {query.get(name)}" for name, value in wanted.items() if query.get(name) != value]
        faults += [f"no {name}" for name in ("state", "nonce", "code_challenge") if len(query.get(name, "")) != 43]
        if "openid" not in query.get("scope", "").split():
            faults.append("no scope openid")
        if faults:
            return self._fault("; ".join(faults), 400)
        code = secrets.token_urlsafe(24)
        self._codes[code] = query
        self.issued.append(code)
        back = urlencode({"code": code, "state": query["state"], "iss": self.url})
        return Reply(302, headers={"Location": f"{self.redirect_uri}?{back}"})

    def _token(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if request.method != "POST" or request.headers.get("content-type") != "application/x-www-form-urlencoded":
            return self._fault("the token endpoint takes a POSTed form", 400)
        if not self._is_client(request, form):
            return self._fault("another client", 401, "invalid_client")
        begun = self._codes.pop(form.get("code", ""), None)
        if begun is None:
            return self._fault("a code that was used or never given", 400, "invalid_grant")
        if not _proves(form.get("code_verifier", ""), begun["code_challenge"]):
            return self._fault("another verifier", 400, "invalid_grant")
        if form.get("grant_type") != "authorization_code" or form.get("redirect_uri") != self.redirect_uri:
            return self._fault("another grant", 400, "invalid_grant")
        token = self.token(begun["nonce"])
        self.issued.append(token)
        return Reply.json({"access_token": "canary-access-token", "token_type": "Bearer", "id_token": token})

    def token(self, nonce: str) -> str:
        now = int(time.time())
        usual = {
            "iss": self.url,
            "sub": "248289761001",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "email": "ada@example.com",
            "email_verified": True,
        }
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        usual = {"alg": self.alg, "kid": self.key.kid}
        header = {name: value for name, value in {**usual, **self.header}.items() if value is not None}
        if self.unsigned is not None:
            return str(self.unsigned(header, claims))
        return jwt.encode(header, claims, self.key, algorithms=[self.alg])

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        methods = self.discovery.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = request.headers.get("authorization", "").partition("Basic ")[2]
        if not self.client_secret:
            return form.get("client_id") == CLIENT_ID and not basic
        if "client_secret_basic" not in methods:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, self.client_secret)
        sent = tuple(map(unquote, base64.b64decode(basic).decode().split(":", 1)))
        return sent == (CLIENT_ID, self.client_secret)

    def _fault(self, what: str, status: int, error: str = "invalid_request") -> Reply:
        self.faults.append(what)
        return Reply.json({"error": error, "error_description": "canary-description <script>"}, status)


def rsa_key(kid: str) -> Key:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec_key(kid: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand, as an attacker would."""
    return f"{signing_input(header, claims)}.{_base64(signature)}"


def signing_input(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_base64(orjson.dumps(header))}.{_base64(orjson.dumps(claims))}"


def _proves(verifier: str, challenge: str) -> bool:
    return _base64(hashlib.sha256(verifier.encode()).digest()) == challenge


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
