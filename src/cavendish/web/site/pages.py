"""The pages for people and their assets: plain files of this package, served as they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cavendish.errors import NotFound
from cavendish.web.http.operation import PlainRoute

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
# Nothing inline, nothing from elsewhere. Pictures that were just chosen are shown from the browser's memory (blob:).
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
_PAGES = {"/nano-banana-2": "try.html", "/console": "console.html", "/login": "login.html", "/verify": "verify.html"}


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    media_type: str
    etag: str


class Pages:
    """The files, read once. Their ETag is of their bytes: a new release is seen at the next visit."""

    def __init__(self) -> None:
        folder = resources.files("cavendish.web") / "site"
        self._files = {
            entry.name: _read(entry.name, entry.read_bytes()) for entry in folder.iterdir() if _known(entry.name)
        }

    async def page(self, request: Request) -> Response:
        return _answer(request, self._files[_PAGES[request.url.path]])

    async def asset(self, request: Request) -> Response:
        found = self._files.get(request.path_params["name"])
        if found is None or found.media_type.startswith("text/html"):
            raise NotFound("There is nothing at this path; see /docs")
        return _answer(request, found)

    def routes(self) -> list[PlainRoute]:
        return [
            PlainRoute("/", _home),
            *[PlainRoute(path, self.page) for path in _PAGES],
            PlainRoute("/assets/{name}", self.asset),
        ]


async def _home(request: Request) -> Response:
    return RedirectResponse("/nano-banana-2", 307)


def _known(name: str) -> bool:
    return name.rpartition(".")[2] in _TYPES


def _read(name: str, data: bytes) -> _File:
    return _File(data, _TYPES[name.rpartition(".")[2]], f'"{hashlib.sha256(data).hexdigest()[:20]}"')


def _answer(request: Request, file: _File) -> Response:
    headers = {**HEADERS, "ETag": file.etag}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(file.data, media_type=file.media_type, headers=headers)
