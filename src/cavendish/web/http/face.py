"""What a wire format is to whoever looks for one: the list of faces at /docs and in llms.txt is made of these."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cavendish.web.http.operation import Operation

_PATHS_MAX = 10  # more are told by what they begin with


@dataclass(frozen=True, slots=True)
class Face:
    """Every dialect says in `FACE` of which it is; two that say the same are one.

    Attributes:
        clients: Programs and SDKs that speak it.
        lines: The address where it stands what to type.
    """

    name: str
    clients: tuple[str, ...]
    lines: str


def told(face: Face, operations: Sequence[Operation]) -> dict[str, Any]:
    """A face with its paths, which are those of its operations, as the OpenAPI document has it."""
    paths = list(dict.fromkeys(operation.path for operation in operations))
    if len(paths) > _PATHS_MAX and os.path.commonpath(paths) != "/":
        paths = [f"{os.path.commonpath(paths)}/…"]
    return {"name": face.name, "clients": list(face.clients), "paths": paths, "lines": face.lines}
