"""Only `cavendish.egress` speaks HTTP to the outside; whoever else needs a socket is named here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cavendish

SOURCE = Path(cavendish.__file__).parents[1]
DOOR = "egress/"

CLIENTS = {
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "requests",
    "aiohttp",
    "urllib3",
    "urllib.request",
    "http.client",
}
CLIENTS |= {
    "h11",
    "h2",
    "niquests",
    "pycurl",
    "websockets",
    "websocket",
    "ftplib",
    "smtplib",
    "poplib",
    "imaplib",
    "telnetlib",
}
CLIENTS |= {"xmlrpc.client", "asyncssh", "paramiko", "socks", "socksio"}

# Paths are below src/cavendish; a folder ends with a slash.
DIALLING_ALLOWED = (
    "postgres/",
    "processes/supervisor.py",
)  # the embedded cluster, the supervisor's children
# The listener; the machine's name; the pair of sockets between a child and us.
SOCKETS_ALLOWED = (*DIALLING_ALLOWED, "processes/api.py", "application/work/presence.py", "children/pool.py")
DIALLERS = {"create_connection", "open_connection", "open_unix_connection", "create_unix_connection", "sock_connect"}
DIALLERS |= {"connect_tcp", "connect_unix", "connect_ex", "create_datagram_endpoint"}


def violations(path: str, source: str) -> list[str]:
    """What a module below src/cavendish may not do."""
    if path.startswith(DOOR):
        return []
    tree = ast.parse(source)
    found = [f"imports {name}" for name in imports(tree) if matches(name, CLIENTS)]
    if not path.startswith(SOCKETS_ALLOWED):
        found += [f"imports {name}" for name in imports(tree) if matches(name, {"socket", "_socket"})]
    if not path.startswith(DIALLING_ALLOWED):
        found += [f"dials by {name}" for name in calls(tree) if name in DIALLERS]
    return found


def matches(name: str, forbidden: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in forbidden)


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module a source names in an import, lazy ones and `import_module("…")` with a literal too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def calls(tree: ast.AST) -> Iterator[str]:
    """Every function called, but for those that are given an open socket: they wrap it and dial nothing."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (called(node) for node in found if "sock" not in {keyword.arg for keyword in node.keywords})


def called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_no_other_module_has_a_way_out() -> None:
    sources = {
        path.relative_to(SOURCE).as_posix().removeprefix("cavendish/"): path.read_text(encoding="utf-8")
        for package in ("cavendish", "cavendish_sketch")
        for path in (SOURCE / package).rglob("*.py")
    }

    found = {path: broken for path, source in sources.items() if (broken := violations(path, source))}

    assert len(sources) > 10
    assert not found, "go through cavendish.egress.clients, or name the module in SOCKETS_ALLOWED and say why"


@pytest.mark.parametrize(
    "source",
    [
        "import httpx2",
        "import httpx2 as x",
        "from httpx2 import AsyncClient",
        "from httpcore2._async import connection",
        "import requests.sessions",
        "def f():\n    import aiohttp",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "from http import client",
        "import importlib\nimportlib.import_module('httpx')",
        "__import__('requests')",
        "import socket",
        "from socket import create_connection",
        "import asyncio\nasyncio.open_connection('a', 80)",
        "loop.create_connection(f, 'a', 80)",
        "import anyio\nanyio.connect_tcp('a', 80)",
    ],
)
def test_every_way_out_is_seen(source: str) -> None:
    assert violations("engines/new.py", source)
    assert not violations("egress/clients.py", source)


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.parse",
        "from urllib.parse import urlsplit",
        "from http import HTTPStatus",
        "from cavendish.egress import clients",
    ]
    + [
        "import asyncio\nasyncio.start_server(f, 'a', 80)",
        "asyncio.open_unix_connection(sock=ours)",
        "from . import requests",
        "import socketserver_like",
    ],
)
def test_harmless_lines_pass(source: str) -> None:
    assert not violations("engines/new.py", source)


def test_sockets_are_open_to_the_named_modules_and_http_is_not() -> None:
    assert not violations("postgres/server.py", "import socket")
    assert violations("postgres/server.py", "import http.client")
    assert violations("database.py", "import socket")
    assert violations("processes/api.py", "import socket\nsocket.create_connection(('a', 80))")
