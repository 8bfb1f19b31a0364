"""A server that does nothing: what a load generator reaches here is its own ceiling. `… trivial_server PORT`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import uvloop

_ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{"success":true}'


class _Answerer(asyncio.Protocol):
    """Every small request arrives as one piece, as the generators wait for each answer."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Answerer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_serve(int(sys.argv[1])))
