"""A client that a generator makes from the OpenAPI document: whole, and it makes a picture."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png

from cavendish.imaging import sniff
from harness.served_app import ServedApp

GENERATOR = Path(sys.executable).with_name("openapi-python-client")
NAME = "generated_cavendish"


@pytest.fixture(scope="module")
def document(server: ServedApp) -> dict[str, Any]:
    found: dict[str, Any] = httpx2.get(f"{server.url}/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def package(server: ServedApp, tmp_path_factory: Any) -> Iterator[Path]:
    """The client's folder, on the path for as long as these tests run."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yml").write_text("post_hooks: []\n")  # nothing there formats what nobody reads
    (folder / "openapi.json").write_bytes(httpx2.get(f"{server.url}/openapi.json").content)
    made = subprocess.run(
        [GENERATOR, "generate", "--path", "openapi.json", "--config", "config.yml", "--meta", "none",
         "--output-path", NAME],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    told = made.stdout + made.stderr
    assert made.returncode == 0, told
    # An upload may be said to be a picture, which this generator does not know; it sends it as bytes.
    warned = {line for line in told.splitlines() if re.search("WARN|Unable|nsupported|omitted|removal", line)}
    kinds = {f"Unsupported content type {kind}" for kind in sniff.INPUT_TYPES}
    assert warned == {"WARNING parsing POST /api/v1/uploads within images.", *kinds}, told
    sys.path.insert(0, str(folder))
    yield folder / NAME
    sys.path.remove(str(folder))


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{NAME}.{name}")


def ordered(models: ModuleType, prompt: str, *, mode: str, **fields: Any) -> Any:
    modes = models.PostApiNanoBanana2GenerateGenerateBodyMode
    return models.PostApiNanoBanana2GenerateGenerateBody(prompt=prompt, mode=modes(mode), **fields)


def test_no_operation_is_left_out(package: Path, document: dict[str, Any]) -> None:
    made = {file.stem for file in package.glob("api/*/*.py")} - {"__init__"}

    assert made == {operation["operationId"] for item in document["paths"].values() for operation in item.values()}


def test_it_uploads_a_picture_has_it_edited_and_sees_it_completed(server: ServedApp, package: Path) -> None:
    models, types = part("models"), part("types")
    account = server.account(credits=100)
    client = part("client").AuthenticatedClient(base_url=server.url, token=account.key)
    order, look = part("api.nano_banana_2.post_api_nano_banana_2_generate"), part("api.nano_banana_2.post_api_nano_banana_2_check_status")  # fmt: skip

    picture = types.File(payload=png(64, 64))
    uploaded = part("api.images.post_api_v1_uploads").sync(client=client, body=picture)
    body = ordered(models, "a lake sleep=0.1", mode="edit", input_image_urls=[uploaded.input_image_url])
    created = order.sync(client=client, body=body)
    state = look.sync(client=client, body=models.PostApiNanoBanana2CheckStatusCheckBody(created.generation_id))
    for _ in range(60):
        if state.status.value in ("completed", "failed"):
            break
        waited = httpx2.post(
            f"{server.url}/api/nano-banana-2/check-status", json={"generationId": created.generation_id},
            headers={**account.headers, "Prefer": "wait=5"}, timeout=20,
        )  # fmt: skip
        assert waited.status_code == 200
        state = look.sync(client=client, body=models.PostApiNanoBanana2CheckStatusCheckBody(created.generation_id))

    assert (uploaded.width, uploaded.height) == (64, 64)
    assert (state.status.value, state.credits_charged) == ("completed", 4)
    assert isinstance(state.error, types.Unset), "left out, not null"


def test_it_hears_a_refusal_as_it_is_documented(server: ServedApp, package: Path) -> None:
    models = part("models")
    client = part("client").AuthenticatedClient(base_url=server.url, token=server.account(credits=0).key)
    body = ordered(models, "a lake", mode="generate")

    refused = part("api.nano_banana_2.post_api_nano_banana_2_generate").sync(client=client, body=body)

    assert isinstance(refused, models.ErrorAnswer)
    assert refused.error_code.value == "INSUFFICIENT_CREDITS"
