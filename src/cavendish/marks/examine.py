"""Child side of `examiner`: what a foreign picture says of itself, in its file and in its pixels."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from cavendish.children import main
from cavendish.children.main import Json, Progress, Refused, Reply
from cavendish.imaging import decode
from cavendish.marks import container, fingerprint, sign, watermark

_INGREDIENTS_MAX = 20
_TEXT_CHARACTERS_MAX = 200


def examine(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """One blob in, what was found out. Arguments as `decode`, and `keys` in hex, that may have hidden a watermark.

    Returns:
        `manifest`, or None; `watermark` as `payload` in hex and `confidence`, or None; `fingerprint` in decimal, or
        None; `xmp`, whether it says that no camera made it.

    Raises:
        Refused: it is no picture, or a damaged one.
    """
    (data,) = blobs
    media_type = arguments["media_type"]
    try:
        pixels = decode.upright(data, media_type, arguments).convert("RGB")
    except decode.DAMAGE as exc:
        raise Refused(decode.DAMAGED) from exc
    hash_ = fingerprint.of(pixels)
    told = {
        "manifest": _manifest(data, media_type),
        "watermark": _watermark(np.asarray(pixels), [bytes.fromhex(key) for key in arguments["keys"]]),
        "fingerprint": None if hash_ is None else str(hash_),
        "xmp": b"DigitalSourceType" in (container.xmp(data, media_type) or b""),
    }
    return told, []


def _watermark(pixels: watermark.Pixels, keys: list[bytes]) -> Json | None:
    for key in keys:
        if (found := watermark.detect(pixels, key)) is not None:
            return {"payload": f"{found.payload:x}", "confidence": found.confidence}
    return None


def _manifest(data: bytes, media_type: str) -> Json | None:
    """What the newest claim says, in few words; a store that nobody can read is an invalid one."""
    if not container.may_have_manifest(data):
        return None
    c2pa = sign.library()
    try:
        reader = c2pa.Reader.try_create(media_type, io.BytesIO(data), context=sign.context())
        if reader is None:
            return None
        read = json.loads(reader.json())
        state = reader.get_validation_state()
    except c2pa.C2paError:
        return {"state": "invalid"}
    active = read.get("manifests", {}).get(read.get("active_manifest"), {})
    signed = active.get("signature_info") or {}
    return {
        "state": str(state).lower(),
        "issuer": _text(signed.get("issuer")),
        "common_name": _text(signed.get("common_name")),
        "signed_at": _text(signed.get("time")),
        "generator": _text((active.get("claim_generator_info") or [{}])[0].get("name")),
        **_actions(active),
        "earlier": [_text(one.get("signature_info", {}).get("issuer")) for one in _others(read)],
    }


def _others(read: Json) -> list[Json]:
    """The manifests of what it was made from."""
    found = [one for label, one in read.get("manifests", {}).items() if label != read.get("active_manifest")]
    return found[:_INGREDIENTS_MAX]


def _actions(active: Json) -> Json:
    """What was done last, by whom, and what kind of source that is."""
    told: Json = {"action": "", "agent": "", "model": "", "when": "", "source_type": ""}
    for assertion in active.get("assertions", []):
        for action in assertion.get("data", {}).get("actions", []) if "actions" in assertion.get("label", "") else []:
            if action.get("digitalSourceType") or action.get("action") in ("c2pa.created", "c2pa.edited"):
                agent: Any = action.get("softwareAgent") or {}
                named = agent if isinstance(agent, dict) else {"name": agent}
                told = {
                    "action": _text(action.get("action")),
                    "agent": _text(named.get("name")),
                    "model": _text(named.get("version")),
                    "when": _text(action.get("when")),
                    "source_type": _text(action.get("digitalSourceType")).rpartition("/")[2],
                }
    return told


def _text(value: object) -> str:
    """Of a foreign file: short, on one line."""
    return " ".join(str(value or "").split())[:_TEXT_CHARACTERS_MAX]


OPERATIONS = {"examine": examine}

if __name__ == "__main__":
    main.serve(OPERATIONS)
