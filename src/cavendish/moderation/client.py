"""How a judge behind HTTP is asked: one POST of JSON, one small answer; whatever else comes is no verdict."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

from cavendish.egress.json_client import CallFailed, JsonClient, NotSent, Unanswered
from cavendish.egress.limits import MEBIBYTE
from cavendish.imaging import shrink
from cavendish.models import InputImage
from cavendish.moderation.base import CannotJudge

# A 4K picture as JPEG of good quality: a judge looks at far fewer pixels, and 5 s are enough to send it.
IMAGE_BYTES_MAX = 4 * MEBIBYTE
IMAGES_BYTES_MAX = 16 * MEBIBYTE  # of all images of one request together; 21 MiB in base64
_ANSWER_BYTES_MAX = MEBIBYTE  # verdicts have a few hundred bytes
_SECONDS = 600.0  # never reached: the gate ends each judgement much sooner
_CONNECTIONS_MAX = 64  # a worker's generations, and some of their pictures, at once
_TRIES_MAX = 2  # a kept connection may be closed by its other end in the moment it is used; asking is free of effects


class JudgeClient:
    """One judge's address. Safe to use concurrently."""

    def __init__(self, url: str, *, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url
        self._client = JsonClient(
            seconds=_SECONDS,
            headers=headers,
            connections_max=_CONNECTIONS_MAX,
            answer_bytes_max=_ANSWER_BYTES_MAX,
            decompresses=True,
        )

    async def close(self) -> None:
        await self._client.close()

    async def ask(self, question: Any) -> Mapping[str, Any]:
        """The JSON object that it answers with status 200.

        Raises:
            CannotJudge: anything else came, or nothing.
        """
        tries = 0
        while True:
            tries += 1
            try:
                return await self._client.object("POST", self._url, json=question)
            except CallFailed as exc:
                again = isinstance(exc, NotSent | Unanswered)
                if not again or tries == _TRIES_MAX:
                    raise CannotJudge(str(exc)) from exc


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
