"""What a process that answers HTTP takes at most, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from cavendish.models import RateLimit
from cavendish.settings import parsers
from cavendish.settings.declaration import setting


@dataclass(frozen=True)
class Serving:
    """Limits of bodies, connections, statements, people and looks."""

    prompt_characters_max: int = setting(
        20_000, parsers.whole(1, 100_000), "Fits the body limit however JSON writes them, 12 bytes each at most."
    )
    body_bytes_max: int = setting(
        320 * 1024,
        parsers.whole(1024, 64 * parsers.MEBIBYTE),
        "20,000 characters of prompt at 12 bytes, as JSON may escape an emoji, and 14 URLs of 2,048 characters.",
    )
    header_bytes_max: int = setting(
        32 * 1024, parsers.whole(1024, parsers.MEBIBYTE), "Four times what browsers and proxies send."
    )
    header_seconds: float = setting(10.0, parsers.duration, "A request's headers must be there by then, else cut.")
    body_seconds: float = setting(15.0, parsers.duration, "A request's body must be there by then, else cut.")
    discard_bytes_max: int = setting(
        64 * parsers.MEBIBYTE,
        parsers.whole(1024, 512 * parsers.MEBIBYTE),
        "Read and thrown away of a body behind its answer, which would be lost else; two large photographs as base64.",
    )
    discard_seconds: float = setting(30.0, parsers.duration, "For the same: 30 MB at 8 Mbit/s; as long as nginx.")
    keep_alive_seconds: float = setting(
        75.0, parsers.duration, "An idle connection is closed after this; as nginx does."
    )
    crowded_keep_alive_seconds: float = setting(
        15.0, parsers.duration, "The same while three quarters of connections_max are open: others need the place."
    )
    connections_max: int = setting(
        4096, parsers.whole(16, 60_000), "Open client connections; idle ones make room for more, busy ones do not."
    )
    connections_per_address_max: int = setting(
        0,
        parsers.whole(0, 60_000),
        "Of these, from one address; 0: three quarters, so that one client leaves room, and a proxy hardly notices.",
    )
    api_drain_seconds: float = setting(
        5.0, parsers.duration, "Requests in flight get this long when the listener closes."
    )

    pool_max: int = setting(
        20, parsers.whole(2, 90), "Database connections per process; 100 is PostgreSQL's own default limit."
    )
    pool_idle_seconds: float = setting(20.0, parsers.duration, "Unused database connections close after this: memory.")
    statement_seconds: float = setting(10.0, parsers.duration, "A statement that takes longer is broken, not slow.")
    lock_seconds: float = setting(4.0, parsers.duration, "Waiting longer for a row means its holder is frozen.")
    transaction_idle_seconds: float = setting(
        5.0, parsers.duration, "A frozen process may not block an account longer."
    )
    outage_seconds: float = setting(5.0, parsers.duration, "How long a request waits for a database that is away.")

    key_cache_seconds: float = setting(0.9, parsers.duration, "A revoked key works at most this long, plus a read.")
    session_seconds: float = setting(
        14 * 86400.0, parsers.duration, "A browser stays signed in this long; a revoked key ends it at once."
    )
    login_link_seconds: float = setting(
        900.0, parsers.duration, "A login link works once, and this long: time to send it to a colleague."
    )
    sign_in_limit: RateLimit = setting(
        RateLimit(10, 60), parsers.limit, "Failed sign-ins per address and process: people mistype, programs guess."
    )
    account_sign_in_limit: RateLimit = setting(
        RateLimit(100, 3600),
        parsers.limit,
        "Good sign-ins per account, way in and process: each is a row in the audit trail, and a team has some a day.",
    )
    sessions_per_account_max: int = setting(
        100, parsers.whole(1, 10_000), "Browsers signed in per account; one more signs the oldest of its key out."
    )
    oidc_issuer: str = setting(
        "",
        parsers.issuer,
        "Your OpenID Connect issuer, for single sign-on, as its tokens name it; needs the extra oidc. Empty: none.",
    )
    oidc_client_id: str = setting("", parsers.header_key, "What the issuer calls this service.")
    oidc_client_secret: str = setting(
        "", parsers.header_key, "Proves this service to the issuer; empty for a public client.", secret=True
    )
    oidc_label: str = setting("Single sign-on", parsers.label, "The text of the button on the sign-in page.")
    oidc_account_claim: str = setting(
        "email",
        parsers.header_key,
        "Its value in the ID token is the account's name: one that people cannot choose. email must be verified.",
    )
    oidc_allow: tuple[str, ...] = setting(
        (),
        parsers.words,
        "Who may sign in: values, or domains where the claim is email; their accounts are made. Empty: who has one.",
    )
    oidc_operators: tuple[str, ...] = setting(
        (), parsers.words, "Values of the claim that may manage the service, from their next single sign-on on."
    )
    oidc_seconds: float = setting(
        5.0, parsers.wait, "For one answer of the issuer: a person waits for up to three of them."
    )
    upload_seconds: float = setting(
        86_400.0, parsers.duration, "An uploaded input image is kept this long: a day of trying edits on it."
    )
    edit_body_bytes_max: int = setting(
        64 * parsers.MEBIBYTE,
        parsers.whole(parsers.MEBIBYTE, 1024 * parsers.MEBIBYTE),
        "A body with pictures in it, on the faces that take such: three of 20 MB, or fourteen photographs.",
    )
    keepalive_seconds: float = setting(
        10.0,
        parsers.seconds(1, 60),
        "Between two signs of life in an answer that is waited for; proxies give up after 60 s.",
    )
    upload_bytes_max: int = setting(
        200_000_000,
        parsers.whole(parsers.MEBIBYTE, 999_999_999),
        "Uploads that one account may have at a time: 14 large photographs.",
    )
    uploads_at_once: int = setting(
        8, parsers.whole(1, 1000), "Uploads under way per process; each holds up to 20 MB while it is read."
    )
    upload_body_seconds: float = setting(
        60.0, parsers.duration, "An upload's body must be there by then, with a valid key: 20 MB at 3 Mbit/s."
    )
    streams_max: int = setting(
        2000, parsers.whole(1, 50_000), "Event streams open per process: half of the connections; others poll."
    )
    streams_per_account_max: int = setting(
        20, parsers.whole(1, 1000), "Event streams open per account and process: a browser has one for all its tabs."
    )
    poll_limit: RateLimit = setting(
        RateLimit(10_000, 1), parsers.limit, "Polls per key and process: one process's whole rate; over it they wait."
    )
    poll_wait_seconds: float = setting(0.25, parsers.duration, "How long an over-budget poll waits before its answer.")
    finds_at_once: int = setting(
        2, parsers.whole(1, 50), "Looks through prompts under way per process, one per account; the others wait."
    )
    find_seconds: float = setting(
        1.0, parsers.wait, "A look through prompts ends by then and says where to go on: half a million short ones."
    )
    find_wait_seconds: float = setting(
        5.0, parsers.wait, "How long a look waits for its turn: until an account's few before it have ended."
    )
    mcp_wait_seconds: float = setting(
        8.0,
        parsers.seconds(0, 30),
        "A tool of /mcp answers by then, with the picture or how to get it: some clients give 10.",
    )
    mcp_body_bytes_max: int = setting(
        28 * parsers.MEBIBYTE,
        parsers.whole(1024, 64 * parsers.MEBIBYTE),
        "A message to /mcp: one picture of 20 MB as base64, which its client sends where it has no URL.",
    )
    page_max: int = setting(100, parsers.whole(1, 1000), "Entries per page of a list.")
