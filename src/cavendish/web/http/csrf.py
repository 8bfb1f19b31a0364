"""Whether a request comes from a page of this service: the guard of everything that a browser sends by itself.

Source: OWASP Cross-Site Request Forgery Prevention (verifying origin), Fetch Metadata Request Headers (W3C).
"""

from __future__ import annotations

import urllib.parse

from starlette.requests import Request

_PORTS = {"http": 80, "https": 443}
_OWN_SITES = ("same-origin", "none")


def is_own(request: Request) -> bool:
    """True for the service's own pages; a request that says nothing of where it comes from is not."""
    sent = request.headers.get("origin")
    if sent is None:
        return request.headers.get("sec-fetch-site") in _OWN_SITES
    return sent in (_of(request.app.state.public_url), _called(request))


def is_foreign(request: Request) -> bool:
    """True where a browser says that a page of another site sends this; programs say nothing of the kind."""
    headers = request.headers
    return ("origin" in headers or headers.get("sec-fetch-site", "none") not in _OWN_SITES) and not is_own(request)


def _of(url: str) -> str:
    """As a browser writes it: the host in small letters, without the scheme's own port."""
    parts = urllib.parse.urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _called(request: Request) -> str:
    """The origin by which this request called the service: the same machine may have several names."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"
