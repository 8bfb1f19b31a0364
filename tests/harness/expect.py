"""What every answer owes its caller, whatever it is about."""

from __future__ import annotations

from typing import Any

import httpx2

from cavendish.errors import ApiError

ERROR_MEMBERS = {"success", "error", "errorCode", "type", "title", "status", "detail"}
NEVER_AT_THE_TOP = {"url", "data", "result", "output"}  # one of eight real clients takes each for the picture


def success(answer: httpx2.Response) -> dict[str, Any]:
    """The body of a 200 in the house style."""
    assert answer.status_code == 200, answer.text
    body = _json(answer)
    assert body["success"] is True
    return body


def refusal(answer: httpx2.Response, error: type[ApiError], *words: str) -> dict[str, Any]:
    """The body of this error's answer; `words` must stand in its sentence."""
    body = any_refusal(answer)
    assert (body["errorCode"], answer.status_code) == (error.code, error.status), answer.text
    assert body["title"] == error.title
    for word in words:
        assert word in body["error"], body["error"]
    return body


def any_refusal(answer: httpx2.Response) -> dict[str, Any]:
    """The body of any error: the API's own members, and RFC 9457's beside them."""
    body = _json(answer)
    assert set(body) == ERROR_MEMBERS, answer.text
    assert body["success"] is False
    assert body["error"] == body["detail"] != ""
    assert body["type"].endswith(f"/docs#{body['errorCode']}")
    assert body["status"] == answer.status_code >= 400
    return body


def _json(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] in ("application/json", "application/problem+json"), answer.headers
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["x-request-id"]
    body = answer.json()
    assert isinstance(body, dict)
    assert None not in body.values(), "a key without a value is left out, never null"
    assert not NEVER_AT_THE_TOP & set(body)
    return body
