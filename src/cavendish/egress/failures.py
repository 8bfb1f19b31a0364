"""What the foreign client raises: a refusal by our own rules inside, and one face of every failure outside."""

from __future__ import annotations

import http

from cavendish.errors import CavendishError


class Refused(CavendishError):
    """A rule of ours ended the fetch. The message is for logs: it names hosts and addresses, never a path or query.

    Attributes:
        told: What a caller may read where all hosts on the way are public, made to follow the URL's name; empty: they
            read what they read of every address that cannot or may not be reached.
        status: What the host answered in place of 200; None: it was another rule.
    """

    def __init__(self, message: str, *, told: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.told = told
        self.status = status


class UrlRefused(Refused):
    """The URL itself breaks a rule, whatever it leads to.

    Attributes:
        reason: What a caller may read about their own URL, made to follow its name: "has no host; give a ...".
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class FetchFailed(CavendishError):
    """The URL could not be fetched. The text says why where a public host answered; else it is one text, so that it
    maps no network: the same for refused and unreachable, and for whatever a host that is not public said.

    Attributes:
        reason: Why, for logs. It may name hosts and addresses, never a URL's path or query.
        refused: By a rule of ours, not by the network.
        status: What the host answered in place of 200; None: it did not come to that.
    """

    TEXT = "could not be fetched; give a public http(s) URL of a PNG, JPEG, WebP, GIF or AVIF image"

    def __init__(self, reason: str, *, told: str = "", refused: bool = False, status: int | None = None) -> None:
        self.reason = reason
        self.refused = refused
        self.status = status
        super().__init__(told or self.TEXT)


NO_PICTURE = "could not be read: what is there is no PNG, JPEG, WebP, GIF or AVIF; give the URL of the picture itself"
TOO_SLOW = "could not be fetched: its host did not send it in time; try again, or give a faster host"

_PHRASES = {status.value: status.phrase for status in http.HTTPStatus}
_WAYS_OUT = {
    401: "give a URL that works without signing in",
    403: "give a URL that works without signing in",
    404: "check the URL",
    410: "check the URL",
}


def told_of_status(status: int) -> str:
    """A public host's answer in place of 200, for whoever named its URL. Its own phrase is not repeated."""
    way_out = _WAYS_OUT.get(status, "try again later" if status >= 429 else "give the URL of the picture itself")
    return f"could not be fetched: its host answered {status} {_PHRASES.get(status, '')}".rstrip() + f"; {way_out}"


def told_of_size(bytes_max: int) -> str:
    return f"could not be fetched: it has more than {bytes_max // 1_000_000} MB; give a smaller one"


def told_of_redirects(redirects_max: int) -> str:
    return f"could not be fetched: more than {redirects_max} redirects lead to it; give the URL at their end"
