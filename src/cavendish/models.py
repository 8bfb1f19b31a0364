"""The domain's own words as types. Frozen, checked once at the edge, trusted inside."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from cavendish import ids


class Mode(StrEnum):
    GENERATE = "generate"
    EDIT = "edit"


class State(StrEnum):
    """The only four words that ever leave check-status."""

    PENDING = "pending"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def terminal(self) -> bool:
        return self in (State.COMPLETED, State.FAILED)


class Gone(StrEnum):
    """Why a picture that was there is no more."""

    EXPIRED = "expired"  # its time to be kept was over
    DELETED = "deleted"  # by its owner; also where its time was over before


class Quality(StrEnum):
    ONE_K = "1K"
    TWO_K = "2K"
    FOUR_K = "4K"

    @property
    def scale(self) -> int:
        return int(self.value[0])


# Width and height in pixels at 1K; 2K and 4K are exactly two and four times these.
# Source: Google's table for Nano Banana 2 and 2.1, the same for every engine here.
PIXELS_1K: dict[str, tuple[int, int]] = {
    "16:9": (1376, 768),
    "9:16": (768, 1376),
    "4:3": (1200, 896),
    "3:4": (896, 1200),
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
RATIOS = tuple(PIXELS_1K)
SEED_MAX = 2**32 - 1
PREVIEWS_MAX = 3  # unfinished pictures of one that may be asked for: as many as OpenAI's clients know


def whole_number(value: object) -> int | None:
    """A whole number as JSON Schema knows it, where 5.0 is one; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def pixels(ratio: str, quality: Quality) -> tuple[int, int]:
    """Width and height in pixels of a ratio at a quality."""
    width, height = PIXELS_1K[ratio]
    return width * quality.scale, height * quality.scale


@dataclass(frozen=True, slots=True)
class PublicModel:
    """A model that callers name, and what may be asked of it."""

    name: str
    modes: tuple[Mode, ...] = tuple(Mode)
    aspect_ratios: tuple[str, ...] = RATIOS
    image_qualities: tuple[Quality, ...] = tuple(Quality)
    input_images_max: int = 14


# Adding a model here gives it its paths in every face; `CAVENDISH_ROUTES` gives it engines.
MODELS = {
    model.name: model
    for model in (
        PublicModel("nano-banana-2"),
        PublicModel("nano-banana-pro", input_images_max=8),
    )
}


def public_model(name: str) -> PublicModel:
    """The catalogue's; one that only a route names takes whatever any takes."""
    return MODELS.get(name) or PublicModel(name)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`count` requests in `seconds`, all of them at once if unused (GCRA with burst = count)."""

    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{_PERIOD_NAMES.get(self.seconds, f'{self.seconds}s')}"


_PERIOD_NAMES = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


@dataclass(frozen=True, slots=True)
class KeyLimit:
    """A key and its own rate limit, None where it has none."""

    key_id: str
    limit: RateLimit | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as proven by an API key or a session.

    Attributes:
        limit: The key's own rate limit, None where it has none.
        operator: The account may manage the service.
        session: A person in a browser, proven by the cookie of a sign-in.
        falls_with: Keys with whose revocation this one ends.
        counts_with: Keys whose limits its calls count against, too, the first first.
    """

    account_id: int
    account: str
    key_id: str
    limit: RateLimit | None
    operator: bool = False
    session: bool = False
    falls_with: tuple[str, ...] = ()
    counts_with: tuple[KeyLimit, ...] = ()

    @property
    def lineage(self) -> tuple[str, ...]:
        """With what this caller makes falls, the first first; nothing for whoever is no key."""
        return (*self.falls_with, self.key_id) if self.key_id else ()


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What a face calls the parts of a submission, so that each caller is answered in words of its own.

    Attributes:
        input_images_counted: Too many of them; `{}` is how many.
        input_image: One of them; `{index}` counts from 0, `{number}` from 1.
    """

    prompt: str = "prompt"
    mode: str = "mode"
    aspect_ratio: str = "aspect ratio"
    image_quality: str = "image quality"
    google_search: str = "search"
    input_images: str = "input images"
    seed: str = "seed"
    size: str = "size"
    output_format: str = "output format"
    output_quality: str = "output quality"
    previews: str = "previews"
    label: str = "label"
    input_images_counted: str = "there are {} input images"
    input_image: str = "input image {number}"


# What a picture can be delivered as, by the names that callers use, and the type of such a file.
OUTPUT_FORMATS = {media_type.removeprefix("image/"): media_type for media_type in ids.EXTENSIONS}


LABELS = ("ai",)  # marks for people to see that a picture can bear


@dataclass(frozen=True, slots=True)
class Output:
    """What is delivered in place of the engine's own bytes; what is None stays as the engine made it.

    Attributes:
        width, height: Exactly so many pixels; both or neither.
        quality: Of the encoder, 1 to 100; for JPEG and WebP.
        label: One of `LABELS`, drawn in a corner; None: nothing is.
    """

    width: int | None = None
    height: int | None = None
    media_type: str | None = None
    quality: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One checked request for one image.

    Attributes:
        model: The public name, such as `nano-banana-2`.
        names: Its caller's words, for what is refused later.
        previews: How many unfinished pictures its caller wants to see, at most.
    """

    model: str
    prompt: str
    mode: Mode
    aspect_ratio: str
    image_quality: Quality
    google_search: bool
    input_image_urls: tuple[str, ...]
    seed: int | None
    warnings: tuple[str, ...] = ()
    names: FieldNames = FieldNames()
    output: Output = Output()
    previews: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A page that grounding came from."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """What was searched for a generation. `rendered_content` is Google's HTML, to be shown unmodified where it is."""

    queries: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    rendered_content: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """What an engine that reads words by itself made of a prompt: the words that had an effect, and those without."""

    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """A stored picture: what it really is, not what was asked for."""

    name: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Generation:
    """One request for one image and what became of it. `grounding` and `notes` are JSON as check-status shows it."""

    id: uuid.UUID
    task_id: str
    account_id: int
    model: str
    engine: str
    engine_model: str | None
    state: State
    mode: Mode
    prompt: str
    aspect_ratio: str
    image_quality: Quality
    google_search: bool
    input_image_urls: tuple[str, ...]
    seed: int | None
    price: int
    credits_charged: int | None
    progress: int
    fence: int
    warnings: tuple[str, ...]
    error: str | None
    error_code: str | None
    image: Image | None
    gone: Gone | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    grounding: str | None
    notes: str | None
    batch_id: uuid.UUID | None
    output: Output
    previews: int


# In a list that is newest first: when it was made, and its id.
Place: TypeAlias = tuple[datetime.datetime, uuid.UUID]


@dataclass(slots=True)
class Status:
    """What a poll shows of a generation, in the order of its columns. Not frozen: that would cost a poll 4 µs more."""

    id: uuid.UUID
    account_id: int
    state: str
    progress: int
    model: str
    engine: str
    engine_model: str | None
    seed: int | None
    price: int
    credits_charged: int | None
    warnings: list[str]
    error: str | None
    error_code: str | None
    image_name: str | None
    image_type: str | None
    image_width: int | None
    image_height: int | None
    image_bytes: int | None
    gone: str | None
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
    grounding: str | None
    notes: str | None
    balance: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the manifests of an input image say (C2PA), for the picture that is made of it.

    Attributes:
        label: What it is called in another manifest; the same picture has the same.
        as_opened, as_taken: An archive of it as what was edited, and as one of several that were used.
    """

    label: str
    as_opened: bytes
    as_taken: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.as_opened) + len(self.as_taken)


@dataclass(frozen=True, slots=True)
class InputImage:
    """A caller's picture, fetched and decoded once in the child: safe bytes of a known type, no metadata.

    Attributes:
        credentials: What the file said of itself before; None: nothing that anybody signed.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    credentials: Credentials | None = None
