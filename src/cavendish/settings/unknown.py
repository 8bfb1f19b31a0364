"""Names that are written as settings and are none: most are misspelt, and what they say has no effect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from cavendish.settings import sources
from cavendish.settings.settings import DECLARED

_PREFIX = sources.variable("")
_DECLARED = frozenset(sources.variable(one.name) for one in DECLARED)
# Read, and no settings: where PostgreSQL's programs are, a supervisor's pipe to its child, a client's server and key.
BESIDES = frozenset({"CAVENDISH_POSTGRES_BIN", "CAVENDISH_CONTROL", "CAVENDISH_URL", "CAVENDISH_API_KEY"})


def variables(environment: Mapping[str, str], engines: Callable[[], Collection[str]]) -> list[str]:
    """A sentence for each variable that looks like a setting of the service and is none.

    Args:
        engines: The kinds there are, asked for when it matters: what begins with one of their names is theirs to judge.
    """
    found = [name for name in written(environment, _PREFIX) if name not in _DECLARED | BESIDES]
    kinds = engines() if found else ()
    theirs = tuple(sources.variable(kind, "") for kind in kinds)
    return [told(name, _DECLARED | _of_engines(name, kinds)) for name in found if not name.startswith(theirs)]


def written(environment: Mapping[str, str], prefix: str) -> list[str]:
    """The variables that begin so; an empty one counts as not set."""
    return sorted(name for name, text in environment.items() if text and name.startswith(prefix))


def told(name: str, known: Iterable[str]) -> str:
    """That this name is none of these, and which of them is the nearest."""
    return f"{name} is no setting and has no effect{sources.nearest(name, known)}"


def _of_engines(name: str, kinds: Collection[str]) -> set[str]:
    """What it would be if its first word is an engine's, misspelt."""
    rest = name.removeprefix(_PREFIX).partition("_")[2]
    return {sources.variable(kind, rest) for kind in kinds} if rest else set()
