"""Where callers find this service: what every URL in an answer begins with. Made for each answer, and kept nowhere."""

from __future__ import annotations

import re

from starlette.requests import Request

from cavendish.egress import urls
from cavendish.egress.failures import UrlRefused

_HOST = re.compile(rb"[\w.:\[\]-]{1,262}")  # a name or an address and a port, and nothing of a path


def of(request: Request) -> str:
    """The public URL; where nobody set one and others than this machine can call, the address that this request called.

    A caller writes that address, so it is that caller's alone: it goes into no row, no log and nobody else's answer.
    """
    state = request.app.state
    return (state.follows_host and called(request)) or state.public_url


def called(request: Request) -> str | None:
    """Scheme and host that this request names; None where it names none, several, or one that is no host."""
    hosts = [value for name, value in request.scope["headers"] if name == b"host"]
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return None
    try:
        found = urls.parse(f"{request.scope['scheme']}://{hosts[0].decode()}/")
    except UrlRefused:
        return None
    return f"{found.scheme}://{found.authority}"
