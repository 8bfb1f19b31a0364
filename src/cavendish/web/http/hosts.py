"""By which names the service may be called where no key proves that its caller means it.

DNS rebinding: a page of evil.example has that name lead to this machine, and its script may then read here what needs
no key. Its browser still says which name it called. Decision 21 tells which names are taken where, and why.
"""

from __future__ import annotations

import ipaddress
import platform
import urllib.parse

from starlette.requests import Request

from cavendish.errors import UnknownHost, shown
from cavendish.settings import Settings, parsers

# Nobody on the public internet can have a name below these: RFC 6761, 6762 and 8375, and ICANN's word on the third.
_PRIVATE = (".localhost", ".local", ".internal", ".home.arpa", ".test")


class Hosts:
    """The names of one service, by its settings and its machine."""

    def __init__(self, settings: Settings) -> None:
        public = (urllib.parse.urlsplit(settings.public_url).hostname or "").encode("idna").decode()
        allowed = settings.allowed_hosts
        self._any = "*" in allowed
        self._names = {public, settings.host.lower(), platform.node().lower(), *allowed}
        self._below = (*_PRIVATE, *(name.removeprefix("*") for name in allowed if name.startswith("*.")))
        has_name = bool(allowed) or not (_is_address(public) or public == "localhost")
        self._is_open = not has_name and not parsers.is_loopback(settings.host)

    def know(self, host: str) -> bool:
        """Whether this Host header says a name of ours, or one that no stranger can have lead here."""
        name = _name(host)
        if "." not in name or name in self._names or self._any:  # without a Host it is no browser
            return True
        return name.endswith(self._below) or _is_address(name)

    def serve(self, host: str) -> bool:
        """The same for what people open: where the service has no name yet, by whichever name they call it."""
        return self._is_open or self.know(host)


def check(request: Request, *, strictly: bool = False) -> None:
    """Refuse a request under a name that may be anybody's.

    Args:
        strictly: Also where the service has no name yet.

    Raises:
        UnknownHost: as above.
    """
    hosts: Hosts = request.app.state.hosts
    host = request.headers.get("host", "")
    if not (hosts.know(host) if strictly else hosts.serve(host)):
        raise UnknownHost(
            f"This service is not known as {shown(_name(host))}; open it as {request.app.state.public_url}, or have "
            "its operator allow that host"
        )


def _name(host: str) -> str:
    """Without the port, as it is compared."""
    host = host.strip().lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.removesuffix(".")


def _is_address(name: str) -> bool:
    """A number leads where it says: no name server has a part in it."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
