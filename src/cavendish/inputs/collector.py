"""From callers' URLs to safe pictures, in order: all of them, or the first failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from cavendish.egress import urls
from cavendish.egress.failures import FetchFailed, UrlRefused
from cavendish.egress.limits import MEBIBYTE
from cavendish.egress.urls import ForeignUrl
from cavendish.errors import InputImageFailed
from cavendish.imaging.decoder import ImageRefused
from cavendish.inputs.memory import Memory, Share
from cavendish.inputs.stored import StoredUrls, referred
from cavendish.models import Credentials, InputImage

CONCURRENCY = 4  # per generation: 14 pictures in four rounds, and no more than that against one host
BYTES_MAX = 100 * MEBIBYTE  # per generation, as fetched: engines take less, and several generations share the memory

# An engine sees no more of its inputs than it draws, and known models far less: Gemini makes 560 tokens of one. What is
# cut out of one needs some more.
DETAIL = 3  # pixels of all inputs together for each that is drawn
PIXELS_LEAST = 4_000_000  # of each input: four times a picture at 1K

ReadStored = Callable[[str], Awaitable[bytes | None]]
# What a picture says of itself, by the name under which it is stored, if it is, and its bytes.
ReadCredentials = Callable[[str | None, bytes], Awaitable[Credentials | None]]


async def no_credentials(name: str | None, data: bytes) -> None:
    """Nobody asks."""


class Fetcher(Protocol):
    """The foreign client, `egress.clients.ForeignFetcher`."""

    async def fetch(self, url: ForeignUrl) -> bytes:
        """Raises FetchFailed."""
        ...


class Decoder(Protocol):
    """The decoding child, `imaging.decoder.Decoder`."""

    async def decode(self, data: bytes, *, pixels_kept: int | None = None) -> InputImage:
        """Raises ImageRefused."""
        ...

    async def close(self) -> None: ...


class Collector:
    """Collects the input images of one generation at a time, and closes its decoder when it is closed.

    Args:
        read_stored: The bytes stored under a name, None where there are none. Its errors are the storage's own and
            pass through: they are no fault of the caller's.
        memory: What the pictures of all generations take their room from.
        credentials: What is known of where a picture comes from.
    """

    def __init__(
        self,
        *,
        fetcher: Fetcher,
        decoder: Decoder,
        stored: StoredUrls,
        read_stored: ReadStored,
        memory: Memory,
        credentials: ReadCredentials = no_credentials,
        concurrency: int = CONCURRENCY,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        self._fetcher = fetcher
        self._decoder = decoder
        self._stored = stored
        self._read_stored = read_stored
        self._memory = memory
        self._credentials = credentials
        self._concurrency = concurrency
        self._bytes_max = bytes_max

    @asynccontextmanager
    async def collected(self, input_image_urls: Sequence[str], *, drawn: int) -> AsyncIterator[tuple[InputImage, ...]]:
        with self._memory.share() as share:
            pixels = _pixels_kept(len(input_image_urls), drawn)
            allowance = _Allowance(share, bytes_max=self._bytes_max, concurrency=self._concurrency, pixels=pixels)
            yield await self._collect(input_image_urls, allowance)

    async def _collect(self, input_image_urls: Sequence[str], allowance: _Allowance) -> tuple[InputImage, ...]:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._collect_one(f"inputImageUrls[{index}]", url, allowance))
                    for index, url in enumerate(input_image_urls)
                ]
        except ExceptionGroup as group_failed:
            failure = group_failed.exceptions[0]
        else:
            return tuple(task.result() for task in tasks)
        raise failure

    async def close(self) -> None:
        await self._decoder.close()

    async def _collect_one(self, entry: str, url: str, allowance: _Allowance) -> InputImage:
        async with allowance.places:
            await allowance.room()
            name, data = await self._read(entry, url)
            await allowance.take(entry, len(data))
            image = await self._decode(entry, data, allowance.pixels)
            credentials = await self._credentials(name, data)
            allowance.became(len(data), len(image.data) + (credentials.size_bytes if credentials else 0))
            return replace(image, credentials=credentials)

    async def _read(self, entry: str, url: str) -> tuple[str | None, bytes]:
        """Under which name it is stored, if it is, and its bytes."""
        try:
            if (name := referred(url)) is None:
                parsed = urls.parse(url)
                name = self._stored.name(parsed)  # of generations that kept the whole URL
            data = await self._fetcher.fetch(parsed) if name is None else await self._read_stored(name)
        except FetchFailed as exc:
            raise InputImageFailed(f"{entry} {exc}") from exc
        except UrlRefused as exc:
            raise InputImageFailed(f"{entry} {FetchFailed.TEXT}") from exc
        if data is None:
            raise InputImageFailed(f"{entry} {FetchFailed.TEXT}")
        return name, data

    async def _decode(self, entry: str, data: bytes, pixels: int) -> InputImage:
        try:
            return await self._decoder.decode(data, pixels_kept=pixels)
        except ImageRefused as exc:
            raise InputImageFailed(f"{entry} could not be read. {exc.reason}") from exc


def _pixels_kept(count: int, drawn: int) -> int:
    """Of each of so many pictures: more would be seen in none that is made of them."""
    return max(PIXELS_LEAST, DETAIL * drawn // max(1, count))


class _Allowance:
    """What the pictures of one generation may have: bytes together, room in memory, places at once; pixels each."""

    def __init__(self, share: Share, *, bytes_max: int, concurrency: int, pixels: int) -> None:
        self._share = share
        self._bytes_max = bytes_max
        self._bytes = 0
        self.places = asyncio.Semaphore(concurrency)
        self.pixels = pixels

    async def room(self) -> None:
        """Wait while others wait for memory: what is fetched before would wait in memory."""
        await self._share.take(0)

    async def take(self, entry: str, size: int) -> None:
        self._bytes += size
        if self._bytes > self._bytes_max:
            allowed = f"{self._bytes_max // MEBIBYTE} MiB"
            raise InputImageFailed(f"{entry} makes the input images larger than {allowed} together; give smaller ones")
        await self._share.take(size)

    def became(self, fetched: int, decoded: int) -> None:
        self._share.replace(fetched, decoded)
