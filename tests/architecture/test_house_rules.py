"""What the style page asks of the sources, checked on their syntax trees."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
# By its path below src/cavendish; the preview engine's files begin with cavendish_sketch/.
SOURCES = {str(path.relative_to(SOURCE)).removeprefix("cavendish/"): path for path in sorted(SOURCE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}

# What fits on a screen can be judged at a glance; half of all functions are a step or two.
FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN_MAX = 7
# A file is read down once. What the preview engine draws is longer than what the service decides: a scene is one file.
FILE_LINES_MAX = 400
SKETCH_FILE_LINES_MAX = 600
# Beyond ten decisions nobody tries all ways through. A few blocks may have them: a table of cases read from its top
# is worse in pieces.
DECISIONS_MAX = 10
BLOCKS_OF_MORE_DECISIONS_MAX = 6

# Wall clocks. Leases, limits, deadlines and money ask the database; these do not decide about any of them.
WALL_CLOCK_USERS = {
    "cli/audit/files.py": "ages of files",
    "marks/identity.py": "from when a certificate is valid",
    "postgres/locks.py": "ages of files",
    "telemetry/logs.py": "the time of a log line",
}

# Puts its own constants together, no value: each rule's offenders into one frame.
SQL_FRAMES = {"cli/audit/__init__.py": "_FOUND.format(rule.offenders)"}

# Calls that send SQL, wherever the object comes from.
SQL_CALLS = {"fetch", "fetchrow", "fetchval", "execute", "executemany", "copy_records_to_table", "prepare", "cursor"}


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node) is not None:
        text = node.body[0]
        assert text.end_lineno is not None
        lines -= text.end_lineno - text.lineno + 1
    return lines


def _decisions(node: ast.AST) -> int:
    """McCabe's number as radon counts it: one, and one for each branch, loop, `and`, `or` and condition."""
    found = 1
    for part in ast.walk(node):
        match part:
            case ast.If() | ast.IfExp() | ast.For() | ast.AsyncFor() | ast.While() | ast.ExceptHandler() | ast.Assert():
                found += 1
            case ast.BoolOp():
                found += len(part.values) - 1
            case ast.comprehension():
                found += 1 + len(part.ifs)
            case ast.match_case():
                takes_all = isinstance(part.pattern, ast.MatchAs) and part.pattern.pattern is None and not part.guard
                found += not takes_all
    return found


def _of_the_service(name: str) -> bool:
    return not name.startswith("cavendish_sketch/")


def _imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_db_imports_the_driver() -> None:
    users = {
        name
        for name, tree in TREES.items()
        if not name.startswith("db/") and any(module.split(".")[0] == "asyncpg" for module in _imported(tree))
    }

    assert users == set()


def test_only_db_opens_and_commits_transactions() -> None:
    """Others say `db.transaction()`; nobody else begins, commits or rolls back, neither by a call nor in SQL."""
    offenders = []
    for name, tree in TREES.items():
        if name.startswith("db/"):
            continue
        for call in _calls(tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback", "start"):
                owner = ast.unparse(call.func.value)
                if "transaction" in owner or owner in ("tx", "connection"):
                    offenders.append(f"{name}:{call.lineno}")
            if isinstance(call.func, ast.Attribute) and call.func.attr == "transaction":
                owner = ast.unparse(call.func.value)
                if not re.fullmatch(r"(?:.*\.)?_?db", owner):
                    offenders.append(f"{name}:{call.lineno} {owner}.transaction()")
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.match(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|START TRANSACTION)\b", node.value):
                    offenders.append(f"{name}:{node.lineno} {node.value[:30]!r}")

    assert offenders == []


# Where connections and transactions may be opened: the use cases own them, the stores and the queue are theirs.
OPENERS = ("application/", "stores/", "queue/", "db/")
# They look at the database from outside: the independent checker, and whoever looks for trouble in it.
LOOKERS = ("cli/audit", "cli/doctor.py")
OPENING = {
    "connection",
    "transaction",
    "listen",
    "fetch",
    "fetchrow",
    "fetchval",
    "execute",
    "executemany",
    "acquire",
    "run",
}


def _openings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls of these names on a database, a pool, or what one of them gave."""
    for call in _calls(tree):
        if isinstance(call.func, ast.Attribute) and call.func.attr in OPENING:
            owner = ast.unparse(call.func.value)
            if re.search(r"(?:^|[._])(?:db|database|pool|connection|transaction)$", owner):
                yield call.lineno, f"{owner}.{call.func.attr}()"


def test_use_cases_own_connections_and_transactions() -> None:
    """`web`, `cli` and `processes` call a use case; then nothing of it can be left out, its line in the trail least."""
    offenders = [
        f"{name}:{line} {call}"
        for name, tree in TREES.items()
        if not name.startswith((*OPENERS, *LOOKERS))
        for line, call in _openings(tree)
    ]

    assert offenders == []


@pytest.mark.parametrize(
    "source",
    ["services.db.transaction()", "context.web(request).services.db.connection()", "db.fetchval('SELECT 1')",
     "self._db.listen('x', a, b)", "connection.execute('SELECT 1')", "services.db.pool.acquire()", "services.db.run(statement)"],
)  # fmt: skip
def test_an_opening_is_seen(source: str) -> None:
    assert [line for line, _ in _openings(ast.parse(source))] == [1]


def test_keys_are_made_in_one_place() -> None:
    callers = {
        name for name, tree in TREES.items() for call in _calls(tree) if ast.unparse(call.func).endswith("create_key")
    }

    assert callers == {"application/access/administer.py"}


def test_no_sql_is_put_together_from_values() -> None:
    """An f-string or a `+` as the statement of a call is how injections begin; statements are constants."""
    offenders = []
    for name, tree in TREES.items():
        for call in _calls(tree):
            if not (isinstance(call.func, ast.Attribute) and call.func.attr in SQL_CALLS and call.args):
                continue
            statement = call.args[0]
            if isinstance(statement, ast.JoinedStr | ast.BinOp) or (
                isinstance(statement, ast.Call) and ast.unparse(statement.func).endswith((".format", ".join"))
            ):
                if SQL_FRAMES.get(name) != ast.unparse(statement):
                    offenders.append(f"{name}:{call.lineno} {ast.unparse(statement)[:60]}")

    assert offenders == []


def test_no_wall_clock_decides_about_leases_limits_deadlines_or_money() -> None:
    users = set()
    for name, tree in TREES.items():
        for call in _calls(tree):
            text = ast.unparse(call.func)
            if re.fullmatch(r"(time\.)?(time|time_ns|localtime|gmtime)|(datetime\.)*(now|utcnow|today)", text):
                users.add(name)

    assert users - set(WALL_CLOCK_USERS) == set()


def test_only_the_clock_module_reads_the_monotonic_clock() -> None:
    users = {
        name
        for name, tree in TREES.items()
        for call in _calls(tree)
        if ast.unparse(call.func) in ("time.monotonic", "time.perf_counter", "time.monotonic_ns")
    }

    assert users == {"clock.py"}


@pytest.mark.parametrize("name", SOURCES)
def test_no_file_is_too_long_to_read_down_once(name: str) -> None:
    lines = len(SOURCES[name].read_text(encoding="utf-8").splitlines())
    limit = FILE_LINES_MAX if _of_the_service(name) else SKETCH_FILE_LINES_MAX

    assert lines <= limit


@pytest.mark.parametrize("service", [True, False], ids=["service", "sketch"])
def test_functions_are_small(service: bool) -> None:
    sizes = {
        f"{name}:{node.lineno} {node.name}": _lines(node)
        for name, node in _functions()
        if _of_the_service(name) == service
    }

    assert {where: size for where, size in sizes.items() if size > FUNCTION_LINES_MAX} == {}
    assert statistics.median(sizes.values()) <= FUNCTION_LINES_MEDIAN_MAX


def test_few_functions_of_the_service_decide_much() -> None:
    many = {
        f"{name}:{node.lineno} {node.name}": decisions
        for name, node in _functions()
        if _of_the_service(name) and (decisions := _decisions(node)) > DECISIONS_MAX
    }

    assert len(many) <= BLOCKS_OF_MORE_DECISIONS_MAX, many


@pytest.mark.parametrize(
    ("body", "decisions"),
    [
        ("return 1", 1),
        ("if a and (b or c): return 1\nelse: return 2", 4),
        ("return [x for x in a if x if y] or (b if c else d)", 6),
        ("try: a()\nexcept A: b()\nexcept B: c()\nfor x in y: assert x", 5),
        ("match a:\n case 1: b()\n case c if c > 2: d()\n case _: e()", 3),
    ],
)
def test_decisions_are_counted(body: str, decisions: int) -> None:
    assert _decisions(ast.parse(body)) == decisions


def test_nothing_loads_code_or_trusts_a_certificate_from_outside() -> None:
    forbidden = {"pickle", "marshal", "shelve", "dill", "torch", "requests", "aiohttp", "urllib3", "urllib.request"}
    users = {f"{name} imports {module}" for name, tree in TREES.items() for module in _imported(tree) & forbidden}
    evals = {
        f"{name}:{call.lineno} {ast.unparse(call.func)}"
        for name, tree in TREES.items()
        for call in _calls(tree)
        if ast.unparse(call.func) in ("eval", "exec", "os.system", "os.popen", "yaml.load")
        or any(word.arg in ("shell", "trust_remote_code") for word in call.keywords)
        or any(word.arg == "verify" and ast.unparse(word.value) == "False" for word in call.keywords)
    }

    # It reads safetensors only; a test has a pickle refused.
    assert users == {"engines/diffusers/pipeline.py imports torch"}
    assert evals == set()
