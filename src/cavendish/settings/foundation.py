"""What a service is made of: where it listens and keeps things, its models, prices and judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cavendish.models import Quality, RateLimit
from cavendish.settings import aliases, parsers
from cavendish.settings.declaration import setting
from cavendish.settings.parsers import Anonymous, Network


@dataclass(frozen=True)
class Foundation:
    """Most of what an operator sets."""

    data: Path = setting(dataclasses.MISSING, Path, "The data directory.")

    host: str = setting("127.0.0.1", str, "Address to listen on; loopback unless you decide otherwise.")
    port: int = setting(8000, parsers.whole(0, 65535), "TCP port to listen on; 0 picks a free one.")
    public_url: str = setting("", parsers.url, "What clients call this service; image URLs start with it.")
    allowed_hosts: tuple[str, ...] = setting(
        (),
        parsers.hosts,
        "More names by which pages and /metrics are served, *.example.com for all below one, * for any.",
    )
    database_url: str = setting(
        "",
        parsers.database_url,
        "A PostgreSQL 15 or later of your own; empty: the embedded one.",
        secret=True,
        masked=parsers.without_password,
    )
    storage_url: str = setting("", parsers.storage_url, "Where pictures live; empty: DATA/storage.")
    storage_group: str = setting(
        "",
        parsers.group,
        "A group of the system that may read stored pictures, such as a proxy's; empty: the service's user alone.",
    )
    routes: Mapping[str, tuple[str, ...]] = setting(
        {"nano-banana-2": ("sketch",), "nano-banana-pro": ("sketch",)},
        parsers.routes,
        "Public model to engines, in order. With GEMINI_API_KEY set, gemini is the default of both.",
    )
    model_aliases: Mapping[str, str] = setting(
        aliases.DEFAULT,
        parsers.aliases,
        "What clients of other APIs send as model, and the public model that serves it; replaces the whole table.",
    )
    prices: Mapping[Quality, int] = setting(
        {Quality.ONE_K: 4, Quality.TWO_K: 8, Quality.FOUR_K: 16},
        parsers.prices,
        "Credits per picture, as the hosted API.",
    )
    generate_limit: RateLimit = setting(
        RateLimit(100, 3600), parsers.limit, "Generate calls per key, as the hosted API; a key may have its own."
    )
    account_limit: RateLimit | None = setting(
        None,
        parsers.limit,
        "Generate calls with all keys of an account together; none: each key that an operator made has its own.",
    )
    failure_limit: RateLimit = setting(
        RateLimit(100, 3600),
        parsers.limit,
        "Generations of an account that may fail for what they ask, refunded: each may have been billed to you.",
    )
    show_engines: bool = setting(
        True,
        parsers.flag,
        "Name the engines behind each model to whoever has a key; a finished picture always says what drew it.",
    )
    anonymous: tuple[Anonymous, ...] = setting(
        (),
        parsers.anonymous,
        "ACCOUNT@NETWORK[,…]: who calls /sdapi from there without a key spends that account's credits; empty: nobody.",
    )
    input_allow_networks: tuple[Network, ...] = setting(
        (), parsers.networks, "Networks besides the public internet from which input images may be fetched."
    )
    safeguards: tuple[str, ...] = setting(
        ("minors", "intimate"),
        parsers.some_of_or_none("minors", "intimate"),
        "What no prompt may ask for, moderation or not: sexualised minors, intimate pictures of real people; or none.",
    )
    safeguard_words: str = setting(
        "",
        str,
        "File of your own words for the safeguards, or of what they shall let pass; read again when it changes.",
    )
    moderation: tuple[str, ...] = setting(
        (),
        parsers.some_of("denylist", "http", "openai"),
        "Who judges, in order, of denylist, http and openai; empty: nobody.",
    )
    moderation_denylist: str = setting("", str, "File of words and phrases for denylist, read again when it changes.")
    moderation_url: str = setting("", parsers.endpoint, "Your own judge for http: what it is asked is POSTed there.")
    moderation_key: str = setting(
        "", parsers.header_key, "Sent to the judge at CAVENDISH_MODERATION_URL as Bearer.", secret=True
    )
    moderation_openai_url: str = setting(
        "https://api.openai.com/v1", parsers.url, "Base of the API that openai asks; others offer the same call."
    )
    moderation_openai_key: str = setting(
        "", parsers.header_key, "For openai, apart from the other key: neither service sees the other's.", secret=True
    )
    moderation_model: str = setting("omni-moderation-latest", str, "For openai: the one that judges pictures too.")
    moderation_seconds: float = setting(
        5.0, parsers.wait, "Per judge and stage; 1 goes into making a 4K picture small enough to send."
    )
    moderation_stages: tuple[str, ...] = setting(
        ("before", "after"),
        parsers.some_of("before", "after", least=1),
        "before: prompt and input images, ahead of the engine; after: the picture, ahead of storage.",
    )
    moderation_before_fails: str = setting(
        "closed",
        parsers.one_of("open", "closed"),
        "open or closed when a judge cannot answer; closed: the generation fails, refunded.",
    )
    moderation_after_fails: str = setting(
        "closed", parsers.one_of("open", "closed"), "The same for the picture: one that was seen cannot be taken back."
    )
    keep_images: float = setting(0.0, parsers.duration, "Seconds to keep a picture; 0: for ever.")
    free_bytes_min: int = setting(
        256 * parsers.MEBIBYTE,
        parsers.whole(0, 10**15),
        "With less room for pictures or the embedded database /readyz is 503: a dozen 4K pictures. 0: nobody looks.",
    )
    keep_refused_results: int = setting(
        0,
        parsers.whole(0, 10_000),
        "What engines delivered in place of a picture: so many, up to 64 MiB each, in DATA/refused; 0: none.",
    )
    concurrency: int = setting(
        16, parsers.whole(1, 512), "Generations at once per worker; engines that wait need many."
    )
    input_memory_bytes: int = setting(
        128 * parsers.MEBIBYTE,
        parsers.whole(parsers.MEBIBYTE, 10**12),
        "Input images in one worker's memory at once; further ones wait: forty photographs of 3 MB.",
    )
    size_mismatch: str = setting(
        "pad",
        parsers.one_of("pad", "crop", "refuse"),
        "A size whose shape no engine draws, over 3 % off: pad on a blurred continuation, crop, or refuse the order.",
    )
    marks: tuple[str, ...] = setting(
        ("c2pa", "xmp", "watermark"),
        parsers.some_of_or_none("c2pa", "xmp", "watermark"),
        "What pictures say of themselves: a signed manifest, XMP, and a mark in their pixels; or none.",
    )
    unmarked: str = setting(
        "deliver",
        parsers.one_of("deliver", "refuse"),
        "A picture that cannot have one of its marks: deliver it with a warning, or refuse it, refunded.",
    )
    copies: bool = setting(
        True, parsers.flag, "Keep smaller copies of each picture, 320 and 1,024 pixels wide, for pages: 5 % more room."
    )
    certificate: str = setting(
        "", str, "PEM of the certificate that signs pictures, with those above it; empty: one that is made, DATA/marks."
    )
    certificate_key: str = setting("", str, "PEM of its key, without a password; only the service may read it.")
    register: bool = setting(
        True, parsers.flag, "Keep hashes of what was delivered, by which a picture is recognised; no prompt is in them."
    )
    keep_register: float = setting(0.0, parsers.duration, "Seconds to keep them; 0: for ever.")
    verify_limit: RateLimit = setting(
        RateLimit(30, 60),
        parsers.limit,
        "Pictures that an address may have looked at, without a key: each takes a second.",
    )
    log_level: str = setting(
        "info", parsers.one_of("debug", "info", "warning", "error"), "The least severe event logged."
    )
    log_format: str = setting(
        "auto", parsers.one_of("auto", "json", "console"), "auto: console on a terminal, else json."
    )
    fast_lane: bool = setting(True, parsers.flag, "Bare routes for the two hot calls; off: FastAPI serves them.")
