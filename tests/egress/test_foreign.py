"""The foreign door: redirects judged hop by hop, and one text for whatever no public host said."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from ipaddress import ip_network

import pytest
from egress_helpers import FORBIDDEN, LIMITS, NO_PICTURE, PNG, PUBLIC, Handler, Lab, answering, redirect, response

from cavendish.egress import clients, urls
from cavendish.egress.failures import FetchFailed
from cavendish.egress.limits import MEBIBYTE, ForeignLimits

pytestmark = pytest.mark.anyio

OTHER = "93.184.216.35"
TEXT = "could not be fetched; give a public http(s) URL of a PNG, JPEG, WebP, GIF or AVIF image"


async def failure(lab: Lab, url: str = "http://host.test/", *, text: str = TEXT) -> FetchFailed:
    """`text`: what a caller reads; where it is not the one text, its beginning is enough."""
    with pytest.raises(FetchFailed) as failed:
        await lab.fetcher().fetch(urls.parse(url))

    assert str(failed.value) == text if text == TEXT else str(failed.value).startswith(f"could not be fetched: {text}")
    assert lab.canary.connections == 0
    return failed.value


async def public_host(lab: Lab, handler: Handler, *, port: int = 80) -> None:
    await lab.host(PUBLIC, handler, port=port)
    lab.names["host.test"] = [[PUBLIC]]


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize(
        "location",
        ["http://other.test/b.png", "//other.test/b.png", "http://other.test:443/b.png", f"http://{OTHER}/b.png"],
    )
    async def test_a_redirect_to_a_public_host_is_followed(self, lab: Lab, status: int, location: str) -> None:
        await public_host(lab, redirect(location, status))
        for port in (80, 443):
            await lab.host(OTHER, answering(response()), port=port)
        lab.names["other.test"] = [[OTHER]]

        assert await lab.fetcher().fetch(urls.parse("http://host.test/a.png")) == PNG
        assert [address for address, _ in lab.dials] == [PUBLIC, OTHER]

    @pytest.mark.parametrize("address", FORBIDDEN)
    async def test_a_redirect_to_a_forbidden_address_is_refused(self, lab: Lab, address: str) -> None:
        await public_host(lab, redirect(f"http://[{address}]/" if ":" in address else f"http://{address}/"))

        await failure(lab)

        assert lab.dials == [(PUBLIC, 80)]

    @pytest.mark.parametrize("address", FORBIDDEN)
    async def test_a_redirect_to_a_name_with_a_forbidden_address_is_refused(self, lab: Lab, address: str) -> None:
        await public_host(lab, redirect("http://inside.test/"))
        lab.names["inside.test"] = [[address]]

        await failure(lab)

        assert lab.dials == [(PUBLIC, 80)]

    @pytest.mark.parametrize(
        "location",
        ["file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://host.test/", "data:image/png;base64,AA=="]
        + ["http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://0177.0.0.1/", "http://user@host.test/"]
        + ["http://host.test:6379/", "http://host.test:22/", "//127.0.0.1/", "///127.0.0.1/", "http:////127.0.0.1/"]
        + ["\\\\127.0.0.1\\", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://[::1"],
    )
    async def test_a_redirect_to_a_forbidden_url_is_refused(self, lab: Lab, location: str) -> None:
        raw = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        await public_host(lab, answering(raw))

        await failure(lab)

        assert lab.dials == [(PUBLIC, 80)]

    async def test_the_second_redirect_is_judged_too(self, lab: Lab) -> None:
        await public_host(lab, redirect("http://other.test/"))
        await lab.host(OTHER, redirect("http://169.254.169.254/latest/meta-data/"))
        lab.names["other.test"] = [[OTHER]]

        assert "169.254.169.254" in (await failure(lab)).reason

        assert [address for address, _ in lab.dials] == [PUBLIC, OTHER]

    async def test_a_name_that_turns_private_between_two_hops_is_refused(self, lab: Lab) -> None:
        await lab.host(PUBLIC, redirect("/again"))
        lab.names["host.test"] = [[PUBLIC], ["127.0.0.1"]]

        assert "127.0.0.1" in (await failure(lab)).reason

        assert lab.dials == [(PUBLIC, 80)]
        assert lab.lookups == ["host.test", "host.test"]

    async def test_five_redirects_are_followed_and_six_are_not(self, lab: Lab) -> None:
        async def step(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
            left = int(line.strip("/"))
            writer.write(response("302 Found", b"", Location=f"/{left - 1}") if left else response())

        await public_host(lab, step)

        assert await lab.fetcher().fetch(urls.parse("http://host.test/5")) == PNG
        failed = await failure(
            lab, "http://host.test/6", text="more than 5 redirects lead to it; give the URL at their"
        )
        assert failed.reason == "refused: more than 5 redirects"

    async def test_a_loop_ends(self, lab: Lab) -> None:
        await public_host(lab, redirect("http://host.test/"))

        assert "more than 5 redirects" in (await failure(lab, text="more than 5 redirects")).reason
        assert len(lab.dials) == 6

    async def test_https_is_never_left_for_http(self, lab: Lab) -> None:
        await public_host(lab, redirect("http://host.test/"), port=443)

        assert "from https to http" in (await failure(lab, "https://host.test/")).reason

    async def test_https_is_not_left_even_where_http_came_first(self, lab: Lab) -> None:
        await public_host(lab, redirect("https://other.test/"))
        await lab.host(OTHER, redirect("http://host.test/"), port=443)
        lab.names["other.test"] = [[OTHER]]

        assert "from https to http" in (await failure(lab)).reason

    async def test_a_redirect_without_a_place_is_refused(self, lab: Lab) -> None:
        await public_host(lab, answering(response("302 Found", b"")))

        assert "without a location" in (await failure(lab, text="its host answered 302 Found; give the URL of")).reason

    async def test_two_different_places_are_refused(self, lab: Lab) -> None:
        raw = b"HTTP/1.1 302 Found\r\nLocation: /a\r\nlocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
        await public_host(lab, answering(raw))

        assert "2 different values for location" in (await failure(lab)).reason


class TestAnswers:
    @pytest.mark.parametrize(
        "media_type",
        ["image/png", "IMAGE/JPEG; q=1", "", "application/octet-stream", "text/html", "application/json", "*"],
    )
    async def test_what_a_host_calls_its_picture_is_not_looked_at(self, lab: Lab, media_type: str) -> None:
        await public_host(lab, answering(response(content_type=media_type)))

        assert await lab.fetcher().fetch(urls.parse("http://host.test/")) == PNG

    @pytest.mark.parametrize("media_type", ["text/html", "image/png", ""])
    async def test_what_is_no_picture_is_refused_whatever_it_is_called(self, lab: Lab, media_type: str) -> None:
        await public_host(lab, answering(response(body=NO_PICTURE, content_type=media_type)))

        with pytest.raises(
            FetchFailed, match="could not be read: what is there is no PNG, JPEG, WebP, GIF or AVIF"
        ) as failed:
            await lab.fetcher().fetch(urls.parse("http://host.test/"))

        assert failed.value.refused

    @pytest.mark.parametrize("status", ["204 None", "206 Part", "300 Many", "304 Same", "404 Not Found", "500 Broken"])
    async def test_other_statuses_are_refused(self, lab: Lab, status: str) -> None:
        await public_host(lab, answering(response(status, b"")))

        failed = await failure(lab, text=f"its host answered {status[:3]}")
        assert f"status {status[:3]}" in failed.reason

    async def test_an_upgrade_is_refused(self, lab: Lab) -> None:
        await public_host(lab, answering(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"))

        await failure(lab)

    async def test_chunked_bodies_and_bodies_to_the_end_are_taken(self, lab: Lab) -> None:
        head = b"HTTP/1.1 200 OK\r\n"
        await public_host(
            lab, answering(head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        )
        await lab.host(OTHER, answering(head + b"\r\nto the end"))

        assert await lab.fetcher().fetch(urls.parse("http://host.test/")) == b"abcde"
        assert await lab.fetcher().fetch(urls.parse(f"http://{OTHER}/")) == b"to the end"

    async def test_nothing_of_the_caller_or_of_us_goes_out(self, lab: Lab) -> None:
        host = await lab.host(PUBLIC, answering(response()))

        await lab.fetcher().fetch(urls.parse(f"http://{PUBLIC}/"))

        names = [line.split(b":")[0] for line in host.received.split(b"\r\n")[1:] if line]
        assert names == [b"Host", b"User-Agent", b"Accept", b"Accept-Encoding", b"Connection"]
        assert b"Accept-Encoding: identity\r\nConnection: close\r\n" in host.received

    async def test_every_fetch_has_its_own_connection(self, lab: Lab) -> None:
        await public_host(lab, answering(response()))
        fetcher = lab.fetcher()

        await asyncio.gather(*(fetcher.fetch(urls.parse("http://host.test/")) for _ in range(8)))

        assert len(lab.dials) == len(lab.lookups) == 8


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await reader.read()


# What a host may do that keeps its picture from us, and what is said of it where the host is public.
TROUBLES: dict[str, tuple[Handler, str]] = {
    "401": (answering(response("401 No", b"")), "its host answered 401 Unauthorized; give a URL that works without"),
    "403": (answering(response("403 No", b"")), "its host answered 403 Forbidden; give a URL that works without sign"),
    "404": (answering(response("404 No", b"")), "its host answered 404 Not Found; check the URL"),
    "410": (answering(response("410 No", b"")), "its host answered 410 Gone; check the URL"),
    "429": (answering(response("429 No", b"")), "its host answered 429 Too Many Requests; try again later"),
    "503": (answering(response("503 No", b"")), "its host answered 503 Service Unavailable; try again later"),
    "no known status": (answering(response("599 secret", b"")), "its host answered 599; try again later"),
    "a redirect to nowhere": (answering(response("302 No", b"")), "its host answered 302 Found; give the URL of the"),
    "a loop": (redirect("/again"), "more than 5 redirects lead to it; give the URL at their end"),
    "a page": (
        answering(response(body=NO_PICTURE)),
        "could not be read: what is there is no PNG, JPEG, WebP, GIF or AVIF",
    ),
    "silence": (silence, "its host did not send it in time; try again, or give a faster host"),
    "too large by its word": (answering(response(content_length="70000")), "it has more than 0 MB; give a smaller one"),
    "too large": (answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 70_000), "it has more than 0 MB; give a smaller one"),
}
INSIDE = "10.0.0.1"
ALLOWED = (ip_network("10.0.0.0/8"),)


class TestWhatIsTold:
    @staticmethod
    async def told(lab: Lab, url: str = "http://host.test/") -> str:
        with pytest.raises(FetchFailed) as failed:
            await lab.fetcher(allow_networks=ALLOWED).fetch(urls.parse(url))

        assert lab.canary.connections == 0
        return str(failed.value)

    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_a_public_hosts_trouble_is_told(self, lab: Lab, trouble: str) -> None:
        handler, text = TROUBLES[trouble]
        await public_host(lab, handler)

        assert text in await self.told(lab)

    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_the_same_trouble_inside_an_allowed_network_is_not(self, lab: Lab, trouble: str) -> None:
        """What answers there, and how, is nobody's business."""
        await lab.host(INSIDE, TROUBLES[trouble][0])

        assert await self.told(lab, f"http://{INSIDE}/") == TEXT

    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_nor_behind_a_public_host_that_leads_there(self, lab: Lab, trouble: str) -> None:
        await public_host(lab, redirect(f"http://{INSIDE}/"))
        await lab.host(INSIDE, TROUBLES[trouble][0])

        assert await self.told(lab) == TEXT

    @pytest.mark.parametrize("trouble", TROUBLES)
    async def test_nor_a_public_hosts_behind_one_inside(self, lab: Lab, trouble: str) -> None:
        """That the inner host exists, and leads on, would be told with it."""
        await lab.host(INSIDE, redirect("http://host.test/"))
        await public_host(lab, TROUBLES[trouble][0])

        assert await self.told(lab, f"http://{INSIDE}/") == TEXT

    async def test_a_name_that_leads_inside_too_is_not_public(self, lab: Lab) -> None:
        await lab.host(PUBLIC, TROUBLES["404"][0])
        lab.names["host.test"] = [[PUBLIC, INSIDE]]

        assert await self.told(lab) == TEXT

    @pytest.mark.parametrize("steps", [1, 4])
    @pytest.mark.parametrize(
        "end", ["http://192.168.0.1/", "http://inside.test/", "http://dead.test/", "http://no.test/"]
    )
    async def test_public_hosts_that_lead_where_nothing_answers_or_may_be_asked(
        self, lab: Lab, end: str, steps: int
    ) -> None:
        async def step(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            left = int((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].strip(b"/") or b"0")
            writer.write(response("302 Found", b"", Location=f"/{left - 1}" if left else end))

        await public_host(lab, step)
        lab.names |= {"inside.test": [["172.16.0.1"]], "dead.test": [[OTHER]]}
        lab.dead = {OTHER}

        assert await self.told(lab, f"http://host.test/{steps - 1}") == TEXT

    @pytest.mark.parametrize("address", [OTHER, INSIDE])
    @pytest.mark.parametrize("limit", ["connect_seconds", "total_seconds"])
    async def test_a_dial_that_hangs_is_not_a_slow_host(self, lab: Lab, address: str, limit: str) -> None:
        await public_host(lab, redirect(f"http://{address}/"))
        lab.hung = {address}
        fetcher = lab.fetcher(allow_networks=ALLOWED, limits=dataclasses.replace(LIMITS, **{limit: 0.3}))

        with pytest.raises(FetchFailed) as failed:
            await fetcher.fetch(urls.parse("http://host.test/"))

        assert (str(failed.value), failed.value.reason) == (TEXT, "unreachable: TimeoutError")

    async def test_no_word_of_the_host_is_repeated(self, lab: Lab) -> None:
        await public_host(lab, answering(response("403 <script>", b"canary", X_Why="canary")))

        assert "canary" not in (told := await self.told(lab)) and "script" not in told


class TestOneFace:
    async def test_refused_and_unreachable_read_alike(self, lab: Lab) -> None:
        lab.names |= {"inside.test": [["10.0.0.1"]], "dead.test": [[PUBLIC]]}
        lab.dead = {PUBLIC}

        failures = [
            await failure(lab, url)
            for url in (
                "http://inside.test/",
                "http://dead.test/",
                "http://nowhere.test/",
                "http://127.0.0.1/",
            )
        ]

        assert {str(each) for each in failures} == {TEXT}
        assert {each.args for each in failures} == {(TEXT,)}
        assert len({each.reason for each in failures}) == 4

    @pytest.mark.parametrize("place", ["http://host.test/canary?token=canary", "http://127.0.0.1/canary?canary"])
    async def test_reasons_name_no_path_and_no_query(self, lab: Lab, place: str) -> None:
        await public_host(lab, redirect("/canary?token=canary"))

        failed: BaseException | None = await failure(lab, place, text="more than" if "host" in place else TEXT)

        while failed is not None:
            assert "canary" not in f"{failed} {failed!r} {getattr(failed, 'reason', '')}"
            failed = failed.__cause__

    async def test_a_cancelled_fetch_hangs_up(self, lab: Lab) -> None:
        gone = asyncio.Event()

        async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            await reader.read()
            gone.set()

        await public_host(lab, wait)
        fetch = asyncio.create_task(lab.fetcher().fetch(urls.parse("http://host.test/")))
        await asyncio.sleep(0.1)

        fetch.cancel()

        with pytest.raises(asyncio.CancelledError):
            await fetch
        await asyncio.wait_for(gone.wait(), 2)

    async def test_an_error_of_our_own_is_not_hidden(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        async def broken(host: str, port: int) -> list[str]:
            raise ZeroDivisionError

        monkeypatch.setattr(lab, "resolve", broken)

        with pytest.raises(ZeroDivisionError):
            await lab.fetcher().fetch(urls.parse("http://host.test/"))


class TestAllowedNetworks:
    async def test_http_inside_an_allowed_network_reaches_any_port(self, lab: Lab) -> None:
        fetcher = lab.fetcher(allow_networks=(ip_network("127.0.0.0/8"),), real_network=True)

        assert await fetcher.fetch(urls.parse(f"http://127.0.0.1:{lab.canary.port}/")) == PNG

    async def test_a_name_half_inside_is_refused(self, lab: Lab) -> None:
        lab.names["host.test"] = [["127.0.0.1", "10.0.0.1"]]
        fetcher = lab.fetcher(allow_networks=(ip_network("127.0.0.0/8"),), real_network=True)

        with pytest.raises(FetchFailed):
            await fetcher.fetch(urls.parse(f"http://host.test:{lab.canary.port}/"))

        assert lab.canary.connections == 0

    async def test_a_public_host_may_not_redirect_to_an_odd_port(self, lab: Lab) -> None:
        await public_host(lab, redirect("http://host.test:8080/"))
        fetcher = lab.fetcher(allow_networks=(ip_network("127.0.0.0/8"),))

        with pytest.raises(FetchFailed):
            await fetcher.fetch(urls.parse("http://host.test/"))

        assert lab.dials == [(PUBLIC, 80)]


def test_the_limits_are_the_promised_ones() -> None:
    limits = ForeignLimits()

    assert limits.body_bytes_max == 20 * MEBIBYTE
    assert (limits.connect_seconds, limits.read_seconds, limits.total_seconds) == (5, 10, 30)
    assert limits.redirects_max == LIMITS.redirects_max == 5


def test_certificates_are_checked_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")

    context = clients._ssl_context()

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
