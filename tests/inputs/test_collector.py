"""Collector: every picture in order, or the first failure in words that a caller can use."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path

import pytest
from cavendish_test_engines.png import png

from cavendish.egress import failures, urls
from cavendish.egress.clients import foreign
from cavendish.egress.failures import FetchFailed
from cavendish.egress.limits import MEBIBYTE
from cavendish.egress.urls import ForeignUrl
from cavendish.errors import ConfigurationError, InputImageFailed, InvalidInput
from cavendish.imaging.decoder import ImageRefused
from cavendish.inputs import build, submitted
from cavendish.inputs.collector import Collector
from cavendish.inputs.memory import Memory
from cavendish.inputs.stored import StoredUrls
from cavendish.models import FieldNames, InputImage
from cavendish.settings import Settings

pytestmark = pytest.mark.anyio

DRAWN = 1_056_768  # pixels of 16:9 at 1K
PUBLIC_URL = "https://images.test/api"
FETCH_FAILED = "could not be fetched; give a public http(s) URL of a PNG, JPEG, WebP, GIF or AVIF image"


class Web:
    """Pictures by URL. A missing one fails as the door does; each fetch takes its delay."""

    def __init__(self, pages: Mapping[str, bytes] | None = None, delays: Mapping[str, float] | None = None) -> None:
        self.pages = dict(pages or {})
        self.delays = dict(delays or {})
        self.fetched: list[str] = []
        self.cancelled: list[str] = []
        self.together = self.together_max = 0

    async def fetch(self, parsed: ForeignUrl) -> bytes:
        url = f"{parsed.scheme}://{parsed.authority}{parsed.target}"
        self.fetched.append(url)
        self.together += 1
        self.together_max = max(self.together_max, self.together)
        try:
            await asyncio.sleep(self.delays.get(url, 0))
        except asyncio.CancelledError:
            self.cancelled.append(url)
            raise
        finally:
            self.together -= 1
        if url not in self.pages:
            raise FetchFailed(f"refused: {url} is 10.0.0.1, which is not a public address")
        return self.pages[url]


class Decoding:
    """Bytes become a picture of themselves; those that start with BAD are refused."""

    closed = False

    async def decode(self, data: bytes, *, pixels_kept: int | None = None) -> InputImage:
        self.pixels_kept = pixels_kept
        await asyncio.sleep(0)
        if data.startswith(b"BAD"):
            raise ImageRefused("Only PNG, JPEG and WebP pictures can be read.")
        return InputImage(data=data[:100], media_type="image/png", width=1, height=1)

    async def close(self) -> None:
        self.closed = True


async def _nothing(name: str) -> bytes | None:
    return None


def inputs(
    web: Web,
    *,
    storage: Mapping[str, bytes] | None = None,
    concurrency: int = 4,
    bytes_max: int = 10 * MEBIBYTE,
    memory: Memory | None = None,
) -> Collector:
    async def read_stored(name: str) -> bytes | None:
        return (storage or {}).get(name)

    return Collector(
        fetcher=web,
        decoder=Decoding(),
        stored=StoredUrls(PUBLIC_URL),
        read_stored=read_stored,
        memory=memory or Memory(100 * MEBIBYTE),
        concurrency=concurrency,
        bytes_max=bytes_max,
    )


async def collect(collector: Collector, some: Sequence[str]) -> tuple[InputImage, ...]:
    async with collector.collected(some, drawn=DRAWN) as images:
        return images


def pages(count: int) -> dict[str, bytes]:
    return {f"https://host.test/{number}.png": f"picture {number}".encode() for number in range(count)}


async def failure(collector: Collector, urls: list[str]) -> InputImageFailed:
    with pytest.raises(InputImageFailed) as failed:
        await collect(collector, urls)
    return failed.value


async def test_another_generation_waits_for_room_until_the_pictures_of_the_first_are_needed_no_longer() -> None:
    web, memory = Web({url: bytes(90) for url in pages(4)}), Memory(400)
    collector = inputs(web, memory=memory)

    async with collector.collected(list(web.pages), drawn=DRAWN) as images:
        assert memory.used == sum(len(image.data) for image in images) == 360
        other = asyncio.create_task(collect(collector, list(web.pages)))
        await asyncio.sleep(0.05)
        assert not other.done()
        third = asyncio.create_task(collect(collector, list(web.pages)))
        await asyncio.sleep(0.05)
        assert len(web.fetched) == 8, "nothing is fetched that would wait in memory"

    assert len(await asyncio.wait_for(other, 5)) == len(await asyncio.wait_for(third, 5)) == 4
    assert memory.used == 0


async def test_what_a_picture_takes_is_what_it_became() -> None:
    web, memory = Web({url: bytes(1000) for url in pages(3)}), Memory(10_000)  # decoded they are a tenth

    async with inputs(web, memory=memory).collected(list(web.pages), drawn=DRAWN):
        assert memory.used == 300

    assert memory.used == 0


@pytest.mark.parametrize(
    ("count", "drawn", "pixels"),
    [(1, 1_000_000, 4_000_000), (1, 16_000_000, 48_000_000), (4, 16_000_000, 12_000_000), (14, 16_000_000, 4_000_000)],
)
async def test_the_more_pictures_one_is_made_of_the_smaller_they_may_be(count: int, drawn: int, pixels: int) -> None:
    collector = inputs(Web(pages(count)))

    async with collector.collected(list(pages(count)), drawn=drawn):
        assert collector._decoder.pixels_kept == pixels  # type: ignore[attr-defined]


async def test_a_failure_gives_back_what_its_generation_took() -> None:
    web, memory = Web({"https://host.test/0.png": b"fine", "https://host.test/1.png": b"BAD"}), Memory(10_000)

    await failure(inputs(web, memory=memory), list(web.pages))

    assert memory.used == 0


async def test_the_pictures_come_in_the_order_of_the_urls() -> None:
    some = pages(14)
    web = Web(some, delays={url: 0.02 * (number % 3) for number, url in enumerate(reversed(some))})

    images = await collect(inputs(web), list(some))

    assert [image.data for image in images] == list(some.values())


async def test_no_url_gives_no_picture() -> None:
    assert await collect(inputs(Web()), []) == ()


async def test_the_same_url_twice_gives_the_picture_twice() -> None:
    url = "https://host.test/0.png"

    images = await collect(inputs(Web(pages(1))), [url, url])

    assert [image.data for image in images] == [b"picture 0"] * 2


async def test_at_most_four_are_fetched_at_once() -> None:
    web = Web(pages(14), delays=dict.fromkeys(pages(14), 0.01))

    await collect(inputs(web), list(web.pages))

    assert web.together_max == 4


async def test_closing_it_ends_the_decoder() -> None:
    decoder = Decoding()
    await Collector(
        fetcher=Web(), decoder=decoder, stored=StoredUrls(PUBLIC_URL), read_stored=_nothing, memory=Memory(MEBIBYTE)
    ).close()

    assert decoder.closed


async def test_a_failed_fetch_names_its_entry_and_nothing_of_the_network() -> None:
    urls = [*pages(2), "https://inside.test/x.png?token=canary"]

    failed = await failure(inputs(Web(pages(2))), urls)

    assert failed.message == f"inputImageUrls[2] {FETCH_FAILED}"
    assert isinstance(failed.__cause__, FetchFailed)


async def test_what_a_public_host_answered_stands_behind_its_entry() -> None:
    class Forbidden(Web):
        async def fetch(self, parsed: ForeignUrl) -> bytes:
            raise FetchFailed("refused: status 403", told=failures.told_of_status(403), refused=True, status=403)

    failed = await failure(inputs(Forbidden()), ["https://host.test/"])

    assert failed.message == (
        "inputImageUrls[0] could not be fetched: its host answered 403 Forbidden; give a URL that works without signing in"
    )


@pytest.mark.parametrize("url", ["nonsense", "file:///etc/passwd", "http://127.1/", "http://user@host.test/"])
async def test_a_url_that_cannot_be_read_fails_with_the_same_words(url: str) -> None:
    web = Web()

    failed = await failure(inputs(web), [url])

    assert failed.message == f"inputImageUrls[0] {FETCH_FAILED}"
    assert web.fetched == []


async def test_a_picture_that_cannot_be_read_names_its_entry() -> None:
    web = Web({**pages(1), "https://host.test/bad": b"BAD"})

    failed = await failure(inputs(web), ["https://host.test/0.png", "https://host.test/bad"])

    assert failed.message == "inputImageUrls[1] could not be read. Only PNG, JPEG and WebP pictures can be read."


async def test_one_failure_cancels_the_rest() -> None:
    web = Web(pages(8), delays=dict.fromkeys(pages(8), 30))

    failed = await failure(inputs(web), ["https://nowhere.test/", *pages(8)])

    assert failed.message.startswith("inputImageUrls[0] ")
    assert len(web.fetched) <= 5
    assert sorted(web.cancelled) == sorted(web.fetched[1:])


async def test_a_cancelled_collection_cancels_its_fetches() -> None:
    web = Web(pages(2), delays=dict.fromkeys(pages(2), 30))
    collecting = asyncio.create_task(collect(inputs(web), list(pages(2))))
    await asyncio.sleep(0.02)

    collecting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await collecting
    assert len(web.cancelled) == 2


@pytest.mark.parametrize(("size", "fits"), [(MEBIBYTE // 2, True), (MEBIBYTE // 2 + 1, False)])
async def test_the_pictures_have_a_largest_size_together(size: int, fits: bool) -> None:
    web = Web({"https://host.test/a": b"x" * (MEBIBYTE // 2), "https://host.test/b": b"x" * size})
    collector = inputs(web, concurrency=1, bytes_max=MEBIBYTE)

    if fits:
        assert len(await collect(collector, list(web.pages))) == 2
    else:
        failed = await failure(collector, list(web.pages))
        sentence = "inputImageUrls[1] makes the input images larger than 1 MiB together; give smaller ones"
        assert failed.message == sentence


async def test_an_error_of_the_storage_or_of_ours_is_not_the_callers() -> None:
    async def broken(name: str) -> bytes | None:
        raise OSError("disk away")

    collector = Collector(
        fetcher=Web(), decoder=Decoding(), stored=StoredUrls(PUBLIC_URL), read_stored=broken, memory=Memory(MEBIBYTE)
    )

    with pytest.raises(OSError, match="disk away"):
        await collect(collector, [f"{PUBLIC_URL}/generations/a.png"])


class TestTheServicesOwnPictures:
    @pytest.mark.parametrize(
        "url",
        ["https://images.test/api/generations/a-1.png", "HTTPS://Images.TEST:443/api/generations/a-1.png"]
        + ["https://images.test/api/generations/a-1.png?x=1#y"],
    )
    async def test_they_are_read_from_storage(self, url: str) -> None:
        web = Web()

        (image,) = await collect(inputs(web, storage={"a-1.png": b"stored"}), [url])

        assert image.data == b"stored"
        assert web.fetched == []

    async def test_one_kept_by_its_name_is_read_wherever_the_service_is_now(self) -> None:
        (image,) = await collect(inputs(Web(), storage={"a-1.png": b"stored"}), ["/generations/a-1.png"])

        assert image.data == b"stored"

    @pytest.mark.parametrize(
        "kept", ["/generations/../a-1.png", "/generations/", "/a-1.png", "//h/generations/a-1.png"]
    )
    async def test_nothing_else_that_begins_like_a_path_is_read(self, kept: str) -> None:
        everything = dict.fromkeys(["a-1.png", "../a-1.png", ""], b"stored")

        failed = await failure(inputs(Web(), storage=everything), [kept])

        assert failed.message == f"inputImageUrls[0] {FETCH_FAILED}"

    async def test_a_missing_one_reads_like_any_other_failure(self) -> None:
        failed = await failure(inputs(Web()), [f"{PUBLIC_URL}/generations/gone.png"])

        assert failed.message == f"inputImageUrls[0] {FETCH_FAILED}"

    @pytest.mark.parametrize(
        "url",
        [
            "http://images.test/api/generations/a.png",
            "https://images.test:8443/api/generations/a.png",
            "https://images.test/generations/a.png",
            "https://images.test/api/generations/",
            "https://images.test/api/generations/x/a.png",
            "https://images.test/api/generations/../a.png",
            "https://images.test/api/generations/..",
            "https://images.test/api/generations/.hidden",
            "https://images.test/api/generations/%2e%2e%2fa.png",
            "https://images.test/api/generations/a.png%00",
            "https://images.test.evil.test/api/generations/a.png",
            "https://other.test/?https://images.test/api/generations/a.png",
        ],
    )
    async def test_anything_else_is_fetched_like_a_strangers(self, url: str) -> None:
        web = Web({url: b"foreign"})
        names: list[str] = []

        async def read_stored(name: str) -> bytes | None:
            names.append(name)
            return b"stored"

        collector = Collector(
            fetcher=web,
            decoder=Decoding(),
            stored=StoredUrls(PUBLIC_URL),
            read_stored=read_stored,
            memory=Memory(MEBIBYTE),
        )

        assert (await collect(collector, [url]))[0].data == b"foreign"
        assert names == []

    def test_a_public_url_that_nobody_could_call_is_a_configuration_error(self) -> None:
        with pytest.raises(ConfigurationError, match="CAVENDISH_PUBLIC_URL has the scheme ftp"):
            StoredUrls("ftp://images.test")

    @pytest.mark.parametrize("public_url", ["http://localhost:8000", "http://[::1]:8000", "https://images.test/"])
    def test_usual_public_urls_are_understood(self, public_url: str) -> None:
        assert StoredUrls(public_url)


@pytest.fixture
def parsings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every URL that is parsed."""
    seen: list[str] = []
    parse = urls.parse

    def noted(url: str) -> ForeignUrl:
        seen.append(url)
        return parse(url)

    monkeypatch.setattr(urls, "parse", noted)
    return seen


class TestParsedOnce:
    """What was judged is what is fetched: nothing reads the text a second time."""

    def test_at_submit(self, parsings: list[str]) -> None:
        stored = StoredUrls(PUBLIC_URL)
        parsings.clear()

        submitted.check(["https://host.test/a.png"], stored=stored, allow_networks=(), names=FieldNames())

        assert parsings == ["https://host.test/a.png"]

    async def test_at_fetch(self, parsings: list[str]) -> None:
        fetcher = foreign(wanted=bool, allow_networks=())
        collector = Collector(
            fetcher=fetcher,
            decoder=Decoding(),
            stored=StoredUrls(PUBLIC_URL),
            read_stored=_nothing,
            memory=Memory(MEBIBYTE),
        )
        parsings.clear()

        await failure(collector, ["http://127.0.0.1/a.png"])

        assert parsings == ["http://127.0.0.1/a.png"]


class TestAtSubmit:
    stored = StoredUrls("http://127.0.0.1:8000")

    @pytest.mark.parametrize(
        "url", ["https://host.test/a.png", "http://8.8.8.8/a.png", "http://127.0.0.1:8000/generations/a.png"]
    )
    def test_what_may_be_fetched_passes(self, url: str) -> None:
        assert submitted.check([url], stored=self.stored, allow_networks=(), names=FieldNames()) == (
            url.removeprefix("http://127.0.0.1:8000"),
        )

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("ftp://host.test/a.png", "has the scheme ftp; give a public http(s) URL"),
            ("http://127.0.0.1:8000/metrics", "leads to 127.0.0.1, which is not a public address; give a public"),
            ("http://127.0.0.1:8000/generations/../metrics", "leads to 127.0.0.1, which is not a public address"),
            ("http://169.254.169.254/latest/", "leads to 169.254.169.254, which is not a public address"),
            ("http://host.test:5432/", "has the port 5432"),
            ("a.png", "is not an absolute URL"),
            ("/generations/a.png", "is not an absolute URL"),
        ],
    )
    def test_what_can_never_be_fetched_is_refused_by_its_entry(self, url: str, sentence: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            submitted.check(["https://host.test/", url], stored=self.stored, allow_networks=(), names=FieldNames())

        assert refused.value.message.startswith(f"input image 2 {sentence}")

    def test_an_allowed_network_passes(self) -> None:
        submitted.check(
            ["http://10.1.2.3:9000/a.png"],
            stored=self.stored,
            allow_networks=(ip_network("10.1.0.0/16"),),
            names=FieldNames(),
        )


async def test_a_picture_comes_through_the_real_door() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 7\r\n\r\npicture")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    collector = Collector(
        fetcher=foreign(wanted=bool, allow_networks=(ip_network("127.0.0.0/8"),)),
        decoder=Decoding(),
        stored=StoredUrls(PUBLIC_URL),
        read_stored=_nothing,
        memory=Memory(MEBIBYTE),
    )

    (image,) = await collect(collector, [f"http://127.0.0.1:{port}/a.png"])
    server.close()

    assert image.data == b"picture"


async def test_a_picture_is_taken_for_its_bytes_whatever_its_host_says(tmp_path: Path) -> None:
    body = gzip.compress(png(64, 48))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/page"
    settings = Settings(data=tmp_path, public_url=PUBLIC_URL, input_allow_networks=(ip_network("127.0.0.0/8"),))
    collector = build(settings, _nothing)

    (image,) = await collect(collector, [url])
    await collector.close()
    server.close()

    assert (image.media_type, image.width, image.height) == ("image/png", 64, 48)
