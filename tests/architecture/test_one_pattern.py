"""What has several kinds has one shape: base.py with what is promised, a file per kind, build() in the package."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import cavendish
from cavendish import errors, ids

ROOT = Path(cavendish.__file__).parent
SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}


@pytest.mark.parametrize("name", ["identity", "inputs", "moderation", "search", "storage"])
def test_each_has_its_promises_in_base_and_is_built_by_its_package(name: str) -> None:
    package, base = import_module(f"cavendish.{name}"), import_module(f"cavendish.{name}.base")

    assert next(iter(inspect.signature(package.build).parameters)) == "settings"
    assert any(getattr(member, "_is_protocol", False) for member in vars(base).values() if isinstance(member, type))


@pytest.mark.parametrize("name", ["identity", "inputs", "moderation", "search", "storage"])
def test_base_knows_none_of_its_kinds(name: str) -> None:
    tree = ast.parse(SOURCES[f"{name}/base.py"])
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert not {module for module in imported if module.startswith((f"cavendish.{name}", "cavendish.egress"))}


def test_one_client_asks_the_apis_of_operators() -> None:
    users = {name for name, source in SOURCES.items() if "clients.operator(" in source}

    assert users == {"egress/json_client.py"}


def test_what_a_type_is_called_in_file_names_stands_once() -> None:
    tables = {
        name
        for name, source in SOURCES.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in ids.EXTENSIONS.values()
    }

    assert tables == {"ids.py"}


def test_no_setting_is_named_to_callers_who_cannot_set_it() -> None:
    """They are told to ask their operator, who finds the name in the documents."""
    told = {error.__name__ for error in errors.CODES.values()} | {"UrlRefused", "ImageRefused"}
    offenders = [
        f"{name}:{call.lineno}"
        for name, source in SOURCES.items()
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in told
        for part in ast.walk(call)
        if isinstance(part, ast.Constant) and "CAVENDISH_" in str(part.value)
    ]

    assert offenders == []
    assert [error.code for error in errors.CODES.values() if "CAVENDISH_" in error.meaning] == []
