"""What an OpenAPI document says, in the words that a reader wants: operations, types, allowed values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cavendish.web.docs import markup


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, with what the document says of it."""

    method: str
    path: str
    content: Mapping[str, Any]

    @property
    def anchor(self) -> str:
        return markup.anchor(str(self.content.get("operationId") or f"{self.method}-{self.path}"))

    @property
    def tag(self) -> str:
        return str((self.content.get("tags") or ["Operations"])[0])

    @property
    def summary(self) -> str:
        return str(self.content.get("summary", self.path))

    def body(self) -> Mapping[str, Any]:
        """The JSON body's media type object; empty where the operation takes none."""
        return json_content(self.content.get("requestBody", {}))

    def takes_the_same(self, other: Operation) -> bool:
        members = ("requestBody", "parameters", "responses")
        return all(self.content.get(member) == other.content.get(member) for member in members)


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """All of the document's, in its order."""
    return [
        Operation(method.upper(), path, content)
        for path, item in document.get("paths", {}).items()
        for method, content in item.items()
    ]


def json_content(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """The media type object of JSON, from a request body or a response; empty without one."""
    found: Mapping[str, Any] = holder.get("content", {}).get("application/json", {})
    return found


def resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its `$ref` followed; what stands beside the reference is nearer and wins."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    target = document.get("components", {}).get("schemas", {}).get(name, {})
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def type_of(schema: Mapping[str, Any]) -> str:
    """The type in a word: `string`, `integer[]`, the name of a schema."""
    if schema.get("anyOf"):
        return " or ".join(type_of(kind) for kind in schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        return f"{type_of(schema.get('items', {}))}[]"
    if kind is None and "const" in schema:
        return {bool: "boolean", int: "integer", str: "string"}.get(type(schema["const"]), "")
    return str(kind or schema.get("$ref", "object").rpartition("/")[2])


def allowed(schema: Mapping[str, Any]) -> list[str]:
    """The values a field may have, as short phrases."""
    phrases = []
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        phrases.append(", ".join(written(value) for value in values))
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        phrases.append(f"{int(low)} to {int(high)}")
    for member, phrase in (("maxItems", "at most {} entries"), ("maxLength", "at most {} characters")):
        if member in schema:
            phrases.append(phrase.format(schema[member]))
    if "pattern" in schema:
        phrases.append(f"matches {schema['pattern']}")
    return phrases


def written(value: object) -> str:
    """A value as JSON has it, a string without its quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
