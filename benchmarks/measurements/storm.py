"""A storm of large edits: what a worker with its children takes at most, and what it still holds a minute later."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import io
import json
import threading
import time
from collections.abc import Iterator

from PIL import Image

from benchmarks import lab as labs
from benchmarks.caller import Caller
from benchmarks.lab import GENERATE, Lab, Site
from benchmarks.measurements.memory import family, megabytes
from benchmarks.table import Row, at_most

_EDITS, _INPUTS = 8, 14
_PHOTOGRAPH = (4000, 3000)  # what phones send by default
_MIRRORS = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM)
_LOOK_SECONDS = 0.2
_STORM_SECONDS_MAX = 240.0
_CALM_SECONDS = 60.0


def run(lab: Lab) -> Iterator[Row]:
    photograph = _photograph()
    variables = {"CAVENDISH_INPUT_ALLOW_NETWORKS": "127.0.0.0/8", "CAVENDISH_CONCURRENCY": str(_EDITS)}
    with labs.site(lab, "storm", worker=True, engine="sketch", **variables) as site, _served(photograph) as address:
        before = _worker(site)
        with _watched(site) as seen:
            seconds = asyncio.run(_storm(site, address))
        time.sleep(_CALM_SECONDS)
        after = _worker(site)
    detail = f"{_EDITS} edits at 4K of {_INPUTS} photographs of {len(photograph) / 1e6:.1f} MB, in {seconds:.0f} s"
    yield Row("worker in a storm of edits, peak PSS", max(seen), "MB", at_most(1200), None, detail)
    yield Row("worker a minute after it, PSS", after, "MB", at_most(700), None, f"{before:.0f} MB before")


async def _storm(site: Site, address: str) -> float:
    began = time.monotonic()
    await asyncio.gather(*(_edit(site, address, number) for number in range(_EDITS)))
    return time.monotonic() - began


async def _edit(site: Site, address: str, number: int) -> None:
    urls = [f"{address}/{number}/{place}.jpg" for place in range(_INPUTS)]
    body = {"prompt": "collage", "mode": "edit", "imageQuality": "4K", "aspectRatio": "1:1", "inputImageUrls": urls}
    async with Caller(site.served.url, site.keys[0]) as caller:
        generation_id = (await caller.call(GENERATE, json.dumps(body)))["generationId"]
        await caller.completed(generation_id, seconds=_STORM_SECONDS_MAX, pause_seconds=_LOOK_SECONDS)


@contextlib.contextmanager
def _watched(site: Site) -> Iterator[list[float]]:
    """What the worker and its children take together, again and again while the block runs."""
    seen, over = [_worker(site)], threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            seen.append(_worker(site))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _worker(site: Site) -> float:
    found = {pid for child in site.served.children("cavendish.processes.worker") for pid in family(child.pid)}
    return sum(map(megabytes, found - family(site.postmaster())))


def _photograph() -> bytes:
    """Soft forms and the grain of a camera: about as many bytes as a real one."""
    forms = Image.effect_noise((40, 30), 120).resize(_PHOTOGRAPH, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(_PHOTOGRAPH, 24)
    planes = [Image.blend(forms.transpose(turn), grain, 0.5) for turn in (Image.Transpose.ROTATE_180, *_MIRRORS)]
    file = io.BytesIO()
    Image.merge("RGB", planes).save(file, "JPEG", quality=85)
    return file.getvalue()


@contextlib.contextmanager
def _served(data: bytes) -> Iterator[str]:
    """The same picture under every address of a server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Not on the terminal."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
