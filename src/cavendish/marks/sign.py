"""Child side of `marker`: a manifest signed into a finished file. No pixel is decoded here, so that no child that
decodes ever has the key.
"""

from __future__ import annotations

import functools
import hashlib
import io
from typing import Any

from cavendish.children import main
from cavendish.children.main import Json, Progress, Refused, Reply
from cavendish.marks import manifest

# Nothing is fetched, and nothing is made that nobody asked for. Readers say later whether it is whole.
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}
_LABEL_DIGITS = 16


def sign(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """One blob out: the first one in, signed.

    Behind it come the certificates and the key, as PEM; with `engine_type` the file as its engine sent it; then what
    `ingredient` made of input images. `manifest`, as `manifest.definition` has it, `media_type` and `algorithm` are
    arguments.

    Raises:
        Refused: it cannot be signed; the message is the library's.
    """
    c2pa = library()
    data, chain, key, *ingredients = blobs
    try:
        builder = c2pa.Builder(arguments["manifest"], context())
        if arguments["engine_type"]:
            told = {"title": manifest.TITLE, "relationship": "parentOf", "label": manifest.ENGINE_FILE}
            builder.add_ingredient(told, arguments["engine_type"], io.BytesIO(ingredients.pop(0)))
        for archive in ingredients:
            builder.add_ingredient_from_archive(io.BytesIO(archive))
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(arguments["algorithm"].encode(), chain, key, None))
        signed = io.BytesIO()
        builder.sign(signer, arguments["media_type"], io.BytesIO(data), signed)
    except c2pa.C2paError as exc:
        raise Refused(str(exc)[:200]) from exc
    return {}, [signed.getvalue()]


def ingredient(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """What the manifests of an input image say, to be kept when only clean pixels are left of it.

    Two blobs out, as what is opened and as one of several, with their `label`; none where it has no manifest that can
    be read. `media_type` in the arguments.
    """
    c2pa = library()
    (data,) = blobs
    label = f"input-{hashlib.sha256(data).hexdigest()[:_LABEL_DIGITS]}"
    try:
        if c2pa.Reader.try_create(arguments["media_type"], io.BytesIO(data), context=context()) is None:
            return {}, []
        kinds = ("parentOf", "inputTo")
        return {"label": label}, [_archive(data, arguments["media_type"], label, kind) for kind in kinds]
    except c2pa.C2paError:
        return {}, []


def _archive(data: bytes, media_type: str, label: str, relationship: str) -> bytes:
    builder = library().Builder({"claim_generator_info": [{"name": "Cavendish"}]}, context())
    told = {"title": manifest.INPUT_TITLE, "relationship": relationship, "label": label}
    builder.add_ingredient(told, media_type, io.BytesIO(data))
    archive = io.BytesIO()
    builder.write_ingredient_archive(label, archive)
    return archive.getvalue()


@functools.cache
def library() -> Any:
    """Loaded with the first call: 25 MB that a service without this mark does not need."""
    import c2pa

    return c2pa


@functools.cache
def context() -> Any:
    """The library's settings: it asks nobody and fetches nothing."""
    c2pa = library()
    return c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))


OPERATIONS = {"sign": sign, "ingredient": ingredient}

if __name__ == "__main__":
    main.serve(OPERATIONS)
