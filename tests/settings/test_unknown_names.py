"""A name that is written as a setting and is none is told, with the nearest known one: it has no effect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cavendish import engines
from cavendish import settings as configuration
from cavendish.errors import ConfigurationError
from cavendish.settings import describe, unknown

SOURCE = Path(configuration.__file__).parents[1]
KINDS = ("gemini", "openai", "sketch", "theirs")


def told(*names: str) -> list[str]:
    return unknown.variables(dict.fromkeys(names, "something"), lambda: KINDS)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("CAVENDISH_DATABSE_URL", "CAVENDISH_DATABASE_URL"),
        ("CAVENDISH_PUBLICURL", "CAVENDISH_PUBLIC_URL"),
        ("CAVENDISH_GENERATE_LIMT", "CAVENDISH_GENERATE_LIMIT"),
        ("CAVENDISH_ROUTE", "CAVENDISH_ROUTES"),
        ("CAVENDISH_GEMNI_API_KEY", "CAVENDISH_GEMINI_API_KEY"),
    ],
)
def test_a_misspelt_variable_is_told_with_the_nearest_one_and_without_its_value(name: str, near: str) -> None:
    assert told(name) == [f"{name} is no setting and has no effect; the nearest is {near}"]


def test_what_is_like_no_setting_is_told_without_a_guess() -> None:
    assert told("CAVENDISH_XYZZY") == ["CAVENDISH_XYZZY is no setting and has no effect"]


def test_settings_and_other_programs_variables_are_not_told() -> None:
    known = [name for name, _, _ in describe(configuration.load({"data": "/nowhere"}, environment={}))]

    assert told(*known, *unknown.BESIDES, "PATH", "GEMINI_API_KEY", "CAVENDISH") == []


def test_an_empty_variable_counts_as_not_set() -> None:
    assert unknown.variables({"CAVENDISH_PROT": ""}, lambda: KINDS) == []


def test_what_begins_with_an_engine_is_the_engines_to_judge() -> None:
    assert told("CAVENDISH_THEIRS_ANYTHING", "CAVENDISH_OPENAI_FLUX_MODLE") == []


def test_without_an_unknown_name_nobody_asks_which_engines_there_are() -> None:
    def asked() -> tuple[str, ...]:
        raise AssertionError("the supervisor would load the packages' metadata")

    assert unknown.variables({"CAVENDISH_PORT": "9000", "HOME": "/root"}, asked) == []


def test_every_variable_that_the_service_reads_is_known() -> None:
    """Whoever reads one more puts it among the settings, or beside them."""
    read = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r'environ(?:\.get\(|\.pop\(|\[)"(CAVENDISH_\w+)"', path.read_text())
    }

    assert read - {"CAVENDISH_DATA"} <= unknown.BESIDES


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("CAVENDISH_OPENAI_BASEURL", "CAVENDISH_OPENAI_BASE_URL"),
        ("CAVENDISH_OPENAI_FLUX_MODLE", "CAVENDISH_OPENAI_FLUX_MODEL"),
        ("CAVENDISH_SKETCH_MEGAPIXEL", "CAVENDISH_SKETCH_MEGAPIXELS"),
    ],
)
def test_a_misspelt_setting_of_an_engine_is_told(name: str, near: str) -> None:
    found = engines.unknown(["openai", "openai-flux", "sketch"], {name: "x", "CAVENDISH_OPENAI_API_KEY": "y"})

    assert found == [f"{name} is no setting and has no effect; the nearest is {near}"]


def test_settings_of_an_engine_that_no_route_names_now_are_settings() -> None:
    assert engines.unknown(["openai"], {"CAVENDISH_OPENAI_OLD_BASE_URL": "x", "CAVENDISH_GEMINI_X": "y"}) == []


def test_an_engine_that_declares_no_settings_reads_what_it_likes() -> None:
    assert engines.unknown(["script"], {"CAVENDISH_SCRIPT_CONCURRENCY": "3"}) == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("prot = 8000", "unknown setting prot; the nearest is port"),
        ("xyzzy = 1", "unknown setting xyzzy$"),
    ],
)
def test_a_key_of_the_file_is_refused_with_the_nearest_one(tmp_path: Path, written: str, message: str) -> None:
    (tmp_path / "cavendish.toml").write_text(written)

    with pytest.raises(ConfigurationError, match=message):
        configuration.load({"data": str(tmp_path)}, environment={})
