"""How generations are made: deadlines, tries, leases, and the search for facts."""

from __future__ import annotations

from dataclasses import dataclass

from cavendish.settings import parsers
from cavendish.settings.declaration import setting


@dataclass(frozen=True)
class Working:
    """What workers keep to."""

    deadline_seconds: float = setting(
        600.0, parsers.duration, "From creation, waiting included; then failed, refunded."
    )
    attempts_max: int = setting(3, parsers.whole(1, 20), "Engine failures before a generation fails.")
    claims_max: int = setting(
        25, parsers.whole(3, 1000), "Workers that may die on one generation: it might be what kills them."
    )
    lease_seconds: float = setting(
        4.0,
        parsers.seconds(0.5, 60),
        "A worker silent for this long has died; a third of it is the beat. All workers take each other's for real.",
    )
    wake_seconds: float = setting(
        2.0, parsers.duration, "A worker looks by itself this often, should a wake-up be lost."
    )
    sweep_seconds: float = setting(2.0, parsers.duration, "Between two sweeps for passed deadlines.")
    orphan_seconds: float = setting(
        900.0, parsers.duration, "A file no generation names is deleted after this: > deadline."
    )
    drain_seconds: float = setting(
        10.0, parsers.duration, "On SIGTERM running generations get this long, then go back."
    )
    progress_seconds: float = setting(
        0.25, parsers.duration, "Between two writes of progress: one batch for all running."
    )

    search_url: str = setting(
        "", parsers.url, "Your SearXNG, for googleSearch with engines that do not search; asked before Brave."
    )
    brave_api_key: str = setting(
        "",
        parsers.header_key,
        "A key of Brave's search API, for the same; alone, or where SearXNG gives nothing.",
        secret=True,
    )
    brave_url: str = setting("https://api.search.brave.com", parsers.url, "Where Brave's API is.")
    search_seconds: float = setting(
        5.0, parsers.wait, "For all search services together; then the picture is made without facts."
    )
    search_characters: int = setting(
        600, parsers.whole(100, 4000), "Of facts behind a prompt: some 150 tokens, what encoders have left for them."
    )
