"""One application for a whole module: for tests whose accounts are all they need to themselves."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from cavendish import settings as configuration
from harness import databases, unmarked
from harness.contract import Contract
from harness.inprocess import App

SETTINGS = {
    "routes": "nano-banana-2=script,backup;nano-banana-pro=instant",
    "public_url": "http://cavendish.test",
    "input_allow_networks": "127.0.0.0/8",
    "wake_seconds": "0.5",
    **unmarked.SETTINGS,
    "progress_seconds": "0.02",
}


@contextlib.asynccontextmanager
async def opened(server_url: str, template: str, folder: Path, *, worker: bool) -> AsyncIterator[App]:
    """API, and a worker if wanted, over a database of their own; every answer is judged by the OpenAPI document."""
    name = f"cavendish_shared_{secrets.token_hex(6)}"
    url = await databases.copy(server_url, template, name)
    settings = configuration.load({"data": str(folder), "database_url": url, **SETTINGS}, environment={})
    try:
        async with App.started(settings) as app:
            await judged(app)
            if worker:
                await app.start_worker()
            yield app
    finally:
        await databases.drop(server_url, name)


async def judged(app: App) -> Contract:
    """From here on every answer to this application's client must be one that its document promises."""
    contract = Contract((await app.client.get("/openapi.json")).json())
    app.client.event_hooks = {"request": [], "response": [contract.judge]}
    return contract
