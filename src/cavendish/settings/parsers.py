"""One parser per kind of value: from text as it is written to the value, or a ValueError that says the way out."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

from cavendish.models import Quality, RateLimit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MEBIBYTE = 1024 * 1024

_PREFIX_MIN = 7  # of a network that is somebody's own: fc00::/7 is the widest that there is
_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DATABASE_URL = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with @ / # in the password as %40 %2F %23"
MASK = "********"


class Unreadable(ValueError):
    """Text that is no such value. It says how to write one and never quotes the text, which may be a secret."""


def limit(text: str) -> RateLimit:
    """`100/hour`, `20/second`, `5/30s`."""
    match = re.fullmatch(r"(\d{1,9})/(\d{0,6})(s|seconds?|m|minutes?|h|hours?|d|days?)", text.replace(" ", "").lower())
    if match is None or int(match[1]) < 1 or match[2] == "0":
        raise Unreadable("write COUNT/PERIOD, such as 100/hour; the period is second, minute, hour or day")
    found = RateLimit(count=int(match[1]), seconds=_PERIODS[match[3][0]] * int(match[2] or 1))
    if found.count > found.seconds * 1_000_000:
        raise Unreadable("at most 1000000 per second: the database's clock ticks in microseconds")
    return found


def duration(text: str) -> float:
    """Seconds from `30d`, `12h`, `90s` or a plain number of seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip().lower())
    if match is None:
        raise Unreadable("write a number of seconds, or 90s, 15m, 12h, 30d")
    return float(match[1]) * _PERIODS[match[2] or "s"]


def prices(text: str) -> dict[Quality, int]:
    """`1K=4,2K=8,4K=16`: whole credits, at least 1 each, all three qualities."""
    found: dict[Quality, int] = {}
    for part in text.split(","):
        quality, _, credits = part.partition("=")
        found[Quality(quality.strip())] = int(credits)
    if set(found) != set(Quality) or not all(1 <= price <= 1_000_000 for price in found.values()):
        raise Unreadable("write 1K=4,2K=8,4K=16 with whole credits from 1 to 1000000")
    return found


def routes(text: str) -> dict[str, tuple[str, ...]]:
    """`nano-banana-2=gemini,sketch;nano-banana-pro=gemini`: public model to engines in order."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(str.strip, text.split(";")):
        model, equals, engines = part.partition("=")
        names = tuple(name.strip() for name in engines.split(",") if name.strip())
        if not equals or not names or not all(re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", name) for name in names):
            raise Unreadable("write MODEL=ENGINE[,ENGINE…][;MODEL=…], such as nano-banana-2=sketch")
        found[model.strip()] = names
    return found


def aliases(text: str) -> dict[str, str]:
    """`gpt-image-1=nano-banana-2;dall-e-3=nano-banana-2`: what clients send to what serves it; `none`: nothing."""
    found: dict[str, str] = {}
    if text.strip() == "none":
        return found
    for part in filter(str.strip, text.split(";")):
        alias, equals, model = (word.strip() for word in part.partition("="))
        if not equals or not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,99}", name) for name in (alias, model)):
            raise Unreadable("write NAME=MODEL[;NAME=MODEL…], such as gpt-image-1=nano-banana-2")
        found[alias] = model
    return found


def networks(text: str) -> tuple[Network, ...]:
    """`127.0.0.0/8,10.1.0.0/16`; empty: none."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Callers without a credential from this network act as the account of this name."""

    account: str
    network: Network

    def __str__(self) -> str:
        return f"{self.account}@{self.network}"


def anonymous(text: str) -> tuple[Anonymous, ...]:
    """`home@192.168.1.0/24,shop@10.1.2.3`: accounts, and from where they may be used without a key; empty: none."""
    return tuple(_anonymous(*part.strip().rpartition("@")) for part in text.split(",") if part.strip())


def _anonymous(account: str, at: str, network: str) -> Anonymous:
    account, found = account.strip(), ipaddress.ip_network(network.strip())
    if not at or not account or len(account) > 100 or not account.isprintable():
        raise Unreadable("write ACCOUNT@NETWORK[,ACCOUNT@NETWORK…], such as home@192.168.1.0/24")
    if found.prefixlen < _PREFIX_MIN:
        raise Unreadable(f"{found} is most of the internet: name a network of your own, such as 192.168.1.0/24")
    if isinstance(found, ipaddress.IPv6Network) and found.network_address.ipv4_mapped:
        raise Unreadable(f"{found} are addresses of IPv4: write them as such")
    return Anonymous(account, found)


def url(text: str) -> str:
    """An http or https address without a trailing slash."""
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreadable("write an address such as https://images.example.com")
    return text.rstrip("/")


def endpoint(text: str) -> str:
    """An http or https address as it is written: a slash at its end may matter there."""
    url(text)
    return text


def issuer(text: str) -> str:
    """The address of who vouches for people: https, or this machine. As it is written: its tokens name it exactly."""
    url(text)
    if not is_private_way(text):
        raise Unreadable("write an https address: who can change its answers on their way can sign in as anybody")
    return text


def database_url(text: str) -> str:
    """Where a PostgreSQL is, as libpq writes its address; empty: not set. Nobody is asked whether one is there."""
    if text and not _names_a_database(text):
        raise Unreadable(_DATABASE_URL)
    return text


def _names_a_database(url: str) -> bool:
    """Whether the driver can take it apart as it was meant."""
    try:
        parts = urllib.parse.urlsplit(url)
        query = urllib.parse.parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError:
        return False
    hosts = parts.netloc.rpartition("@")[2].split(",")
    ports = [host.rpartition("]")[2].partition(":")[2] for host in hosts] + query.get("port", [""])[-1].split(",")
    return (
        url.startswith(("postgresql://", "postgres://"))
        and parts.netloc.count("@") <= 1
        and "@" not in parts.path + parts.fragment
        and all(port == "" or (port.isdecimal() and 1 <= int(port) <= 65535) for port in ports)
    )


def without_password(url: str) -> str:
    """The address of a database, or what was meant as one, with all masked that may be a password in it."""
    scheme = re.match(r"(?:\w[\w+.-]*)?:?//|", url)
    assert scheme is not None
    rest = url[scheme.end() :]
    user, at, host = rest.rpartition("@")
    if at:
        name, colon, _ = user.partition(":")
        rest = f"{name}{colon}{MASK if colon else ''}@{host}"
    else:
        rest = re.sub(r"(\[[^]]*\])|:(?!\d{1,5}(?:[,/?]|$))[^,/?]*", lambda found: found[1] or f":{MASK}", rest)
    return re.sub(r"(?i)(password\s*=\s*)('[^']*'|[^&\s]*)", rf"\1{MASK}", scheme[0] + rest)


def is_private_way(url: str) -> bool:
    """Whether nobody on the way can read or change what is sent there: https, or http to this machine."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http":
        return parts.scheme == "https" and bool(parts.hostname)
    return is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether this host is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def label(text: str) -> str:
    """A few words for a button."""
    if not 1 <= len(text.strip()) <= 60 or not text.strip().isprintable():
        raise Unreadable("write 1 to 60 characters on one line")
    return text.strip()


def words(text: str) -> tuple[str, ...]:
    """Values, comma separated; empty: none."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def hosts(text: str) -> tuple[str, ...]:
    """Host names in small letters, `*.name` for all below one, `*` for any; comma separated, empty: none."""
    found = tuple(name.lower().removesuffix(".").encode("idna").decode() for name in words(text))
    for name in found:
        if name != "*" and not re.fullmatch(r"(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", name):
            raise Unreadable("write host names without port, such as images.example.com or *.example.com")
    return found


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A duration between these, both included."""

    def parse(text: str) -> float:
        if not least <= (found := duration(text)) <= most:
            raise Unreadable(f"write {least:g} to {most:g} seconds")
        return found

    return parse


def wait(text: str) -> float:
    """A duration longer than none."""
    if (seconds := duration(text)) <= 0:
        raise Unreadable("write more than 0 seconds")
    return seconds


def storage_url(text: str) -> str:
    if not text.startswith("file:///"):
        raise Unreadable("write file:///an/absolute/path; this version stores on a file system")
    return text


def group(text: str) -> str:
    """The name or the number of a group of the system."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?|[0-9]{1,9}", text.strip()):
        raise Unreadable("write the name or the number of a group of this system")
    return text.strip()


def header_key(text: str) -> str:
    """A key as it may stand in an HTTP header."""
    if not re.fullmatch(r"[!-~]{1,1000}", text.strip()):
        raise Unreadable("write the key alone: printable ASCII, no spaces")
    return text.strip()


def flag(text: str) -> bool:
    value = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.strip().lower() not in value:
        raise Unreadable("write true or false")
    return value[text.strip().lower()]


def one_of(*words: str) -> Callable[[str], str]:
    """A parser that takes one of these words."""

    def parse(text: str) -> str:
        if text not in words:
            raise Unreadable(f"choose one of {', '.join(words)}")
        return text

    return parse


def some_of(*words: str, least: int = 0) -> Callable[[str], tuple[str, ...]]:
    """A parser that takes these words, comma separated, in any order and each once."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        if not set(found) <= set(words) or len(set(found)) < max(least, len(found)):
            raise Unreadable(f"write some of {', '.join(words)}, comma separated, each once")
        return found

    return parse


def some_of_or_none(*words: str) -> Callable[[str], tuple[str, ...]]:
    """The same of at least one; nothing has to be said by its name, so that an empty text never means it."""
    some = some_of(*words, least=1)

    def parse(text: str) -> tuple[str, ...]:
        if text.strip() == "none":
            return ()
        try:
            return some(text)
        except Unreadable as exc:
            raise Unreadable(f"{exc}; or none") from None

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser that takes a whole number in this range."""

    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise Unreadable(f"choose a whole number from {low} to {high}")
        return number

    return parse
