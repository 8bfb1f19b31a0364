"""Every setting and every limit, once, with its unit and why that number.

A setting named `generate_limit` is the flag `--generate-limit` where a command offers one, the environment variable
`CAVENDISH_GENERATE_LIMIT`, and the key `generate_limit` in `DATA/cavendish.toml`; the first that is set wins.
These modules import the standard library and our own smallest modules only: the supervisor loads them.
"""

from __future__ import annotations

import dataclasses
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from cavendish.settings import parsers
from cavendish.settings.declaration import Setting
from cavendish.settings.foundation import Foundation
from cavendish.settings.serving import Serving
from cavendish.settings.working import Working


@dataclass(frozen=True)
class Settings(Working, Serving, Foundation):  # the last one's come first
    """The checked settings of one process."""

    # No setting: nobody wrote `public_url`, and it stands for this machine's own way to the service.
    public_url_assumed: bool = False

    @property
    def engines(self) -> list[str]:
        """Every engine that a route names."""
        return sorted({name for route in self.routes.values() for name in route})

    @property
    def follows_host(self) -> bool:
        """Whether URLs begin with the host that each request names: no other is known that its caller could use."""
        return self.public_url_assumed and not parsers.is_loopback(self.host)

    @property
    def embedded_database(self) -> bool:
        return not self.database_url

    @property
    def storage_root(self) -> Path:
        """The directory of a file storage."""
        if self.storage_url:
            return Path(urllib.parse.unquote(urllib.parse.urlsplit(self.storage_url).path))
        return self.data / "storage"


# The class gives each its type, its name and its default; the rest of its declaration is the same as any engine's.
DECLARED = tuple(Setting(one.name, **one.metadata) for one in dataclasses.fields(Settings) if one.metadata)
