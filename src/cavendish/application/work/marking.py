"""The last of a picture before it is stored: its marks, smaller copies, and what the register keeps of it.

By then the engine is paid, so that nothing here loses a picture, unless the operator wants no unmarked one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from cavendish import __version__, ids
from cavendish.application.provenance import keys
from cavendish.application.services import Services
from cavendish.application.work import retry_policy
from cavendish.application.work.settle import Registered
from cavendish.db.patience import patiently
from cavendish.engines import base
from cavendish.errors import CavendishError
from cavendish.marks.marker import Marked, NotMarked, Wanted
from cavendish.marks.origin import Origin
from cavendish.marks.signing import SigningKey
from cavendish.models import Credentials, InputImage
from cavendish.settings import Settings
from cavendish.stores import register
from cavendish.stores.generations import Claim

log = structlog.get_logger("cavendish.marking")

WATERMARK_BITS = 40  # what a watermark holds; of two pictures that have the same, the register takes the nearer
_CHILD_SECONDS = 2.0  # before another try when no child could be started
_TRIES = 2  # a child may have died of the machine's trouble: the picture is blamed for what ends two of them
_CALLED = {"c2pa": "signed manifest (C2PA)", "xmp": "XMP", "watermark": "invisible watermark"}


@dataclass(frozen=True, slots=True)
class Delivered:
    """What is stored and registered.

    Attributes:
        copies: Smaller ones as WebP, by width.
    """

    picture: InputImage
    copies: dict[int, bytes]
    registered: Registered
    warnings: tuple[str, ...]


async def delivered(
    services: Services,
    claim: Claim,
    engine: base.Engine,
    engine_model: str,
    *,
    drawn: InputImage,
    picture: InputImage,
    ingredients: Sequence[Credentials | None],
) -> Delivered:
    """The picture with its marks.

    Args:
        drawn: As the engine sent it; `picture` is what was made of that.
        ingredients: What each input image said of itself.

    Raises:
        GenerationFailed: it has not all its marks, and the operator wants no such picture.
    """
    settings = services.settings
    if not (settings.marks or settings.copies or settings.register):
        return Delivered(picture, {}, Registered(None, None), ())
    wanted = await _wanted(services, claim, engine, engine_model, ingredients)
    marked = await _marked(services, picture, wanted, drawn)
    if marked is None:
        marked = Marked(picture, {}, watermark=None, fingerprint=None, left=tuple(settings.marks))
    left = _left(settings, marked, wanted)
    if left and settings.unmarked == "refuse":
        log.error("picture refused, it has not all its marks", missing=list(left))
        raise retry_policy.failed(f"the picture could not be given its {_named(left)}")
    warnings = (f"This picture has no {_named(left)}: it could not be given one.",) if left else ()
    known = None if marked.fingerprint is None else register.signed(marked.fingerprint)
    return Delivered(marked.picture, marked.copies, Registered(marked.watermark, known), warnings)


def _left(settings: Settings, marked: Marked, wanted: Wanted) -> tuple[str, ...]:
    """Marks that are on, and that the picture has not."""
    unsigned = ("c2pa",) if wanted.identity is None and "c2pa" in settings.marks else ()
    return tuple(dict.fromkeys((*marked.left, *unsigned)))


async def _wanted(
    services: Services,
    claim: Claim,
    engine: base.Engine,
    engine_model: str,
    ingredients: Sequence[Credentials | None],
) -> Wanted:
    settings, generation = services.settings, claim.generation
    watermark = None
    if "watermark" in settings.marks:
        known = await patiently(services.keys.watermarks, seconds=claim.seconds_left)
        watermark = secrets.randbits(WATERMARK_BITS), known[0]
    origin = Origin(
        model=generation.model,
        engine=engine.name,
        engine_model=engine_model,
        mode=generation.mode,
        algorithmic=base.capabilities(engine).algorithmic,
        made_at=generation.started_at or generation.created_at,
        verify_url=keys.verify_url(settings),
        version=__version__,
    )
    return Wanted(
        origin,
        xmp="xmp" in settings.marks,
        watermark=watermark,
        identity=await _identity(services),
        ingredients=ingredients,
        quality=generation.output.quality,
        widths=ids.COPY_WIDTHS if settings.copies else (),
    )


async def _identity(services: Services) -> SigningKey | None:
    try:
        return await services.keys.identity()
    except (CavendishError, OSError) as exc:
        log.error("pictures cannot be signed", error=str(exc))
        return None


async def _marked(services: Services, picture: InputImage, wanted: Wanted, drawn: InputImage) -> Marked | None:
    """None: it cannot be. Tries until a child can be started: the picture is paid for. The deadline ends this."""
    tries, told_once = 0, False
    while True:
        try:
            return await services.marker.mark(picture, wanted, engine_file=drawn)
        except NotMarked as exc:
            tries += 1
            if tries == _TRIES:
                log.error("picture not marked", reason=str(exc))
                return None
        except OSError as exc:
            if not told_once:
                log.error("picture not marked, trying on", error=exc.strerror or type(exc).__name__)
            told_once = True
            await asyncio.sleep(_CHILD_SECONDS)


def _named(marks: Sequence[str]) -> str:
    return " and no ".join(_CALLED[mark] for mark in marks)
