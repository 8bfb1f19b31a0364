"""The service's own pictures among callers' URLs: read from storage, so that it needs no HTTP to itself."""

from __future__ import annotations

import re

from cavendish.egress import urls
from cavendish.egress.failures import UrlRefused
from cavendish.egress.urls import ForeignUrl
from cavendish.errors import ConfigurationError

_FOLDER = "/generations/"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)


def reference(name: str) -> str:
    """How a picture of ours is kept among a generation's inputs: wherever the service is called, by its name alone."""
    return f"{_FOLDER}{name}"


def referred(url: str) -> str | None:
    """The stored name that a kept reference stands for; None for a URL, which never begins like one."""
    name = url.removeprefix(_FOLDER)
    return name if name != url and _NAME.fullmatch(name) else None


class StoredUrls:
    """Knows the URLs `{public_url}/generations/{name}`, and those of another address by which a caller finds them.

    Raises:
        ConfigurationError: the public URL is one that no client could use.
    """

    def __init__(self, public_url: str, address: str | None = None) -> None:
        try:
            self._folders = [urls.parse(f"{url.rstrip('/')}{_FOLDER}") for url in {public_url, address or public_url}]
        except UrlRefused as exc:
            raise ConfigurationError(f"CAVENDISH_PUBLIC_URL {exc.reason}") from exc

    def name(self, url: ForeignUrl) -> str | None:
        """The stored name the URL stands for, None where it leads elsewhere. A query is ignored."""
        path = url.target.partition("?")[0]
        for folder in self._folders:
            name = path.removeprefix(folder.target)
            there = (url.scheme, url.host, url.port) == (folder.scheme, folder.host, folder.port)
            if there and path != name and _NAME.fullmatch(name):
                return name
        return None
