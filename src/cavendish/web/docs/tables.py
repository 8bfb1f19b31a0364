"""An operation's fields and errors as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cavendish.web.docs import spec
from cavendish.web.docs.markup import Html, anchor, cell, put, table, tag


def details(document: Mapping[str, Any], operation: spec.Operation) -> Iterator[Html]:
    """What an operation takes and answers: parameters, body, answers and errors, each a heading and a table."""
    if parameters := operation.content.get("parameters"):
        yield tag("h4", "Parameters")
        yield _parameters(parameters)
    if schema := operation.body().get("schema"):
        yield tag("h4", "Body")
        yield _body_fields(spec.resolved(document, schema))
    responses = operation.content.get("responses", {})
    for status, response in responses.items():
        if status.startswith("2"):
            yield tag("h4", f"Answer {status}")
            answer = spec.resolved(document, spec.json_content(response).get("schema", {}))
            for one in answer.get("anyOf", [answer]):  # where a path answers clients of two APIs, a table for each
                yield _answer_fields(spec.resolved(document, one.get("items", one)))
    yield tag("h4", "Errors")
    yield _errors(responses)


def _parameters(parameters: list[Mapping[str, Any]]) -> Html:
    rows = []
    for found in parameters:
        schema = found.get("schema", {})
        rows.append(
            (
                cell(tag("code", str(found.get("name", ""))), kind="name"),
                cell(str(found.get("in", "")), "in"),
                cell(spec.type_of(schema)),
                _must(bool(found.get("required"))),
                _meaning(str(found.get("description", "")), schema),
            )
        )
    return table(("Name", "In", "Type", "Required", "Meaning"), rows)


def _body_fields(schema: Mapping[str, Any]) -> Html:
    rows = []
    for name, found in schema.get("properties", {}).items():
        default = "" if found.get("default") is None else spec.written(found["default"])
        rows.append(
            (
                cell(tag("code", name), kind="name"),
                cell(spec.type_of(found)),
                _must(name in schema.get("required", [])),
                cell(tag("code", default) if default else "", "default"),
                _meaning(str(found.get("description", "")), found),
            )
        )
    return table(("Field", "Type", "Required", "Default", "Meaning"), rows)


def _answer_fields(schema: Mapping[str, Any]) -> Html:
    rows = []
    for name, found in schema.get("properties", {}).items():
        always = "always" if name in schema.get("required", []) else "if any"
        rows.append(
            (
                cell(tag("code", name), kind="name"),
                cell(spec.type_of(found)),
                cell(always),
                _meaning(str(found.get("description", "")), found),
            )
        )
    return table(("Field", "Type", "Present", "Meaning"), rows)


def _must(required: bool) -> Html:
    return cell("required", kind="must") if required else cell("no", kind="none")


def _meaning(description: str, schema: Mapping[str, Any]) -> Html:
    allowed = [tag("span", phrase, class_="allowed") for phrase in spec.allowed(schema)]
    return cell(put(description, *allowed) if description or allowed else "")


def _errors(responses: Mapping[str, Any]) -> Html:
    rows = []
    for status, response in sorted(responses.items()):
        for code, example in spec.json_content(response).get("examples", {}).items():
            link = tag("a", tag("code", code), href=f"#{anchor(code)}")
            title = str(example.get("value", {}).get("title", ""))
            rows.append((cell(status), cell(link), cell(title)))
    return table(("Status", "Code", "What it says"), rows, class_="errors")
