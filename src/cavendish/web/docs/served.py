"""The documents at their addresses. Each is made at its first request; who calls by another one finds that in it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from cavendish.settings import Settings
from cavendish.web.docs import guides, llms, openapi
from cavendish.web.docs import page as docs_page
from cavendish.web.http import address, responses
from cavendish.web.http.face import Face
from cavendish.web.http.operation import Endpoint, Operation, PlainRoute

_HTML = "text/html; charset=utf-8"


def serve(app: FastAPI, settings: Settings, faces: Mapping[Face, Sequence[Operation]]) -> None:
    """Put /openapi.json and what is read of it in place."""

    def specification() -> str:
        return orjson.dumps(openapi.document(app, settings, faces)).decode()

    def page() -> str:
        return docs_page.render(openapi.document(app, settings, faces), settings.public_url)

    def told_to_models() -> str:
        return llms.render(openapi.document(app, settings, faces), settings.public_url)

    app.router.routes += [
        PlainRoute("/openapi.json", _shown(specification, responses.JSON)),
        PlainRoute("/docs", _shown(page, _HTML, docs_page.HEADERS)),
        PlainRoute("/llms.txt", _shown(told_to_models, "text/plain; charset=utf-8", docs_page.HEADERS)),
    ]
    for name in guides.NAMES:
        read = functools.partial(guides.page, name, settings.public_url)
        raw = functools.partial(guides.text, name, settings.public_url)
        app.router.routes += [
            PlainRoute(f"/docs/{name}", _shown(read, _HTML, docs_page.HEADERS)),
            PlainRoute(f"/docs/{name}.md", _shown(raw, "text/markdown; charset=utf-8", docs_page.HEADERS)),
        ]


def _shown(make: Callable[[], str], media_type: str, headers: Mapping[str, str] | None = None) -> Endpoint:
    made = functools.cache(make)

    async def endpoint(request: Request) -> Response:
        return Response(_for(request, made()), media_type=media_type, headers=headers)

    return endpoint


def _for(request: Request, text: str) -> str:
    """An address has no character that JSON or HTML would escape."""
    public_url, here = request.app.state.public_url, address.of(request)
    return text if here == public_url else text.replace(public_url, here)
