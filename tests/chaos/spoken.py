"""What the faces are asked and what they answer, as far as chaos has to know it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """What an answer says: generations and the pictures in it. `all`: whether it names those that failed, too."""

    ids: tuple[str, ...]
    pictures: tuple[bytes, ...] = ()
    all: bool = True
    failure: str = ""  # of a stream, whose status was sent before anybody knew


@dataclass(frozen=True)
class Face:
    name: str
    path: str
    body: Callable[[str, int], dict[str, Any]]
    read: Callable[[bytes], Told]
    most: int = 1  # pictures of one call
    shows: bool = True  # the answer has the pictures in it


def _openai(body: bytes) -> Told:
    found = json.loads(body)
    return Told(tuple(found["generationIds"]), tuple(base64.b64decode(one["b64_json"]) for one in found["data"]))


def _stream(body: bytes) -> Told:
    events = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]
    made = [event for event in events if "b64_json" in event]
    failed = [event for event in events if "error" in event]
    pictures = tuple(base64.b64decode(event["b64_json"]) for event in made)
    return Told(
        tuple(event["generationId"] for event in made), pictures, all=False, failure=json.dumps(failed[:1])[1:-1]
    )


def _async(body: bytes) -> Told:
    return Told(tuple(json.loads(body)["generationIds"]))


def _chat(body: bytes) -> Told:
    found = json.loads(body)
    images = found["choices"][0]["message"]["images"]
    urls = [one["image_url"]["url"].partition(",")[2] for one in images]
    return Told((found["generationId"],), tuple(map(base64.b64decode, urls)))


def _gemini(body: bytes) -> Told:
    """A picture that a filter declines is no error there."""
    found = json.loads(body)
    parts = [part for one in found.get("candidates", ()) for part in one["content"]["parts"]]
    pictures = tuple(base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part)
    return Told((found["responseId"],), pictures)


def _automatic1111(body: bytes) -> Told:
    found = json.loads(body)
    return Told(tuple(json.loads(found["info"])["generationIds"]), tuple(map(base64.b64decode, found["images"])))


def _batch(body: bytes) -> Told:
    return Told(tuple(one["generationId"] for one in json.loads(body)["generations"]))


FACES = (
    Face("openai", "/v1/images/generations", lambda prompt, n: {"prompt": prompt, "n": n}, _openai, most=3),
    Face(
        "openai, streamed", "/v1/images/generations", lambda prompt, n: {"prompt": prompt, "n": n, "stream": True},
        _stream, most=2,
    ),
    Face(
        "openai, async", "/v1/images/generations/async", lambda prompt, n: {"prompt": prompt, "n": n}, _async, most=3,
        shows=False,
    ),
    Face("chat", "/v1/chat/completions", lambda prompt, _: {"messages": [{"role": "user", "content": prompt}]}, _chat),
    Face(
        "gemini", "/v1beta/models/nano-banana-2:generateContent",
        lambda prompt, _: {"contents": [{"parts": [{"text": prompt}]}]}, _gemini,
    ),
    Face(
        "automatic1111", "/sdapi/v1/txt2img",
        lambda prompt, n: {"prompt": prompt, "batch_size": n, "width": 512, "height": 512}, _automatic1111, most=2,
    ),
    Face("batch", "/api/v1/generations", lambda prompt, n: {"prompt": prompt, "count": n}, _batch, most=4, shows=False),
)  # fmt: skip
