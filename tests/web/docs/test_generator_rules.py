"""What breaks the clients that generators make of the OpenAPI document is not in it; `make test-generators` makes some."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from harness.inprocess import App

pytestmark = pytest.mark.anyio


@pytest.fixture
async def document(shared: App) -> dict[str, Any]:
    found: dict[str, Any] = (await shared.client.get("/openapi.json")).json()
    return found


def schemas(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document that may be a schema, with where it stands; examples are values, not schemas."""
    if isinstance(node, dict):
        yield where, node
        for name, inner in node.items():
            if name not in ("example", "examples"):
                yield from schemas(inner, f"{where}/{name}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from schemas(inner, f"{where}/{index}")


def folded(name: str) -> str:
    """What is left of a name in a language with a style of its own: `imageUrl` and `image_url` are one there."""
    return re.sub("[^a-z0-9]", "", name.lower())


def one_name(names: list[str]) -> list[list[str]]:
    """Those that are one name in some language."""
    groups = itertools.groupby(sorted(names, key=folded), key=folded)
    return [found for _, group in groups if len(found := list(group)) > 1]


async def test_no_two_members_of_an_object_are_one_in_another_languages_style(document: dict[str, Any]) -> None:
    """Of two such members openapi-generator's Python reads one, and its TypeScript and Java do not compile."""
    found = {
        where: pairs
        for where, schema in schemas(document)
        if isinstance(members := schema.get("properties"), dict) and (pairs := one_name(list(members)))
    }

    assert found == {}


async def test_no_two_schemas_operations_or_groups_are_one_in_another_languages_style(document: dict[str, Any]) -> None:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    parameters = [[one["name"] for one in operation.get("parameters", ())] for operation in operations]
    groups = {tag for operation in operations for tag in operation["tags"]}

    for names in (
        list(document["components"]["schemas"]),
        [operation["operationId"] for operation in operations],
        list(groups),
        *parameters,
    ):
        assert one_name(names) == []


async def test_no_boolean_has_a_list_of_values(document: dict[str, Any]) -> None:
    """openapi-generator's Python compares them with the word 'true', and so refuses every answer."""
    found = [
        where
        for where, schema in schemas(document)
        for value in (schema.get("const"), *_listed(schema))
        if isinstance(value, bool)
    ]

    assert found == []


async def test_a_success_is_still_said_to_be_always_true(document: dict[str, Any]) -> None:
    success = document["components"]["schemas"]["GenerateAnswer"]["properties"]["success"]

    assert (success["type"], success["description"]) == ("boolean", "Always true")


async def test_what_is_sent_by_a_second_name_is_told_beside_the_first(document: dict[str, Any]) -> None:
    members = document["components"]["schemas"]["StatusAnswer"]["properties"]

    assert "image_url" not in members
    assert members["imageUrl"]["x-also-as"] == "image_url"
    assert "image_url" in members["imageUrl"]["description"]


def _listed(schema: dict[str, Any]) -> list[Any]:
    values = schema.get("enum")
    return values if isinstance(values, list) else []
