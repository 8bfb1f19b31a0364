"""Google's own SDK, not knowing better, against a real server: a base URL and a key are all that changes."""

from __future__ import annotations

import io
from typing import Any

import httpx2
from cavendish_test_engines.png import png
from google import genai
from google.genai import types
from PIL import Image

from harness.served_app import ServedApp

MODEL = "gemini-3.1-flash-image"


def _picture(answer: Any) -> Image.Image:
    return Image.open(io.BytesIO(answer.parts[0].inline_data.data))


def test_it_makes_edits_streams_and_uploads(server: ServedApp, tmp_path: Any) -> None:
    account = server.account(credits=100)
    (tmp_path / "a.png").write_bytes(png(60, 30))

    with genai.Client(api_key=account.key, vertexai=False, http_options=types.HttpOptions(base_url=server.url)) as ask:
        drawn = ask.models.generate_content(model=MODEL, contents="a lake")
        edited = ask.models.generate_content(model=MODEL, contents=[_picture(drawn), "make it night"])
        streamed = list(ask.models.generate_content_stream(model=MODEL, contents="a lake"))
        file = ask.files.upload(file=str(tmp_path / "a.png"))
        of_file = ask.models.generate_content(model=MODEL, contents=[file, "make it night"])
        names = [model.name for model in ask.models.list()]

    sizes = [_picture(one).size for one in (drawn, edited, *streamed, of_file)]
    assert sizes == [(1024, 1024), (1024, 1024), (1024, 1024), (1376, 768)]
    assert f"models/{MODEL}" in names
    assert server.balance(account) == (84, 0)


def test_a_key_in_an_address_is_not_in_the_servers_log(server: ServedApp) -> None:
    account = server.account(credits=0)

    answer = httpx2.post(
        f"{server.url}/v1beta/models/{MODEL}:generateContent",
        params={"key": account.key}, json={"contents": [{"parts": [{"text": "a lake"}]}]},
    )  # fmt: skip

    assert answer.status_code == 402
    assert account.key not in server.logged
