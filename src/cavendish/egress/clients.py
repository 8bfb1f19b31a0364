"""The two clients. `foreign` for what callers name: judged, bounded, GET only. `operator` for what settings name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import httpcore2
import httpx2

from cavendish.egress import coding, failures, urls
from cavendish.egress.addresses import Network
from cavendish.egress.coding import Coding
from cavendish.egress.failures import FetchFailed, Refused
from cavendish.egress.guard import Guard, Resolve, SystemResolver
from cavendish.egress.limits import MEBIBYTE, ForeignLimits
from cavendish.egress.meter import Meter
from cavendish.egress.urls import ForeignUrl

USER_AGENT = "Cavendish"

# What users of `operator` name in types and `except`, so that no other module imports httpx2.
OperatorClient = httpx2.AsyncClient
OperatorResponse = httpx2.Response
OperatorError = httpx2.HTTPError
# Raised before the first byte of a request went out: nothing was asked for, nothing can have been billed.
OPERATOR_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.LocalProtocolError,  # a header that cannot be written
    httpx2.InvalidURL,
)


# Whether bytes are of the kind that is fetched.
Wanted = Callable[[bytes], bool]


class OperatorTooLarge(httpx2.RemoteProtocolError):
    """An answer of the operator's client has more bytes than allowed."""


_REDIRECTS = (301, 302, 303, 307, 308)
# A host that was reached and says nothing more, or not all in time.
_SILENCE = (httpcore2.ReadTimeout, httpcore2.WriteTimeout, TimeoutError)
_UNREACHABLE = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError)


def foreign(
    *, wanted: Wanted, allow_networks: Sequence[Network], limits: ForeignLimits | None = None
) -> ForeignFetcher:
    """The client for callers' URLs, by the machine's own resolver and network. `limits`: by default those of inputs."""
    return ForeignFetcher(
        wanted=wanted,
        allow_networks=allow_networks,
        resolve=SystemResolver(),
        network=httpcore2.AnyIOBackend(),
        ssl_context=_ssl_context(),
        limits=limits,
    )


def operator(
    *,
    timeout_seconds: float,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    connect_seconds: float = 10.0,
    connections_max: int = 64,
    answer_bytes_max: int = 128 * MEBIBYTE,
) -> OperatorClient:
    """A client for URLs from settings: any address, no redirects, nothing from the environment. The caller closes it.

    Args:
        timeout_seconds: Silence while writing or reading; bound the whole call with `asyncio.timeout`.
        connect_seconds: To dial, and to wait for a free connection.
        connections_max: Open at once; further calls wait.
        answer_bytes_max: Of one body on the wire; 128 MiB are three 4K PNGs in base64. Over it: OperatorTooLarge.
    """
    limits = httpx2.Limits(max_connections=connections_max, max_keepalive_connections=connections_max)
    return httpx2.AsyncClient(
        base_url=base_url,
        headers={"User-Agent": USER_AGENT, **(headers or {})},
        timeout=httpx2.Timeout(timeout_seconds, connect=connect_seconds, pool=connect_seconds),
        transport=_BoundedTransport(answer_bytes_max, verify=_ssl_context(), trust_env=False, limits=limits),
        follow_redirects=False,
        trust_env=False,
    )


class ForeignFetcher:
    """Fetches callers' URLs. Safe to use concurrently; every fetch has its own connection, closed at its end.

    What a host calls its answer is not looked at: `wanted` looks at the bytes, and anything else is no answer.

    httpcore2 is used without httpx2: it takes the URL in parts, so nothing parses it again; it has no cookies,
    no proxies, no redirects and no boundless decompression that would have to be switched off.
    """

    def __init__(
        self,
        *,
        wanted: Wanted,
        allow_networks: Sequence[Network],
        resolve: Resolve,
        network: httpcore2.AsyncNetworkBackend,
        ssl_context: ssl.SSLContext,
        limits: ForeignLimits | None = None,
    ) -> None:
        self._wanted = wanted
        self._allow_networks = allow_networks
        self._resolve = resolve
        self._network = network
        self._ssl_context = ssl_context
        self._limits = limits or ForeignLimits()

    async def fetch(self, url: ForeignUrl) -> bytes:
        """The bytes behind the URL, all of them, after at most `redirects_max` redirects.

        Raises:
            FetchFailed: refused, unreachable, too large, too slow, not what is wanted.
        """
        way: list[Guard] = []
        try:
            async with asyncio.timeout(self._limits.total_seconds):
                return await self._follow(url, way)
        except Refused as exc:
            told = exc.told if _all_public(way) else ""
            raise FetchFailed(f"refused: {exc}", told=told, refused=True, status=exc.status) from exc
        except _UNREACHABLE as exc:
            told = failures.TOO_SLOW if isinstance(exc, _SILENCE) and _all_public(way) else ""
            raise FetchFailed(f"unreachable: {type(exc).__name__}", told=told) from exc

    async def _follow(self, url: ForeignUrl, way: list[Guard]) -> bytes:
        redirects_max = self._limits.redirects_max
        for _ in range(redirects_max + 1):
            answer = await self._get(url, way)
            if isinstance(answer, bytes):
                return answer
            url = _next_hop(url, answer)
        raise Refused(f"more than {redirects_max} redirects", told=failures.told_of_redirects(redirects_max))

    async def _get(self, url: ForeignUrl, way: list[Guard]) -> bytes | str:
        """The picture, or where else it is said to be. Notes on the way who was dialled."""
        meter = Meter(self._limits)
        way.append(self._guard(url, meter))
        # One connection for one request, not a pool: a kept connection would outlive its judgement.
        origin = _wire_url(url).origin
        async with httpcore2.AsyncHTTPConnection(origin, self._ssl_context, network_backend=way[-1]) as connection:
            asked = connection.stream("GET", _wire_url(url), headers=_headers(url), extensions=self._timeouts())
            async with asked as answer:
                meter.head_ended()
                self._check_size(answer)
                if answer.status in _REDIRECTS:
                    return _location(answer)
                if answer.status != 200:
                    raise _status_refused(answer, f"status {answer.status}")
                applied = coding.named(_header(answer, b"content-encoding") or "")
                data = await self._undone(await self._read(answer), applied)
                if not self._wanted(data):
                    raise Refused("not a picture", told=failures.NO_PICTURE)
                return data

    def _guard(self, url: ForeignUrl, meter: Meter) -> Guard:
        return Guard(
            address=url.address,
            resolve=self._resolve,
            network=self._network,
            allow_networks=self._allow_networks,
            limits=self._limits,
            meter=meter,
        )

    def _timeouts(self) -> dict[str, dict[str, float]]:
        connect, read = self._limits.connect_seconds, self._limits.read_seconds
        return {"timeout": {"connect": connect, "write": connect, "read": read}}

    def _check_size(self, answer: httpcore2.Response) -> None:
        if len(answer.headers) > self._limits.headers_max:
            raise Refused(f"{len(answer.headers)} headers")
        # h11 has made sure that there is at most one length, and that it is a number.
        length = _header(answer, b"content-length")
        if length is not None and int(length) > self._limits.body_bytes_max:
            raise Refused(f"says it has {length} bytes", told=self._too_large)

    async def _read(self, answer: httpcore2.Response) -> bytes:
        data, pieces = bytearray(), 0
        async for piece in answer.aiter_stream():
            data += piece
            pieces += 1
            if len(data) > self._limits.body_bytes_max or pieces > self._limits.pieces_max:
                reason = f"over {self._limits.body_bytes_max} bytes or {self._limits.pieces_max} pieces"
                raise Refused(reason, told=self._too_large)
        return bytes(data)

    async def _undone(self, data: bytes, applied: Coding) -> bytes:
        if applied == "identity":
            return data
        try:
            # Beside the loop: 20 MiB take some 100 ms.
            return await asyncio.to_thread(coding.undone, data, applied, bytes_max=self._limits.body_bytes_max)
        except coding.TooLarge as exc:
            reason = f"over {self._limits.body_bytes_max} bytes once it is not compressed"
            raise Refused(reason, told=self._too_large) from exc

    @property
    def _too_large(self) -> str:
        return failures.told_of_size(self._limits.body_bytes_max)


def _all_public(way: Sequence[Guard]) -> bool:
    """Whether every host was dialled, and is a public one: a single other keeps what any of them said."""
    return bool(way) and all(guard.public for guard in way)


def _wire_url(url: ForeignUrl) -> httpcore2.URL:
    return httpcore2.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)


def _headers(url: ForeignUrl) -> list[tuple[str, str]]:
    return [
        ("Host", url.authority),  # httpcore2 would write an IPv6 literal without its brackets
        ("User-Agent", USER_AGENT),
        ("Accept", "image/png, image/jpeg, image/webp, image/*;q=0.5, */*;q=0.1"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]


def _header(answer: httpcore2.Response, name: bytes) -> str | None:
    """The header's value; None where it is missing. Raises Refused where there are several that differ."""
    values = {value.strip().decode("latin-1") for key, value in answer.headers if key.lower() == name}
    if len(values) > 1:
        raise Refused(f"{len(values)} different values for {name.decode()}")
    return values.pop() if values else None


def _location(answer: httpcore2.Response) -> str:
    location = _header(answer, b"location")
    if not location:
        raise _status_refused(answer, f"status {answer.status} without a location")
    return location


def _next_hop(url: ForeignUrl, location: str) -> ForeignUrl:
    following = urls.join(url, location)
    if url.scheme == "https" and following.scheme == "http":
        raise Refused("redirect from https to http")
    return following


def _status_refused(answer: httpcore2.Response, reason: str) -> Refused:
    return Refused(reason, told=failures.told_of_status(answer.status), status=answer.status)


def _ssl_context() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


class _BoundedTransport(httpx2.AsyncHTTPTransport):
    """Ends an answer that has more bytes than its caller could use."""

    def __init__(self, bytes_max: int, *, verify: ssl.SSLContext, trust_env: bool, limits: httpx2.Limits) -> None:
        super().__init__(verify=verify, trust_env=trust_env, limits=limits)
        self._bytes_max = bytes_max

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _BoundedStream(response.stream, self._bytes_max)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, bytes_max: int) -> None:
        self._stream = stream
        self._bytes_max = bytes_max

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > self._bytes_max:
                raise OperatorTooLarge(f"the answer has more than {self._bytes_max} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
