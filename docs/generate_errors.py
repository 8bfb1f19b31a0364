"""Writes errors.md from the classes in errors.py: `make docs`."""

from __future__ import annotations

from pathlib import Path

from cavendish.errors import CODES, ApiError

PAGE = Path(__file__).with_name("errors.md")

_INTRODUCTION = """\
# Error codes

For programmers of clients. This page is made by `docs/generate_errors.py` from the code; a test checks that it is
current. Every error answer has one of these words in `errorCode` and a sentence with the way out in `error`;
[the shape](api.md#errors) is the same for all. The first eleven are the API text's, the others extend it.

Status 200 means: on check-status, about a generation that failed. It carries `success` false, `status` `failed`,
`error` and `errorCode`, and its credits were returned (one that was completed, and whose picture was deleted for its
age since, stays paid). It stays as it is; another try is a new call.

| Code | Status | Meaning and way out |
|---|---|---|
"""


def page() -> str:
    """The page as it should stand."""
    return _INTRODUCTION + "".join(map(_row, CODES.values()))


def _row(error: type[ApiError]) -> str:
    return f"| `{error.code}` | {', '.join(map(str, error.statuses()))} | {error.meaning} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
