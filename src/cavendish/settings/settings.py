"""Every setting and every limit, once, with its unit and why that number.

A setting named `generate_limit` is the flag `--generate-limit` where a command offers one, the environment variable
`CAVENDISH_GENERATE_LIMIT`, and the key `generate_limit` in `DATA/cavendish.toml`; the first that is set wins.
This module imports the standard library and our own smallest modules only: the supervisor loads it.
"""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cavendish.models import Quality, RateLimit
from cavendish.settings import aliases, parsers
from cavendish.settings.declaration import Setting
from cavendish.settings.parsers import Network


def _setting(
    default: Any,
    parse: Callable[[str], Any],
    why: str,
    *,
    secret: bool = False,
    masked: Callable[[str], str] | None = None,
) -> Any:
    metadata = {"parse": parse, "why": why, "secret": secret, "masked": masked}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The checked settings of one process."""

    data: Path = _setting(dataclasses.MISSING, Path, "The data directory.")

    host: str = _setting("127.0.0.1", str, "Address to listen on; loopback unless you decide otherwise.")
    port: int = _setting(8000, parsers.whole(0, 65535), "TCP port to listen on; 0 picks a free one.")
    public_url: str = _setting("", parsers.url, "What clients call this service; image URLs start with it.")
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        parsers.hosts,
        "More names by which pages and /metrics are served, *.example.com for all below one, * for any.",
    )
    database_url: str = _setting(
        "",
        parsers.database_url,
        "A PostgreSQL 15 or later of your own; empty: the embedded one.",
        secret=True,
        masked=parsers.without_password,
    )
    storage_url: str = _setting("", parsers.storage_url, "Where pictures live; empty: DATA/storage.")
    storage_group: str = _setting(
        "",
        parsers.group,
        "A group of the system that may read stored pictures, such as a proxy's; empty: the service's user alone.",
    )
    routes: Mapping[str, tuple[str, ...]] = _setting(
        {"nano-banana-2": ("sketch",), "nano-banana-pro": ("sketch",)},
        parsers.routes,
        "Public model to engines, in order. With GEMINI_API_KEY set, gemini is the default of both.",
    )
    model_aliases: Mapping[str, str] = _setting(
        aliases.DEFAULT,
        parsers.aliases,
        "What clients of other APIs send as model, and the public model that serves it; replaces the whole table.",
    )
    prices: Mapping[Quality, int] = _setting(
        {Quality.ONE_K: 4, Quality.TWO_K: 8, Quality.FOUR_K: 16},
        parsers.prices,
        "Credits per picture, as the hosted API.",
    )
    generate_limit: RateLimit = _setting(
        RateLimit(100, 3600), parsers.limit, "Generate calls per key, as the hosted API; a key may have its own."
    )
    account_limit: RateLimit | None = _setting(
        None,
        parsers.limit,
        "Generate calls with all keys of an account together; none: each key that an operator made has its own.",
    )
    failure_limit: RateLimit = _setting(
        RateLimit(100, 3600),
        parsers.limit,
        "Generations of an account that may fail for what they ask, refunded: each may have been billed to you.",
    )
    show_engines: bool = _setting(
        True,
        parsers.flag,
        "Name the engines behind each model to whoever has a key; a finished picture always says what drew it.",
    )
    input_allow_networks: tuple[Network, ...] = _setting(
        (), parsers.networks, "Networks besides the public internet from which input images may be fetched."
    )
    moderation: tuple[str, ...] = _setting(
        (),
        parsers.some_of("denylist", "http", "openai"),
        "Who judges, in order, of denylist, http and openai; empty: nobody.",
    )
    moderation_denylist: str = _setting("", str, "File of words and phrases for denylist, read again when it changes.")
    moderation_url: str = _setting("", parsers.endpoint, "Your own judge for http: what it is asked is POSTed there.")
    moderation_key: str = _setting(
        "", parsers.header_key, "Sent to the judge at CAVENDISH_MODERATION_URL as Bearer.", secret=True
    )
    moderation_openai_url: str = _setting(
        "https://api.openai.com/v1", parsers.url, "Base of the API that openai asks; others offer the same call."
    )
    moderation_openai_key: str = _setting(
        "", parsers.header_key, "For openai, apart from the other key: neither service sees the other's.", secret=True
    )
    moderation_model: str = _setting("omni-moderation-latest", str, "For openai: the one that judges pictures too.")
    moderation_seconds: float = _setting(
        5.0, parsers.wait, "Per judge and stage; 1 goes into making a 4K picture small enough to send."
    )
    moderation_stages: tuple[str, ...] = _setting(
        ("before", "after"),
        parsers.some_of("before", "after", least=1),
        "before: prompt and input images, ahead of the engine; after: the picture, ahead of storage.",
    )
    moderation_before_fails: str = _setting(
        "closed",
        parsers.one_of("open", "closed"),
        "open or closed when a judge cannot answer; closed: the generation fails, refunded.",
    )
    moderation_after_fails: str = _setting(
        "closed", parsers.one_of("open", "closed"), "The same for the picture: one that was seen cannot be taken back."
    )
    keep_images: float = _setting(0.0, parsers.duration, "Seconds to keep a picture; 0: for ever.")
    free_bytes_min: int = _setting(
        256 * parsers.MEBIBYTE,
        parsers.whole(0, 10**15),
        "With less room for pictures or the embedded database /readyz is 503: a dozen 4K pictures. 0: nobody looks.",
    )
    keep_refused_results: int = _setting(
        0,
        parsers.whole(0, 10_000),
        "What engines delivered in place of a picture: so many, up to 64 MiB each, in DATA/refused; 0: none.",
    )
    concurrency: int = _setting(
        16, parsers.whole(1, 512), "Generations at once per worker; engines that wait need many."
    )
    input_memory_bytes: int = _setting(
        128 * parsers.MEBIBYTE,
        parsers.whole(parsers.MEBIBYTE, 10**12),
        "Input images in one worker's memory at once; further ones wait: forty photographs of 3 MB.",
    )
    size_mismatch: str = _setting(
        "pad",
        parsers.one_of("pad", "crop", "refuse"),
        "A size whose shape no engine draws, over 3 % off: pad on a blurred continuation, crop, or refuse the order.",
    )
    log_level: str = _setting(
        "info", parsers.one_of("debug", "info", "warning", "error"), "The least severe event logged."
    )
    log_format: str = _setting(
        "auto", parsers.one_of("auto", "json", "console"), "auto: console on a terminal, else json."
    )
    fast_lane: bool = _setting(True, parsers.flag, "Bare routes for the two hot calls; off: FastAPI serves them.")

    prompt_characters_max: int = _setting(
        20_000, parsers.whole(1, 100_000), "Fits the body limit however JSON writes them, 12 bytes each at most."
    )
    body_bytes_max: int = _setting(
        320 * 1024,
        parsers.whole(1024, 64 * parsers.MEBIBYTE),
        "20,000 characters of prompt at 12 bytes, as JSON may escape an emoji, and 14 URLs of 2,048 characters.",
    )
    header_bytes_max: int = _setting(
        32 * 1024, parsers.whole(1024, parsers.MEBIBYTE), "Four times what browsers and proxies send."
    )
    header_seconds: float = _setting(10.0, parsers.duration, "A request's headers must be there by then, else cut.")
    body_seconds: float = _setting(15.0, parsers.duration, "A request's body must be there by then, else cut.")
    discard_bytes_max: int = _setting(
        64 * parsers.MEBIBYTE,
        parsers.whole(1024, 512 * parsers.MEBIBYTE),
        "Read and thrown away of a body behind its answer, which would be lost else; two large photographs as base64.",
    )
    discard_seconds: float = _setting(30.0, parsers.duration, "For the same: 30 MB at 8 Mbit/s; as long as nginx.")
    keep_alive_seconds: float = _setting(
        75.0, parsers.duration, "An idle connection is closed after this; as nginx does."
    )
    crowded_keep_alive_seconds: float = _setting(
        15.0, parsers.duration, "The same while three quarters of connections_max are open: others need the place."
    )
    connections_max: int = _setting(
        4096, parsers.whole(16, 60_000), "Open client connections; idle ones make room for more, busy ones do not."
    )
    connections_per_address_max: int = _setting(
        0,
        parsers.whole(0, 60_000),
        "Of these, from one address; 0: three quarters, so that one client leaves room, and a proxy hardly notices.",
    )
    api_drain_seconds: float = _setting(
        5.0, parsers.duration, "Requests in flight get this long when the listener closes."
    )

    pool_max: int = _setting(
        20, parsers.whole(2, 90), "Database connections per process; 100 is PostgreSQL's own default limit."
    )
    pool_idle_seconds: float = _setting(20.0, parsers.duration, "Unused database connections close after this: memory.")
    statement_seconds: float = _setting(10.0, parsers.duration, "A statement that takes longer is broken, not slow.")
    lock_seconds: float = _setting(4.0, parsers.duration, "Waiting longer for a row means its holder is frozen.")
    transaction_idle_seconds: float = _setting(
        5.0, parsers.duration, "A frozen process may not block an account longer."
    )
    outage_seconds: float = _setting(5.0, parsers.duration, "How long a request waits for a database that is away.")

    key_cache_seconds: float = _setting(0.9, parsers.duration, "A revoked key works at most this long, plus a read.")
    session_seconds: float = _setting(
        14 * 86400.0, parsers.duration, "A browser stays signed in this long; a revoked key ends it at once."
    )
    login_link_seconds: float = _setting(
        900.0, parsers.duration, "A login link works once, and this long: time to send it to a colleague."
    )
    sign_in_limit: RateLimit = _setting(
        RateLimit(10, 60), parsers.limit, "Failed sign-ins per address and process: people mistype, programs guess."
    )
    account_sign_in_limit: RateLimit = _setting(
        RateLimit(100, 3600),
        parsers.limit,
        "Good sign-ins per account, way in and process: each is a row in the audit trail, and a team has some a day.",
    )
    sessions_per_account_max: int = _setting(
        100, parsers.whole(1, 10_000), "Browsers signed in per account; one more signs the oldest of its key out."
    )
    oidc_issuer: str = _setting(
        "",
        parsers.issuer,
        "Your OpenID Connect issuer, for single sign-on, as its tokens name it; needs the extra oidc. Empty: none.",
    )
    oidc_client_id: str = _setting("", parsers.header_key, "What the issuer calls this service.")
    oidc_client_secret: str = _setting(
        "", parsers.header_key, "Proves this service to the issuer; empty for a public client.", secret=True
    )
    oidc_label: str = _setting("Single sign-on", parsers.label, "The text of the button on the sign-in page.")
    oidc_account_claim: str = _setting(
        "email",
        parsers.header_key,
        "Its value in the ID token is the account's name: one that people cannot choose. email must be verified.",
    )
    oidc_allow: tuple[str, ...] = _setting(
        (),
        parsers.words,
        "Who may sign in: values, or domains where the claim is email; their accounts are made. Empty: who has one.",
    )
    oidc_operators: tuple[str, ...] = _setting(
        (), parsers.words, "Values of the claim that may manage the service, from their next single sign-on on."
    )
    oidc_seconds: float = _setting(
        5.0, parsers.wait, "For one answer of the issuer: a person waits for up to three of them."
    )
    upload_seconds: float = _setting(
        86_400.0, parsers.duration, "An uploaded input image is kept this long: a day of trying edits on it."
    )
    edit_body_bytes_max: int = _setting(
        64 * parsers.MEBIBYTE,
        parsers.whole(parsers.MEBIBYTE, 1024 * parsers.MEBIBYTE),
        "A body with pictures in it, on the faces that take such: three of 20 MB, or fourteen photographs.",
    )
    keepalive_seconds: float = _setting(
        10.0,
        parsers.seconds(1, 60),
        "Between two signs of life in an answer that is waited for; proxies give up after 60 s.",
    )
    upload_bytes_max: int = _setting(
        200_000_000,
        parsers.whole(parsers.MEBIBYTE, 999_999_999),
        "Uploads that one account may have at a time: 14 large photographs.",
    )
    uploads_at_once: int = _setting(
        8, parsers.whole(1, 1000), "Uploads under way per process; each holds up to 20 MB while it is read."
    )
    upload_body_seconds: float = _setting(
        60.0, parsers.duration, "An upload's body must be there by then, with a valid key: 20 MB at 3 Mbit/s."
    )
    streams_max: int = _setting(
        2000, parsers.whole(1, 50_000), "Event streams open per process: half of the connections; others poll."
    )
    streams_per_account_max: int = _setting(
        20, parsers.whole(1, 1000), "Event streams open per account and process: a browser has one for all its tabs."
    )
    poll_limit: RateLimit = _setting(
        RateLimit(10_000, 1), parsers.limit, "Polls per key and process: one process's whole rate; over it they wait."
    )
    poll_wait_seconds: float = _setting(0.25, parsers.duration, "How long an over-budget poll waits before its answer.")
    finds_at_once: int = _setting(
        2, parsers.whole(1, 50), "Looks through prompts under way per process, one per account; the others wait."
    )
    find_seconds: float = _setting(
        1.0, parsers.wait, "A look through prompts ends by then and says where to go on: half a million short ones."
    )
    find_wait_seconds: float = _setting(
        5.0, parsers.wait, "How long a look waits for its turn: until an account's few before it have ended."
    )
    mcp_wait_seconds: float = _setting(
        8.0,
        parsers.seconds(0, 30),
        "A tool of /mcp answers by then, with the picture or how to get it: some clients give 10.",
    )
    mcp_body_bytes_max: int = _setting(
        28 * parsers.MEBIBYTE,
        parsers.whole(1024, 64 * parsers.MEBIBYTE),
        "A message to /mcp: one picture of 20 MB as base64, which its client sends where it has no URL.",
    )
    page_max: int = _setting(100, parsers.whole(1, 1000), "Entries per page of a list.")

    deadline_seconds: float = _setting(
        600.0, parsers.duration, "From creation, waiting included; then failed, refunded."
    )
    attempts_max: int = _setting(3, parsers.whole(1, 20), "Engine failures before a generation fails.")
    claims_max: int = _setting(
        25, parsers.whole(3, 1000), "Workers that may die on one generation: it might be what kills them."
    )
    lease_seconds: float = _setting(
        4.0,
        parsers.seconds(0.5, 60),
        "A worker silent for this long has died; a third of it is the beat. All workers take each other's for real.",
    )
    wake_seconds: float = _setting(
        2.0, parsers.duration, "A worker looks by itself this often, should a wake-up be lost."
    )
    sweep_seconds: float = _setting(2.0, parsers.duration, "Between two sweeps for passed deadlines.")
    orphan_seconds: float = _setting(
        900.0, parsers.duration, "A file no generation names is deleted after this: > deadline."
    )
    drain_seconds: float = _setting(
        10.0, parsers.duration, "On SIGTERM running generations get this long, then go back."
    )
    progress_seconds: float = _setting(
        0.25, parsers.duration, "Between two writes of progress: one batch for all running."
    )

    search_url: str = _setting(
        "", parsers.url, "Your SearXNG, for googleSearch with engines that do not search; asked before Brave."
    )
    brave_api_key: str = _setting(
        "",
        parsers.header_key,
        "A key of Brave's search API, for the same; alone, or where SearXNG gives nothing.",
        secret=True,
    )
    brave_url: str = _setting("https://api.search.brave.com", parsers.url, "Where Brave's API is.")
    search_seconds: float = _setting(
        5.0, parsers.wait, "For all search services together; then the picture is made without facts."
    )
    search_characters: int = _setting(
        600, parsers.whole(100, 4000), "Of facts behind a prompt: some 150 tokens, what encoders have left for them."
    )

    # No setting: nobody wrote `public_url`, and it stands for this machine's own way to the service.
    public_url_assumed: bool = False

    @property
    def engines(self) -> list[str]:
        """Every engine that a route names."""
        return sorted({name for route in self.routes.values() for name in route})

    @property
    def follows_host(self) -> bool:
        """Whether URLs begin with the host that each request names: no other is known that its caller could use."""
        return self.public_url_assumed and not parsers.is_loopback(self.host)

    @property
    def embedded_database(self) -> bool:
        return not self.database_url

    @property
    def storage_root(self) -> Path:
        """The directory of a file storage."""
        if self.storage_url:
            return Path(urllib.parse.unquote(urllib.parse.urlsplit(self.storage_url).path))
        return self.data / "storage"


# The class gives each its type, its name and its default; the rest of its declaration is the same as any engine's.
DECLARED = tuple(Setting(one.name, **one.metadata) for one in dataclasses.fields(Settings) if one.metadata)
