"""What the documentation names exists, and what it says is what the code says."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import pkgutil
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from cavendish import engines, errors
from cavendish import settings as configuration
from cavendish.cli import cli
from cavendish.engines.base import Engine
from cavendish.errors import CODES, ApiError, ConfigurationError
from cavendish.models import MODELS, PIXELS_1K
from cavendish.settings.engine import Options
from cavendish.telemetry import metrics
from harness import docs_text
from harness.docs_text import PAGES, ROOT

DOCS = ROOT / "docs"
# Read outside `settings/`, by the part of the code that needs it.
OUTSIDE_SETTINGS = {
    "CAVENDISH_API_KEY": "src/cavendish/cli/mcp.py",
    "CAVENDISH_CHROMIUM": "tests/browser/browser_helpers.py",
    "CAVENDISH_POSTGRES_BIN": "src/cavendish/postgres/binaries.py",
    "CAVENDISH_URL": "src/cavendish/cli/mcp.py",
}
# Of engines that a reader writes or names.
EXAMPLES = {"CAVENDISH_MINE_URL", "CAVENDISH_OPENAI_FLUX_BASE_URL", "CAVENDISH_OPENAI_FLUX_MODEL"}

# A path is named from here.
ROOTS = (ROOT, ROOT / "src/cavendish", ROOT / "src/cavendish_sketch")
MADE = ("artifacts/",)  # by make targets, in a checkout that ran them
# Folders of the data directory, which operators look into.
OF_DATA = {"generations/", "pg/", "pg/18/", "run/", "serving/", "tmp/"}

each_page = pytest.mark.parametrize("page", PAGES, ids=docs_text.name)


# --- form


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


@each_page
def test_no_page_belittles_its_reader(page: Path) -> None:
    assert re.findall(r"\b(?:simply|just)\b", docs_text.prose(page), re.IGNORECASE) == []


def test_decisions_are_numbered_without_gaps_and_have_their_four_parts() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [part for part in ("Context", "Decision", "Consequences", "Alternatives") if f"**{part}.**" in text] == [
            "Context", "Decision", "Consequences", "Alternatives",
        ]  # fmt: skip
        assert len(text.split()) < 600, "a decision fits on a page"


# --- links


@each_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in _anchors(found), target


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, no punctuation, hyphens for blanks."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# --- paths


@each_page
def test_every_path_of_the_repository_named_exists(page: Path) -> None:
    assert [path for path in docs_text.spans(page) if _is_path(path) and not _exists(path)] == []


def _is_path(span: str) -> bool:
    """Source files and folders whatever they are called, and all that begins like a folder we have."""
    if span in OF_DATA or span.startswith(MADE) or not re.fullmatch(r"\w[\w.*-]*(/[\w.*-]+)*/?", span):
        return False
    first, slash, _ = span.partition("/")
    return span.endswith(("/", ".py", ".sql")) or (slash == "/" and any((root / first).is_dir() for root in ROOTS))


def _exists(path: str) -> bool:
    """A name without a folder may stand for several files: each room's `base.py`."""
    pattern = path if "/" in path.rstrip("/") or not path.endswith(".py") else f"**/{path}"
    return any(any(root.glob(pattern)) for root in ROOTS)


@pytest.mark.parametrize(
    ("span", "is_path", "exists"),
    [
        ("web/dialects/nano_banana_2.py", True, True),
        ("docs/decisions/", True, True),
        ("stores/*.py", True, True),
        ("CHANGELOG.md", False, True),
        ("engines/errors.py", True, False),
        ("db/cluster*.py", True, False),
        ("docs/manual", True, False),
        ("corridor/", True, False),
        ("/docs", False, False),
        ("100/hour", False, False),
    ],
)
def test_a_path_is_told_from_other_words(span: str, is_path: bool, exists: bool) -> None:
    assert _is_path(span) == is_path
    if not span.startswith("/"):
        assert _exists(span) == exists


@each_page
def test_what_a_page_says_is_in_a_file_is_defined_there(page: Path) -> None:
    """`name` in `path.py`: whoever is sent there finds it."""
    sent = re.findall(r"`(\w+)` in\s+`([\w/]+\.py)`", page.read_text(encoding="utf-8"))

    assert [(name, path) for name, path in sent if not _defined(name, path)] == []


def _defined(name: str, path: str) -> bool:
    [file] = [root / path for root in ROOTS if (root / path).is_file()]
    return bool(re.search(rf"^ *(?:async )?(?:def|class) {name}\b", file.read_text(encoding="utf-8"), re.MULTILINE))


@each_page
def test_every_test_named_exists(page: Path) -> None:
    named = [span.partition("::") for span in docs_text.spans(page) if re.fullmatch(r"tests/[\w/]+\.py(::\w+)?", span)]

    assert [
        (path, test) for path, _, test in named if not (ROOT / path).is_file() or (test and not _defined(test, path))
    ] == []


def test_each_promise_of_security_names_a_test() -> None:
    promises = [cells for cells in docs_text.rows(ROOT / "SECURITY.md") if not cells[0].startswith(("Promise", "---"))]

    assert len(promises) > 15
    assert [promise for promise, shown in promises if "`tests/" not in shown] == []


# --- words


def test_the_glossary_says_each_word_once_in_order() -> None:
    glossary = (DOCS / "architecture.md").read_text(encoding="utf-8").partition("## Words")[2]
    words = [line.split("|")[1].strip() for line in glossary.splitlines() if line.startswith("| ")][1:]

    assert words == sorted(set(words), key=str.lower)
    assert len(words) > 40


# --- settings


@each_page
def test_every_setting_named_exists(page: Path) -> None:
    known = {f"CAVENDISH_{name.upper()}" for name in configuration.Settings.__dataclass_fields__}
    named = set(re.findall(r"CAVENDISH_[A-Z0-9_]*[A-Z0-9]", page.read_text(encoding="utf-8")))

    assert named - known - _generator("settings").engine_variables() - set(OUTSIDE_SETTINGS) - EXAMPLES == set()


@pytest.mark.parametrize(("name", "path"), OUTSIDE_SETTINGS.items())
def test_a_variable_outside_the_settings_is_read_where_we_say(name: str, path: str) -> None:
    assert f'"{name}"' in (ROOT / path).read_text(encoding="utf-8")


def test_the_settings_page_is_current() -> None:
    generator = _generator("settings")

    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), "run: make docs"
    assert generator.ENGINES_PAGE.read_text(encoding="utf-8") == generator.engines_page()


def test_every_engine_with_settings_is_on_their_page() -> None:
    own = {module.name for module in pkgutil.iter_modules(engines.__path__) if engines.kind(module.name)}
    own |= {
        entry.name for entry in importlib.metadata.distribution("cavendish").entry_points.select(group=engines.GROUP)
    }

    assert {name for name in own if engines.settings(name)} == set(_generator("settings").ENGINES)


def test_every_default_on_the_settings_page_can_be_set() -> None:
    for cells in docs_text.rows(DOCS / "settings.md"):
        if cells[0].startswith("`") and cells[1].startswith("`http://HOST") is False and cells[1].startswith("`"):
            name, default = cells[0].strip("`"), cells[1].strip("`")
            setting = name.removeprefix("CAVENDISH_").lower()
            set_by_hand = configuration.load({"data": "/nowhere"}, environment={name: default})
            assert getattr(set_by_hand, setting) == getattr(configuration.Settings(data=Path()), setting), name


def _generator(page: str) -> ModuleType:
    """The script that writes this page."""
    spec = importlib.util.spec_from_file_location(f"generate_{page}", DOCS / f"generate_{page}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- errors


def test_the_error_page_is_current() -> None:
    generator = _generator("errors")

    assert generator.PAGE.read_text(encoding="utf-8") == generator.page(), "run: make docs"


def test_the_guides_that_the_service_shows_are_those_of_the_repository() -> None:
    for file, text in _generator("guides").copies().items():
        assert file.read_text(encoding="utf-8") == text, "run: make docs"


def test_the_error_page_lists_every_code_once_with_its_statuses_and_its_meaning() -> None:
    listed = [cells for cells in docs_text.rows(DOCS / "errors.md") if cells[0].startswith("`")]

    assert [cells[0].strip("`") for cells in listed] == list(CODES)
    for error, (_, statuses, meaning) in zip(CODES.values(), listed, strict=True):
        assert statuses.split(", ") == [str(status) for status in error.statuses()]
        assert meaning == error.meaning


@pytest.mark.parametrize("error", CODES.values(), ids=CODES)
def test_the_statuses_that_an_errors_meaning_names_are_its_own(error: type[ApiError]) -> None:
    named = {int(status) for status in re.findall(r"\((\d{3})\)", error.meaning)}

    assert named == (set(error.statuses()) if len(error.statuses()) > 1 else set())


# --- commands


@each_page
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = [*docs_text.spans(page), *docs_text.blocks(page)]
    named = {target for text in code for target in re.findall(r"(?:^|\n|`)make ([a-z][a-z-]*)", text)}

    assert named - targets == set()


@each_page
def test_every_cavendish_command_in_a_block_is_one_that_click_takes(page: Path) -> None:
    for block in docs_text.blocks(page, "sh"):
        for command in docs_text.commands(block):
            words = shlex.split(command, comments=True)
            if words and words[0].rpartition("/")[2] == "cavendish":
                _parsed(words[1:])


@each_page
def test_every_cavendish_command_in_a_sentence_exists_with_its_options(page: Path) -> None:
    for span in docs_text.spans(page):
        words = shlex.split(span) if span.startswith("cavendish ") else []
        command, rest = _command(words[1:])
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        used = {word.partition("=")[0] for word in rest if word.startswith("-")}
        assert used - known == set(), span


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words name, and what follows its name."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"there is no command {name}"
        command = found
    return command, words


def _parsed(words: list[str]) -> None:
    """Raises what click would say of these options and arguments; nothing is run."""
    command, rest = _command(words)
    command.make_context(command.name, list(rest))


# --- the reference


def test_the_reference_has_every_field_of_the_two_calls() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    listed = {
        name for cells in docs_text.rows(DOCS / "api.md") for cell in cells for name in re.findall(r"`(\w+)`", cell)
    }
    document: Any = docs_text.openapi_document()
    paths, schemas = document["paths"], document["components"]["schemas"]
    generate = paths["/api/nano-banana-2/generate"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    for schema in (generate, schemas["GenerateAnswer"], schemas["StatusAnswer"], schemas["CreditsAnswer"]):
        assert set(schema["properties"]) - listed == set()
    for path in paths:
        assert path in text, path


def test_the_reference_has_the_defaults_of_generate() -> None:
    document: Any = docs_text.openapi_document()
    operation = document["paths"]["/api/nano-banana-2/generate"]["post"]
    properties = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    listed = {cells[0].partition("`")[2].partition("`")[0]: cells for cells in docs_text.rows(DOCS / "api.md")}

    for field, schema in properties.items():
        if schema.get("default") not in (None, []):
            default = schema["default"]
            assert listed[field][3] == f"`{default if isinstance(default, str) else str(default).lower()}`", field


def test_the_reference_has_the_size_of_every_ratio() -> None:
    cells = [cell for row in docs_text.rows(DOCS / "api.md") for cell in row]
    listed = {
        cell: tuple(int(side) for side in cells[index + 1].split(" × "))
        for index, cell in enumerate(cells)
        if re.fullmatch(r"\d+:\d+", cell)
    }

    assert listed == PIXELS_1K


def test_the_metrics_listed_are_those_that_are_there() -> None:
    source = Path(metrics.__file__).read_text(encoding="utf-8")
    kinds = re.findall(r'(Counter|Gauge|Histogram)MetricFamily\(\s*"(\w+)"', source)
    listed = {
        name for cells in docs_text.rows(DOCS / "operate.md") for name in re.findall(r"`(cavendish_\w+)`", cells[0])
    }

    assert listed == {f"{name}_total" if kind == "Counter" else name for kind, name in kinds}


def test_the_layers_drawn_are_those_that_are_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(c for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "layers")["layers"]
    [drawn] = [block for block in docs_text.blocks(DOCS / "architecture.md") if "bootstrap" in block]

    assert [re.split(r"\s{2,}", line)[0].strip() for line in drawn.splitlines()] == layers


def test_the_engine_of_the_example_is_one() -> None:
    [example] = docs_text.blocks(DOCS / "engines.md", "python")
    names: dict[str, Any] = {}
    exec(compile(example, "docs/engines.md", "exec"), names)  # noqa: S102

    engine = names["build"](Options("mine", {}))

    assert isinstance(engine, Engine)
    assert engine.name == "mine"
    with pytest.raises(ConfigurationError, match="CAVENDISH_MINE_URL: 'nowhere' is not valid"):
        names["build"](Options("mine", {"CAVENDISH_MINE_URL": "nowhere"}))


DEFAULTS = {name: field.default for name, field in configuration.Settings.__dataclass_fields__.items()}


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (errors.RateLimitExceeded, f"{DEFAULTS['generate_limit'].count} an hour"),
        (errors.InvalidPrompt, f"{DEFAULTS['prompt_characters_max']:,} characters"),
        (errors.PayloadTooLarge, f"{DEFAULTS['body_bytes_max'] // 1024} KiB"),
        (errors.PayloadTooLarge, f"{DEFAULTS['edit_body_bytes_max'] // 1024**2} MiB"),
        (errors.TooManyImages, str(MODELS["nano-banana-2"].input_images_max)),
        (errors.TooManyImages, str(MODELS["nano-banana-pro"].input_images_max)),
    ],
)
def test_a_number_in_an_errors_meaning_is_the_one_that_holds(error: type[ApiError], number: str) -> None:
    assert number in error.meaning
