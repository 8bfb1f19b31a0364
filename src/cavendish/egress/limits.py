"""What one fetch of a caller's URL may cost: each number once, with its unit and why that number."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ForeignLimits:
    """The bounds of one fetch by the foreign client. Tests shrink them; the service uses the defaults."""

    # A camera's largest JPEG and a 2K PNG fit; the decoder takes no more either.
    body_bytes_max: int = 20 * MEBIBYTE
    # The body and what may lie around it: chunk sizes, chunk extensions, trailers. Real servers add under 1 %.
    wire_bytes_max: int = 21 * MEBIBYTE
    # h11 costs 10 µs per piece whatever its size: one-byte chunks would burn minutes, this many burn 0.7 s.
    pieces_max: int = 65_536
    # Status line and headers, answers 1xx included. Servers stop at 8 to 32 KiB for requests; parsed in 40 ms.
    head_bytes_max: int = 64 * 1024
    # CDNs send 20 to 40.
    headers_max: int = 100
    # A shortener, http to https, a host's own name, a signed address, one to spare. Each is judged as the first URL is.
    redirects_max: int = 5
    # Name look-up and dialling together, and again for TLS: as browsers see it, a host is away after this.
    connect_seconds: float = 5.0
    # Silence, before the first byte or between two.
    read_seconds: float = 10.0
    # Every hop together. 20 MiB in it need 0.7 MiB/s.
    total_seconds: float = 30.0
    # Slower than this on average once `rate_grace_seconds` have passed since the first byte is a drip, not a picture.
    rate_bytes_per_second_min: int = 4096
    # As long as a permitted silence: a small picture that follows its headers late is no drip.
    rate_grace_seconds: float = 10.0
    # A name's addresses are all judged; this many are tried, each with its share of `connect_seconds`.
    addresses_tried_max: int = 4
