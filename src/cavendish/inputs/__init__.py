"""Callers' pictures: checked at submit by their URLs, fetched, read and decoded for the engine in a worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cavendish.inputs.base import Inputs
from cavendish.models import Credentials
from cavendish.settings import Settings


def build(
    settings: Settings,
    read_stored: Callable[[str], Awaitable[bytes | None]],
    credentials: Callable[[str | None, bytes], Awaitable[Credentials | None]] | None = None,
) -> Inputs:
    """The way in by these settings: fetched as foreign URLs, decoded in a child of its own.

    Args:
        read_stored: The bytes stored under a name: the service's own pictures are not fetched.
        credentials: What a picture says of itself, by the name under which it is stored, if it is, and its bytes.
    """
    # Imported here: only workers need the HTTP client.
    from cavendish.egress import clients
    from cavendish.imaging import sniff
    from cavendish.imaging.decoder import Decoder
    from cavendish.inputs.collector import Collector, no_credentials
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
        credentials=credentials or no_credentials,
    )
