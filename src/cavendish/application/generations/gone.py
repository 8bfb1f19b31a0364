"""What is told of a generation whose picture was there and is no more: the same on every face, and at its address."""

from __future__ import annotations

from cavendish.errors import ApiError, Deleted, Expired
from cavendish.models import Gone


def as_error(gone: Gone | str) -> ApiError:
    """Why there is no picture. What it cost stays, so this is shown beside the charge."""
    if gone == Gone.DELETED:
        return Deleted("The picture was deleted by its owner; what it cost stays")
    return Expired("The picture was kept for its time and then deleted")
