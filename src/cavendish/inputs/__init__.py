"""Callers' pictures: checked at submit by their URLs, fetched, read and decoded for the engine in a worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cavendish.inputs.base import Inputs
from cavendish.settings import Settings


def build(settings: Settings, read_stored: Callable[[str], Awaitable[bytes | None]]) -> Inputs:
    """The way in by these settings: fetched as foreign URLs, decoded in a child of its own.

    Args:
        read_stored: The bytes stored under a name: the service's own pictures are not fetched.
    """
    # Imported here: only workers need the HTTP client.
    from cavendish.egress import clients
    from cavendish.imaging import sniff
    from cavendish.imaging.decoder import Decoder
    from cavendish.inputs.collector import Collector
    from cavendish.inputs.memory import Memory
    from cavendish.inputs.stored import StoredUrls

    return Collector(
        fetcher=clients.foreign(
            wanted=lambda data: sniff.input_type(data) is not None, allow_networks=settings.input_allow_networks
        ),
        decoder=Decoder(),
        stored=StoredUrls(settings.public_url),
        read_stored=read_stored,
        memory=Memory(settings.input_memory_bytes),
    )
