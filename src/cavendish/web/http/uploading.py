"""How many large bodies are read at once: each holds its bytes in memory for as long as its client takes."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from cavendish.errors import ServiceBusy
from cavendish.models import Caller
from cavendish.web.http.context import Web

_AT_ONCE_PER_ACCOUNT = 3  # a slow connection holds its place for a minute; others need theirs


@contextlib.contextmanager
def place(web: Web, caller: Caller) -> Iterator[None]:
    """A place for one large body of this account's. Raises ServiceBusy where all are taken."""
    mine = web.uploading[caller.account_id]
    if mine >= _AT_ONCE_PER_ACCOUNT or web.uploading.total() >= web.services.settings.uploads_at_once:
        raise ServiceBusy("Too many pictures are being uploaded; try again in a moment", retry_after_seconds=1)
    web.uploading[caller.account_id] += 1
    try:
        yield
    finally:
        web.uploading -= Counter({caller.account_id: 1})  # drops who has none left
