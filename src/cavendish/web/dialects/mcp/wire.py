"""JSON-RPC as MCP's Streamable HTTP carries it, in both eras: what a POST asks for, and how it is refused.

Handshake era (2024-11-05 to 2025-11-25): `initialize` agrees on a version, which a header names from then on. Stateless
era (2026-07-28): every request says in `_meta` which version it speaks and what its client can, and the headers repeat
it. Nothing is remembered between requests in either, so any process answers any of them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers

from cavendish.errors import CavendishError, shown

HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STATELESS = ("2026-07-28",)
_UNSAID = "2025-03-26"  # whoever names no version; source: Streamable HTTP 2025-06-18, protocol version header

# Source: JSON-RPC 2.0, section 5.1, and MCP 2026-07-28.
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
HEADER_MISMATCH, MISSING_CAPABILITY, UNSUPPORTED_VERSION = -32020, -32021, -32022

_META = "io.modelcontextprotocol/"
_VERSION, _CAPABILITIES = f"{_META}protocolVersion", f"{_META}clientCapabilities"
SERVER_INFO = f"{_META}serverInfo"
_ROUTING = ("mcp-protocol-version", "mcp-method", "mcp-name")
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
# The Python SDK sends no Mcp-Name with these; where one comes, it must be right all the same.
_MAY_BE_NAMED_BY = {"tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId"}
_ENCODED = re.compile(r"=\?base64\?(.*)\?=")


class Refused(CavendishError):
    """A request that is no good as JSON-RPC or as MCP.

    Args:
        status: Of HTTP, in the stateless era; the handshake era has 200 for all that is well-formed.
    """

    def __init__(
        self, code: int, message: str, *, status: int = 400, data: Any = None, malformed: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data, self.malformed = code, message, status, data, malformed


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        version: Of the protocol that the client speaks.
        capabilities: What it says it can; known in the stateless era only.
        progress_token: It wants to hear of progress, under this name.
    """

    id: int | str
    method: str
    params: Mapping[str, Any]
    version: str
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    progress_token: int | str | None = None

    @property
    def is_stateless(self) -> bool:
        return self.version in STATELESS

    @property
    def knows_links(self) -> bool:
        """Whether results may have resource links and structured content, which came with 2025-06-18."""
        return self.version >= "2025-06-18"


def read(headers: Headers, message: Mapping[str, Any]) -> Call | None:
    """The request in this message; None for a notification or an answer, which nobody waits for.

    Raises:
        Refused: it is none of these, or says two things at once.
    """
    method, version = message.get("method"), headers.get("mcp-protocol-version")
    if message.get("jsonrpc") != "2.0":
        raise _malformed("The body must be one JSON-RPC 2.0 message, with jsonrpc, id, method and params")
    if not isinstance(method, str) or "id" not in message:
        _check_unanswered(message, method, version)
        return None
    params = _params(message)
    meta = _object(params.get("_meta"))
    token = meta.get("progressToken")
    token = token if type(token) in (int, str) else None
    if _VERSION not in meta and (version is None or version in HANDSHAKE):
        return Call(message["id"], method, params, version or _UNSAID, progress_token=token)
    _check_stateless(headers, method, params, meta)
    return Call(message["id"], method, params, meta[_VERSION], meta[_CAPABILITIES], token)


def _params(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if type(message["id"]) not in (int, str):
        raise _malformed("id must be a whole number or a string")
    params = message.get("params", {})
    if not isinstance(params, dict):
        raise Refused(INVALID_PARAMS, "params must be an object", malformed=True)
    return params


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_unanswered(message: Mapping[str, Any], method: object, version: str | None) -> None:
    """A notification, or an answer to a request of ours, of which there are none: harmless."""
    if isinstance(method, str) and not method.startswith("notifications/"):
        raise _malformed(f"{shown(method)} is a request and needs an id")
    if not isinstance(method, str) and not ("id" in message and {"result", "error"} & set(message)):
        raise _malformed("method must be a string")
    if version is not None and version not in (*HANDSHAKE, *STATELESS):
        raise _unsupported(version)


def _check_stateless(headers: Headers, method: str, params: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
    """The era's order: what must be there, what must agree, what is spoken here."""
    version = headers.get("mcp-protocol-version")
    if not meta and version is not None and version not in STATELESS:
        raise _unsupported(version)
    for key in (_VERSION, _CAPABILITIES):
        if key not in meta:
            raise Refused(INVALID_PARAMS, f"params._meta needs {key}")
    for name in _ROUTING:
        if len(headers.getlist(name)) > 1:
            raise Refused(HEADER_MISMATCH, f"The header {name} came more than once")
    _check_agree("MCP-Protocol-Version", version, meta[_VERSION])
    _check_agree("Mcp-Method", headers.get("mcp-method"), method)
    _check_name(headers.get("mcp-name"), method, params)
    if meta[_VERSION] not in STATELESS:
        raise _unsupported(meta[_VERSION])
    if not isinstance(meta[_CAPABILITIES], dict):
        raise Refused(INVALID_PARAMS, f"{_CAPABILITIES} must be an object")


def _check_name(header: str | None, method: str, params: Mapping[str, Any]) -> None:
    key = _NAMED_BY.get(method) or (_MAY_BE_NAMED_BY.get(method) if header is not None else None)
    if key is not None and (name := params.get(key)) is not None:
        _check_agree("Mcp-Name", _decoded(header), name)


def _check_agree(header: str, said: str | None, meant: object) -> None:
    if said is None or said != meant:
        raise Refused(HEADER_MISMATCH, f"The header {header} must say what the body says: {shown(meant)}")


def _decoded(value: str | None) -> str | None:
    """A header's text, which is base64 where it has more than ASCII; None where it is neither."""
    found = _ENCODED.fullmatch(value) if value is not None else None
    if found is None:
        return value
    try:
        return base64.b64decode(found[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _malformed(message: str) -> Refused:
    return Refused(INVALID_REQUEST, message, malformed=True)


def _unsupported(version: object) -> Refused:
    data = {"supported": list(STATELESS), "requested": version}
    return Refused(UNSUPPORTED_VERSION, f"Protocol version {shown(version)} is not spoken here", data=data)
