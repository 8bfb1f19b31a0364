"""A call as a command of curl."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence


def command(method: str, url: str, body: object, *, key: str = "YOUR_API_KEY", more: Sequence[str] = ()) -> str:
    """A command that works when pasted into a shell; `more` are options as a shell reads them."""
    lines = [f"curl {_quoted(url)}" if method == "GET" else f"curl -X {method} {_quoted(url)}"]
    if body is not None:
        lines.append('-H "Content-Type: application/json"')
    lines.append(f'-H "Authorization: Bearer {key}"')
    lines += more
    if body is not None:
        text = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines.append(f"--data-raw '{text}'")
    return " \\\n  ".join(lines)


def _quoted(url: str) -> str:
    """In double quotes as the API text has it; in single ones where a shell would read on inside."""
    return f'"{url}"' if re.fullmatch(r"[\w:/.?&=%@+,;~*()\[\]{}#-]*", url) else "'" + url.replace("'", "'\\''") + "'"
