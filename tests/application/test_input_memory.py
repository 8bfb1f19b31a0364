"""Input images of several generations in one worker: together they stay within its memory, and everyone is served."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random

import pytest
from PIL import Image
from worker_helpers import Recorder, drawing, worker

from cavendish import ids, inputs
from harness.inprocess import App

pytestmark = pytest.mark.anyio

SIDE = 700
PHOTOGRAPH_BYTES = 3 * SIDE * SIDE  # noise, which no encoder makes smaller


def photograph() -> bytes:
    file = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), random.Random(1).randbytes(PHOTOGRAPH_BYTES)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("options", "together"),
    [
        ({"input_memory_bytes": str(PHOTOGRAPH_BYTES)}, 1),
        ({"input_memory_bytes": str(4 * PHOTOGRAPH_BYTES)}, 3),
    ],
)
async def test_edits_are_made_together_as_far_as_their_inputs_have_room(app: App, together: int) -> None:
    account = await app.account(credits=100)
    name = ids.new_image_name(fence=1, media_type="image/png")
    await app.services.storage.put(name, photograph())
    engine = Recorder(draw=drawing(1))
    collector = inputs.build(app.settings, app.services.storage.read)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(collector.close)
        started = await stack.enter_async_context(worker(app, engine))
        started.context.inputs = collector
        url = f"{app.settings.public_url}/generations/{name}"
        orders = [await app.submit(account, mode="edit", inputImageUrls=[url]) for _ in range(3)]
        answers = await asyncio.gather(*(app.ended(account, order) for order in orders))

    assert [answer["status"] for answer in answers] == ["completed"] * 3
    assert engine.running_max == together
