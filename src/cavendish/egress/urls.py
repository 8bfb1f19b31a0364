"""The one parser of callers' URLs, stricter than any other, so that no other can read a different host from them.

What it accepts, `urllib.parse.urlsplit` and `httpx2.URL` read alike (a test tries thousands). Its result is what is
judged and what is dialled: the text is never parsed a second time.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cavendish.egress import addresses
from cavendish.egress.addresses import Address, Network
from cavendish.egress.failures import UrlRefused

URL_CHARACTERS_MAX = 2048  # what browsers, proxies and signed storage URLs stay under

_PORTS = {"http": 80, "https": 443}
_WAY_OUT = "give a public http(s) URL"

# ASCII everywhere: with Unicode's case rules "httpſ" would be https, with its digits "①" would be 1.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,30}):", re.ASCII | re.IGNORECASE)
_PARTS = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.ASCII | re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(.*))?", re.ASCII)
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
# An underscore is no LDH character, but buckets and containers have it, every parser and resolver agrees on it.
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.ASCII)
# Whatever ends like this, some resolver reads as an address: 127.1, 0x7f000001, 2130706433, 0177.0.0.1.
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff]|\s")
_VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class ForeignUrl:
    """A caller's URL, taken apart once.

    Attributes:
        host: A lower-case ASCII name, or an IP literal in its canonical form, without brackets.
        target: Path and query as they go over the wire; not in the `repr`, since a query may carry a secret.
        address: The host as an address, None where it is a name.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    address: Address | None

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> ForeignUrl:
    """Take an absolute URL apart, without any look-up.

    Raises:
        UrlRefused: it is not an http(s) URL that every parser reads alike.
    """
    scheme, authority, target = _split(url)
    host, port = _split_authority(authority)
    host = host.lower()
    address = _literal(host)
    return ForeignUrl(
        scheme=scheme,
        host=_checked_name(host) if address is None else str(address),
        port=_PORTS[scheme] if port is None else _checked_port(port),
        target=_wire_target(target),
        address=address,
    )


def check_literal(url: ForeignUrl, allow_networks: Sequence[Network]) -> None:
    """Refuse at submit what the URL's text alone condemns; names are resolved by the fetch only.

    Raises:
        UrlRefused: an address that is neither public nor in `allow_networks`, or a port that no address could make
            right.
    """
    if url.address is None:
        if url.port not in addresses.PORTS_PUBLIC and not allow_networks:
            raise UrlRefused(f"has the port {url.port}; public hosts are reached on ports 80 and 443 only")
    elif reason := addresses.refusal(url.address, url.port, allow_networks):
        raise UrlRefused(f"leads to {url.host}, which {reason}; {_WAY_OUT}, or ask your operator to allow its network")


def join(base: ForeignUrl, reference: str) -> ForeignUrl:
    """Where a redirect from `base` to `reference` leads. Whatever names a host goes through `parse`.

    Raises:
        UrlRefused: as `parse`.
    """
    if _SCHEME.match(reference):
        return parse(reference)
    if reference.startswith("//"):
        return parse(f"{base.scheme}:{reference}")
    _refuse_long(reference)
    _refuse_unsafe(reference)
    return replace(base, target=_wire_target(_join_path(base.target, reference.partition("#")[0])))


def _split(url: str) -> tuple[str, str, str]:
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise UrlRefused(f"is not an absolute URL; {_WAY_OUT}")
    if scheme[1].lower() not in _PORTS:
        raise UrlRefused(f"has the scheme {scheme[1]}; {_WAY_OUT}")
    _refuse_long(url)
    _refuse_unsafe(url)
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise UrlRefused(f"has no // after its scheme; {_WAY_OUT}")
    return parts[1].lower(), parts[2], parts[3]


def _refuse_long(text: str) -> None:
    if len(text) > URL_CHARACTERS_MAX:
        raise UrlRefused(f"has {len(text)} characters; at most {URL_CHARACTERS_MAX} are allowed")


def _refuse_unsafe(text: str) -> None:
    if _UNSAFE.search(text):
        raise UrlRefused("contains white space, a control character or a backslash; percent-encode it")


def _split_authority(authority: str) -> tuple[str, str | None]:
    if "@" in authority:
        raise UrlRefused("has a user name or password; give a URL that works without")
    if not authority.isascii():
        raise UrlRefused("has a host name outside ASCII; write it in its xn-- form")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise UrlRefused(f"has a host that cannot be read; {_WAY_OUT}")
    if not parts[1]:
        raise UrlRefused(f"has no host; {_WAY_OUT}")
    return parts[1], parts[2]


def _literal(host: str) -> Address | None:
    """The address an IP literal names; None for a name."""
    if not host.startswith("[") and not _ENDS_IN_NUMBER.fullmatch(host):
        return None
    text = host.strip("[]")
    try:
        address: Address = ipaddress.IPv6Address(text) if host.startswith("[") else ipaddress.IPv4Address(text)
    except ValueError as exc:
        raise UrlRefused(f"has the host {host}, which is no IP address; {_WAY_OUT}") from exc
    if str(address) != text or "%" in text:
        raise UrlRefused("has an IP address in an unusual form; write it as 203.0.113.7 or [2001:db8::7]")
    return address


def _checked_name(host: str) -> str:
    if not _NAME.fullmatch(host):
        raise UrlRefused("has a host that is not a name of letters, digits, hyphens and dots")
    return host


def _checked_port(port: str) -> int:
    if not _PORT.fullmatch(port) or int(port) > 65535:
        raise UrlRefused("has a port that is not a number from 1 to 65535")
    return int(port)


def _wire_target(target: str) -> str:
    """ASCII stays as it was written, since signed URLs break otherwise; the rest becomes UTF-8 in percent signs."""
    encoded = urllib.parse.quote(target, safe=_VISIBLE_ASCII)
    return encoded if encoded.startswith("/") else f"/{encoded}"


def _join_path(target: str, reference: str) -> str:
    """Dot segments stay, as in a first URL: servers resolve them."""
    if not reference:
        return target
    if reference.startswith("/"):
        return reference
    path = target.partition("?")[0]
    return path + reference if reference.startswith("?") else path.rpartition("/")[0] + "/" + reference
