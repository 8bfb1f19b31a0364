"""An engine's own settings: from its variable, another one, a table of cavendish.toml, or the default."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from cavendish import engines
from cavendish import settings as configuration
from cavendish.errors import ConfigurationError
from cavendish.settings import parsers
from cavendish.settings.engine import EngineSetting, Options

KEY = EngineSetting("API_KEY", "The key.", secret=True, also="OTHER_KEY")
COUNT = EngineSetting("COUNT", "How many.", "4", parse=parsers.whole(1, 9))


def test_the_own_variable_wins_over_the_other_and_the_default() -> None:
    assert Options("mine", {"CAVENDISH_MINE_API_KEY": "a", "OTHER_KEY": "b"}).value(KEY) == "a"
    assert Options("mine", {"OTHER_KEY": "b"}).value(KEY) == "b"
    assert Options("mine", {"CAVENDISH_MINE_COUNT": "7"}).value(COUNT) == 7
    assert Options("mine", {}).value(COUNT) == 4
    assert Options("mine", {}).value(KEY) is None


def test_a_second_engine_of_a_kind_has_settings_of_its_own() -> None:
    options = Options("mine-eu", {"CAVENDISH_MINE_API_KEY": "a", "OTHER_KEY": "b"}, kind="mine")

    assert options.value(KEY) is None
    assert options.variable(KEY) == "CAVENDISH_MINE_EU_API_KEY"


def test_a_value_that_cannot_be_read_is_named_unless_it_is_secret() -> None:
    written = {"CAVENDISH_MINE_API_KEY": "sk-secret"}
    picky = EngineSetting("API_KEY", "The key.", parse=parsers.whole(1, 9), secret=True)

    with pytest.raises(ConfigurationError, match="CAVENDISH_MINE_COUNT: '10' is not valid: choose a whole number"):
        Options("mine", {"CAVENDISH_MINE_COUNT": "10"}).value(COUNT)
    with pytest.raises(ConfigurationError, match="CAVENDISH_MINE_API_KEY: the value is not valid$") as caught:
        Options("mine", written).value(picky)
    assert "sk-secret" not in "".join(traceback.format_exception(caught.value))


def test_a_secret_that_our_own_rule_refuses_comes_with_the_way_out() -> None:
    mine = EngineSetting("API_KEY", "The key.", parse=parsers.header_key, secret=True)

    with pytest.raises(ConfigurationError, match="the value is not valid: write the key alone"):
        Options("mine", {"CAVENDISH_MINE_API_KEY": "sk secret"}).value(mine)


def test_a_value_that_came_by_the_other_variable_is_named_by_that() -> None:
    mine = EngineSetting("COUNT", "How many.", parse=parsers.whole(1, 9), also="OTHER_COUNT")

    with pytest.raises(ConfigurationError, match="^OTHER_COUNT: '10' is not valid"):
        Options("mine", {"OTHER_COUNT": "10"}).value(mine)


def test_the_other_variable_is_told_where_it_is_read() -> None:
    assert Options("mine", {}).described((KEY,)) == [
        ("CAVENDISH_MINE_API_KEY", "", "The key. `OTHER_KEY` is read too.")
    ]
    assert Options("mine-eu", {}, kind="mine").described((KEY,)) == [("CAVENDISH_MINE_EU_API_KEY", "", "The key.")]


KEYED = {
    "gemini": {}, "openai": {}, "upstream": {"CAVENDISH_UPSTREAM_BASE_URL": "https://images.example"},
}  # fmt: skip


@pytest.mark.parametrize("name", KEYED)
@pytest.mark.parametrize("key", ["sk-secret\n", " sk-secret "])
def test_white_space_around_a_key_is_no_part_of_it(name: str, key: str) -> None:
    variable = f"CAVENDISH_{name.upper()}_API_KEY"

    engine = engines.load(name, {**KEYED[name], variable: key})

    headers = engine._client._client._client.headers  # type: ignore[attr-defined]
    sent = headers.get("x-goog-api-key") or headers["authorization"].removeprefix("Bearer ")
    assert sent == "sk-secret"


@pytest.mark.parametrize("name", KEYED)
@pytest.mark.parametrize("key", ["sk\u2013secret", "sk secret", "sk\nsecret", "sk\x00secret"])
def test_a_key_that_no_header_can_carry_is_refused_at_the_start_and_not_shown(name: str, key: str) -> None:
    variable = f"CAVENDISH_{name.upper()}_API_KEY"

    with pytest.raises(ConfigurationError, match=f"{variable}: the value is not valid") as caught:
        engines.load(name, {**KEYED[name], variable: key})

    assert "secret" not in str(caught.value)


def test_secrets_are_masked_when_settings_are_shown() -> None:
    rows = Options("mine", {"CAVENDISH_MINE_API_KEY": "sk-secret"}).described((KEY, COUNT))

    assert [(name, value) for name, value, _ in rows] == [
        ("CAVENDISH_MINE_API_KEY", "********"), ("CAVENDISH_MINE_COUNT", "4"),
    ]  # fmt: skip


def test_tables_of_the_file_are_engines_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text(
        'port = 9000\n[openai-flux]\nbase_url = "http://a"\nsizes = ["1x1", "2x2"]\n'
    )

    found = configuration.engine_environment(tmp_path, {"CAVENDISH_OPENAI_FLUX_BASE_URL": "http://b", "EMPTY": ""})

    assert found == {
        "CAVENDISH_PORT": "9000", "CAVENDISH_OPENAI_FLUX_BASE_URL": "http://b", "CAVENDISH_OPENAI_FLUX_SIZES": "1x1,2x2",
    }  # fmt: skip
    assert configuration.load({"data": str(tmp_path)}, environment={}).port == 9000


def test_networks_that_the_file_allows_are_allowed_to_engines_too(tmp_path: Path) -> None:
    """Engines that fetch pictures read the service's setting from where they read their own."""
    (tmp_path / "cavendish.toml").write_text('input_allow_networks = ["10.1.0.0/16", "10.2.0.0/16"]\n')

    found = configuration.engine_environment(tmp_path, {})

    assert found == {"CAVENDISH_INPUT_ALLOW_NETWORKS": "10.1.0.0/16,10.2.0.0/16"}


@pytest.mark.parametrize("written", ["GEMINI_API_KEY", "CAVENDISH_GEMINI_API_KEY"])
def test_with_a_key_of_google_the_default_route_is_gemini_alone(tmp_path: Path, written: str) -> None:
    found = configuration.load({"data": str(tmp_path)}, environment={written: "AIza"})
    chosen = configuration.load(
        {"data": str(tmp_path), "routes": "nano-banana-2=sketch"}, environment={written: "AIza"}
    )

    assert found.routes == {"nano-banana-2": ("gemini",), "nano-banana-pro": ("gemini",)}
    assert chosen.routes == {"nano-banana-2": ("sketch",)}
    assert configuration.load({"data": str(tmp_path)}, environment={}).routes["nano-banana-2"] == ("sketch",)


def test_an_empty_variable_does_not_hide_the_key_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text('[gemini]\napi_key = "AIza"\n')

    found = configuration.load({"data": str(tmp_path)}, environment={"CAVENDISH_GEMINI_API_KEY": ""})

    assert found.routes["nano-banana-2"] == ("gemini",)


def test_names_of_kinds_with_a_suffix_are_engines_and_others_are_not() -> None:
    assert engines.kind("gemini-eu") == "gemini"
    assert engines.kind("geminieu") is None
    assert engines.kind("base") is None
    with pytest.raises(ConfigurationError, match="names the engine 'nonsense'; there are: .*gemini.*sketch"):
        engines.load("nonsense", {})
