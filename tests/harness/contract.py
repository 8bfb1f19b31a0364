"""The service's own OpenAPI document as a judge of its answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx2
import jsonschema

# What the framework around the operations answers, whatever the path: no operation lists it.
EVERYWHERE = {"METHOD_NOT_ALLOWED"}


@dataclass
class _Operation:
    method: str
    path: re.Pattern[str]
    responses: dict[str, Any]


class Contract:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.judged: set[tuple[str, str, int, str | None]] = set()
        self._operations = [
            _Operation(method.upper(), _pattern(template), operation["responses"])
            for template, item in document["paths"].items()
            for method, operation in item.items()
        ]
        self._validators: dict[str, Any] = {}

    async def judge(self, answer: httpx2.Response) -> None:
        """An event hook for a client: every answer of a documented operation is one that is documented."""
        await answer.aread()
        self.check(answer)

    def check(self, answer: httpx2.Response) -> None:
        """Raises AssertionError where status, code, members or their types are not as documented."""
        request = answer.request
        operation = self._operation(request.method, request.url.path)
        if operation is None:
            return
        documented = operation.responses.get(str(answer.status_code))
        assert documented is not None, (
            f"{request.method} {request.url.path} answers {answer.status_code}: {answer.text}"
        )
        if (kind := answer.headers.get("content-type", "").partition(";")[0]) in ("text/html", "text/event-stream"):
            assert kind in documented["content"], f"{request.url.path} answers {kind}, which it does not document"
            return
        if "cavendish-keepalive" in request.headers and answer.status_code == 200:
            return  # by then the status of an error is gone
        if "content" not in documented:
            assert not answer.content, f"{request.url.path} documents no body for {answer.status_code}"
            return
        content = documented["content"]["application/json"]
        body = answer.json()
        body = self._without_twins(content["schema"]["$ref"], body) if isinstance(body, dict) else body
        self._validate(content["schema"], body)
        code = body.get("errorCode") if answer.status_code != 200 else None
        if code is not None:
            assert code in content["examples"], f"{request.url.path} answers {code}, which it does not document"
        self.judged.add((request.method, operation.path.pattern, answer.status_code, code))

    def _operation(self, method: str, path: str) -> _Operation | None:
        for operation in self._operations:
            if operation.method == method and operation.path.fullmatch(path):
                return operation
        return None

    def _validate(self, schema: dict[str, Any], body: Any) -> None:
        name = schema["$ref"]
        if name not in self._validators:
            whole = {"$ref": name, "components": self.document["components"]}
            jsonschema.Draft202012Validator.check_schema(self.resolved(name))
            self._validators[name] = jsonschema.Draft202012Validator(whole)
        self._validators[name].validate(body)
        undocumented = set(body) - self._members(name) if isinstance(body, dict) else None
        assert not undocumented, f"{name} does not know {undocumented}"

    def _without_twins(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Without what is sent once more by another name, which is the same; and what is always so is so."""
        members, kept = self.resolved(name).get("properties", {}), dict(body)
        for member, schema in members.items():
            if member in body and (twin := schema.get("x-also-as")):
                assert kept.pop(twin, None) == body[member], f"{twin} is not {member}"
            if "x-always" in schema:
                assert body[member] is schema["x-always"], f"{member} is {body[member]}"
        return kept

    def _members(self, name: str) -> set[str]:
        """Of an object; of one of several shapes, those of all."""
        schema = self.resolved(name)
        return set(schema.get("properties", ())).union(*(self._members(one["$ref"]) for one in schema.get("anyOf", ())))

    def resolved(self, reference: str) -> dict[str, Any]:
        """The schema that a local reference names."""
        found: Any = self.document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert isinstance(found, dict)
        return found


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))
