"""Eight clients of the hosted API, written anew from how the real ones were seen to behave.

Each keeps what makes its kind break: which path it calls, what it takes for an error, where it looks for the picture,
how often it asks. Only its patience is scaled: `PACE` seconds stand for one of its own.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PACE = 0.05

TWO = "/api/nano-banana-2"
PRO = "/api/nano-banana-pro"


@dataclass
class Outcome:
    """What the client's user gets: a picture, or a sentence. `media_type` is what the server said of the picture."""

    picture: bytes | None = None
    media_type: str = ""
    said: str = ""
    polls: int = 0
    jobs: int = 1


@dataclass
class Answer:
    status: int
    text: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.text)


Client = Callable[..., Outcome]


def post(url: str, body: Any, headers: Mapping[str, str], *, seconds: float = 60) -> Answer:
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode())


def download(url: str) -> tuple[bytes, str]:
    """As a browser would: no key."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read(), answer.headers["Content-Type"]


def pause(seconds: float) -> None:
    time.sleep(seconds * PACE)


def skill(base: str, key: str, prompt: str, *, path: str = TWO, every: float = 4, patience: float = 180) -> Outcome:
    """A command-line skill: leaves at any HTTP error, at `success: false`, and at a first answer that is completed."""
    headers = {
        "Authorization": f"Bearer {key}",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "Origin": "https://nanophoto.ai",
        "Referer": "https://nanophoto.ai/",
        "Accept": "*/*",
    }
    outcome = Outcome()
    started = post(base + path + "/generate", {"prompt": prompt, "mode": "generate", "imageQuality": "1K"}, headers)
    if started.status >= 400:
        outcome.said = f"HTTP {started.status}: {started.text}"
        return outcome
    created = started.json()
    if created.get("success") is False:
        outcome.said = created.get("error", "unknown")
        return outcome
    if created.get("status") == "completed":
        outcome.said = f"finished: {created.get('imageUrl')}"
        return outcome
    end = time.monotonic() + patience * PACE
    while time.monotonic() < end:
        pause(every)
        outcome.polls += 1
        asked = post(base + path + "/check-status", {"generationId": created["generationId"]}, headers)
        if asked.status >= 400:
            outcome.said = f"HTTP {asked.status}: {asked.text}"
            return outcome
        state = asked.json()
        if state.get("success") is False or state.get("status") == "failed":
            outcome.said = state.get("error", "unknown")
            return outcome
        if state.get("status") == "completed":
            outcome.picture, outcome.media_type = download(state["imageUrl"])
            return outcome
    outcome.said = "timeout"
    return outcome


def skill_pro(base: str, key: str, prompt: str) -> Outcome:
    return skill(base, key, prompt, path=PRO, every=5, patience=600)


def text_example(base: str, key: str, prompt: str) -> Outcome:
    """The API text's own example: only `status` counts, and any word it does not know is waited out for ever."""
    headers = {"Authorization": f"Bearer {key}", "Sec-Fetch-Mode": "cors", "Accept-Language": "*", "User-Agent": "node"}
    outcome = Outcome()
    body = {"prompt": prompt, "mode": "generate", "aspectRatio": "16:9", "imageQuality": "2K", "googleSearch": True}
    created = post(base + TWO + "/generate", body, headers).json()
    if not created.get("success"):
        outcome.said = f"Generate failed: {created['error']}"
        return outcome
    while True:
        assert outcome.polls < 1000, "the example hangs"
        pause(3)
        outcome.polls += 1
        state = post(base + TWO + "/check-status", {"generationId": created["generationId"]}, headers).json()
        if state["status"] == "completed":
            outcome.picture, outcome.media_type = download(state["imageUrl"])
            return outcome
        if state["status"] == "failed":
            outcome.said = f"Generation failed: {state['error']}"
            return outcome


def poster(base: str, key: str, prompt: str) -> Outcome:
    """A poster maker: reads JSON whatever the status, any `success: false` ends it, trusts the picture's type."""
    headers = {"Authorization": f"Bearer {key}"}
    outcome = Outcome()
    body = {"prompt": prompt, "mode": "generate", "aspectRatio": "3:4", "imageQuality": "2K"}
    created = post(base + TWO + "/generate", body, headers).json()
    if created.get("success") is False or not created.get("generationId"):
        outcome.said = created.get("error") or "no generationId"
        return outcome
    for _ in range(50):
        pause(3)
        outcome.polls += 1
        state = post(base + TWO + "/check-status", {"generationId": created["generationId"]}, headers).json()
        if state.get("success") is False:
            outcome.said = state.get("error") or "failed"
            return outcome
        if state.get("status") == "completed" and state.get("imageUrl"):
            outcome.picture, outcome.media_type = download(state["imageUrl"])
            return outcome
    outcome.said = "timeout"
    return outcome


def panorama(base: str, key: str, prompt: str) -> Outcome:
    """A panorama tool: passes over any poll that is not 2xx, and does the whole job again, twice, when one fails."""
    headers = {"Authorization": f"Bearer {key}"}
    outcome = Outcome(jobs=0)
    for _ in range(3):
        outcome.jobs += 1
        outcome.said = _panorama_once(base, headers, prompt, outcome)
        if not outcome.said:
            return outcome
    return outcome


def _panorama_once(base: str, headers: Mapping[str, str], prompt: str, outcome: Outcome) -> str:
    body = {"prompt": prompt, "mode": "generate", "aspectRatio": "21:9", "imageQuality": "2K"}
    started = post(base + PRO + "/generate", body, headers)
    if not started.ok:
        return f"generate answered {started.status}: {started.text}"
    for _ in range(30):
        pause(4)
        outcome.polls += 1
        asked = post(base + PRO + "/check-status", {"generationId": started.json()["generationId"]}, headers)
        if not asked.ok:
            continue
        state = asked.json()
        if state.get("status") == "failed":
            return state.get("error") or "failed"
        if state.get("status") == "completed":
            outcome.picture, outcome.media_type = download(state["imageUrl"])
            return ""
    return "timeout"


def scene(base: str, key: str, prompt: str) -> Outcome:
    """A scene app: looks for status and picture at the top, then in `data` and `result`; cuts the prompt."""
    headers = {"Authorization": f"Bearer {key}"}
    outcome = Outcome()
    body = {"prompt": prompt[:1500], "mode": "generate", "aspectRatio": "9:16", "imageQuality": "1K", "style": "photo"}
    started = post(base + PRO + "/generate", body, headers)
    if not started.ok:
        outcome.said = f"{started.status}: {started.text}"
        return outcome
    created = started.json()
    generation_id = created.get("generationId") or created.get("data", {}).get("generationId")
    for _ in range(25):
        pause(4)
        outcome.polls += 1
        asked = post(base + PRO + "/check-status", {"generationId": generation_id}, headers)
        if not asked.ok:
            continue
        state = asked.json()
        inner, result = state.get("data") or {}, state.get("result") or {}
        status = state.get("status") or inner.get("status")
        if status == "failed":
            outcome.said = state.get("error") or "failed"
            return outcome
        url = state.get("imageUrl") or inner.get("imageUrl") or result.get("imageUrl")
        if status == "completed" and url:
            outcome.picture, outcome.media_type = download(url)
            return outcome
    outcome.said = "timeout"
    return outcome


def connector(base: str, key: str, prompt: str, *, tries: int = 30) -> Outcome:
    """A connector over several providers: raises at any HTTP error, knows no failure, and takes the first URL."""
    headers = {"Authorization": f"Bearer {key}"}
    outcome = Outcome()
    body = {
        "model": "nano-banana-pro",
        "prompt": prompt,
        "negative_prompt": "blurry",
        "width": 1024,
        "height": 1024,
        "aspectRatio": "1:1",
        "mode": "generate",
    }
    started = post(base + PRO + "/generate", body, headers)
    if not started.ok:
        outcome.said = f"HTTPStatusError: {started.status}: {started.text}"
        return outcome
    for _ in range(tries):
        pause(1)
        outcome.polls += 1
        asked = post(base + PRO + "/check-status", {"generationId": started.json()["generationId"]}, headers)
        if not asked.ok:
            outcome.said = f"HTTPStatusError: {asked.status}"
            return outcome
        state = asked.json()
        found = state.get("result") or state.get("data") or state
        url = next((found[name] for name in ("url", "image_url", "imageUrl", "output_url") if name in found), None)
        if url is None and found.get("images"):
            url = found["images"][0]["url"]
        if url is not None:
            outcome.picture, outcome.media_type = download(url)
            return outcome
    outcome.said = "no image"
    return outcome


def designer(base: str, key: str, prompt: str) -> Outcome:
    """A design agent that tries a dozen providers: three key headers at once, and only names of its own for the URL."""
    headers = {"Authorization": f"Bearer {key}", "x-api-key": key, "api-key": key}
    outcome = Outcome()
    body = {"prompt": prompt, "mode": "generate", "aspectRatio": "2:3"}
    started = post(base + TWO + "/generate", body, headers, seconds=45)
    if not started.ok:
        outcome.said = f"{started.status}: {started.text}"
        return outcome
    for _ in range(15):
        pause(2)
        outcome.polls += 1
        asked = post(
            base + TWO + "/check-status", {"generationId": started.json()["generationId"]}, headers, seconds=45
        )
        if not asked.ok:
            outcome.said = f"{asked.status}"
            return outcome
        state = asked.json()
        if state.get("status") == "failed":
            outcome.said = state.get("error") or "failed"
            return outcome
        many = state.get("data")
        for name in ("image_url", "url"):
            if name in state:
                outcome.picture, outcome.media_type = download(str(state[name]))
                return outcome
        if many:
            outcome.picture, outcome.media_type = download(many[0]["url"])
            return outcome
    outcome.said = "timeout"
    return outcome


ALL: dict[str, Client] = {
    "skill": skill,
    "skill-pro": skill_pro,
    "text-example": text_example,
    "poster": poster,
    "panorama": panorama,
    "scene": scene,
    "connector": connector,
    "designer": designer,
}
