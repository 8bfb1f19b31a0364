"""How a judge behind HTTP is asked: one POST of JSON, one small answer; whatever else comes is no verdict."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import orjson

from cavendish.egress import clients
from cavendish.egress.limits import MEBIBYTE
from cavendish.imaging import shrink
from cavendish.models import InputImage
from cavendish.moderation.base import CannotJudge

# A 4K picture as JPEG of good quality: a judge looks at far fewer pixels, and 5 s are enough to send it.
IMAGE_BYTES_MAX = 4 * MEBIBYTE
IMAGES_BYTES_MAX = 16 * MEBIBYTE  # of all images of one request together; 21 MiB in base64
_ANSWER_BYTES_MAX = MEBIBYTE  # verdicts have a few hundred bytes
_SILENCE_SECONDS = 600.0  # never reached: the gate ends each judgement much sooner
_CONNECTIONS_MAX = 64  # a worker's generations, and some of their pictures, at once
_TRIES_MAX = 2  # a kept connection may be closed by its other end in the moment it is used; asking is free of effects


class Service:
    """One judge's address. Safe to use concurrently."""

    def __init__(self, url: str, *, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url
        self._client = clients.operator(
            timeout_seconds=_SILENCE_SECONDS,
            headers={"Content-Type": "application/json", **headers},
            connections_max=_CONNECTIONS_MAX,
            answer_bytes_max=_ANSWER_BYTES_MAX,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, question: Any) -> Mapping[str, Any]:
        """The JSON object that it answers with status 200.

        Raises:
            CannotJudge: anything else came, or nothing.
        """
        response = await self._post(orjson.dumps(question))
        if response.status_code != 200:
            raise CannotJudge(f"status {response.status_code}")
        try:
            found = orjson.loads(response.content)
        except orjson.JSONDecodeError as exc:
            raise CannotJudge("no JSON") from exc
        if not isinstance(found, dict):
            raise CannotJudge("no JSON object")
        return found

    async def _post(self, content: bytes) -> clients.OperatorResponse:
        tries = 0
        while True:
            tries += 1
            try:
                return await self._client.post(self._url, content=content)
            except clients.OperatorError as exc:
                if tries == _TRIES_MAX:
                    raise CannotJudge(type(exc).__name__) from exc


async def encoded(image: InputImage, *, among: int = 1) -> tuple[str, str]:
    """Media type and base64, made smaller where it is too much to send; `among` pictures share one request.

    Raises:
        CannotJudge: it cannot be made smaller.
    """
    bytes_max = min(IMAGE_BYTES_MAX, IMAGES_BYTES_MAX // among)
    return await asyncio.to_thread(_encoded, image, bytes_max)


def _encoded(image: InputImage, bytes_max: int) -> tuple[str, str]:
    try:
        fitting = shrink.fitting(image, bytes_max=bytes_max)
    except Exception as exc:  # Pillow raises what it likes for what an engine called a picture
        raise CannotJudge(f"a picture that cannot be read: {type(exc).__name__}") from exc
    return fitting.media_type, base64.b64encode(fitting.data).decode()
