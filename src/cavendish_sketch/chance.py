"""Where chance comes from: what is drawn, the seed and the ratio, and nothing else.

Not the prompt's text: a word that is not understood must not change the picture. Nor the quality: 1K, 2K and 4K show
one picture.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json

from cavendish_sketch.edit import Plan
from cavendish_sketch.language.brief import Brief


def of_picture(brief: Brief, *, seed: int, ratio: str) -> bytes:
    """For a brief as it is shown."""
    return _digest(_told(brief), seed, ratio)


def of_edit(plan: Plan, *, seed: int, ratio: str) -> bytes:
    """For an edit: by what is done to the picture."""
    return _digest([plan.operators, plan.layout], seed, ratio)


def _digest(told: object, seed: int, ratio: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{ratio}\n{json.dumps(told, sort_keys=True)}".encode()).digest()


def _told(value: object) -> object:
    """Plain data; of a dataclass what is other than by itself, so that one field more changes no picture without it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _told(found) for field, found in fields if found != field.default}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_told(part) for part in value] if isinstance(value, tuple) else value
