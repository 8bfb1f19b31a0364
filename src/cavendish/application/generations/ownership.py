"""Whose a generation is: the one rule behind every look at one."""

from __future__ import annotations

from typing import Protocol, TypeVar

from cavendish.errors import Forbidden, NotFound
from cavendish.models import Caller


class Owned(Protocol):
    @property
    def account_id(self) -> int: ...


Found = TypeVar("Found", bound=Owned)


def owned(caller: Caller, found: Found | None, *, unknown: str, foreign: str) -> Found:
    """What was found, if it is the caller's account's.

    Raises:
        NotFound: nothing was found; `unknown` says how to find it.
        Forbidden: it is another account's; `foreign` says what to do.
    """
    if found is None:
        raise NotFound(unknown)
    if found.account_id != caller.account_id:
        raise Forbidden(foreign)
    return found
