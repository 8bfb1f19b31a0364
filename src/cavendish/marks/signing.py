"""What signs pictures, as a worker needs it: bytes that it hands on to a child, and nothing that understands them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FILE = "signing.pem"
ALGORITHM = "es256"  # of every certificate that the service makes
_BEGIN_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_MAKE_SECONDS = 60.0  # a fraction of one, and what a busy machine makes of it
# Libraries that make certificates take 11 MB, for one call in a service's life.
_MAKER = "cavendish.marks.identity"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`key` is secret.

    Attributes:
        chain: Its certificate first, then those above it, as PEM.
        algorithm: As C2PA calls it.
    """

    chain: bytes
    key: bytes
    algorithm: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.algorithm})"


def found(folder: Path) -> SigningKey | None:
    """The service's own; None where it has none yet. Raises OSError."""
    try:
        key, chain = split((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    return SigningKey(chain, key, ALGORITHM)


def split(pem: bytes) -> tuple[bytes, bytes]:
    """The key, and the certificates that stand behind it."""
    at = max(pem.find(_BEGIN_CERTIFICATE), 0)
    return pem[:at], pem[at:]


def made_or_found(folder: Path, *, issuer: str) -> SigningKey:
    """The same, made by a process of its own where there is none.

    Raises:
        OSError: it cannot be made or read.
    """
    if (there := found(folder)) is not None:
        return there
    command = [sys.executable, "-P", "-m", _MAKER, str(folder), issuer]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_MAKE_SECONDS, check=False)
    if (there := found(folder)) is None:
        raise OSError(f"no certificate could be made in {folder}: {done.stderr.strip()[-200:]}")
    return there
