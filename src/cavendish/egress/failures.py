"""What the foreign client raises: a refusal by our own rules inside, and one face of every failure outside."""

from __future__ import annotations

from cavendish.errors import CavendishError


class Refused(CavendishError):
    """A rule of ours ended the fetch. The message is for logs: it names hosts and addresses, never a path or query.

    Attributes:
        status: What the host answered in place of 200; None: it was another rule.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
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
    """The URL could not be fetched. The text is the same whether it was refused or unreachable: it maps no network.

    Attributes:
        reason: Why, for logs. It may name hosts and addresses, never a URL's path or query.
        refused: By a rule of ours, not by the network.
        status: What the host answered in place of 200; None: it did not come to that.
    """

    TEXT = "could not be fetched; give a public http(s) URL of a PNG, JPEG or WebP image"

    def __init__(self, reason: str, *, refused: bool = False, status: int | None = None) -> None:
        self.reason = reason
        self.refused = refused
        self.status = status
        super().__init__(self.TEXT)
