"""Settings: every one is read, refused by name when it is wrong, and shown without its secret."""

from __future__ import annotations

import dataclasses
import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavendish import settings as configuration
from cavendish.errors import ConfigurationError
from cavendish.models import Quality, RateLimit
from cavendish.settings import Settings, loading, parsers
from cavendish.settings import settings as declared
from cavendish.settings.declaration import Setting

NAMES = [setting.name for setting in declared.DECLARED if setting.name != "data"]

# Name: a good text with its value, and what must be refused.
SAMPLES: dict[str, tuple[str, object, tuple[str, ...]]] = {
    "host": ("0.0.0.0", "0.0.0.0", ()),
    "port": ("9000", 9000, ("-1", "65536", "http", "1.5")),
    "public_url": ("https://images.example.com/", "https://images.example.com", ("images.example.com", "ftp://x", "http://")),
    "allowed_hosts": (
        "Images.example.com, *.lan.example.com,bücher.example",
        ("images.example.com", "*.lan.example.com", "xn--bcher-kva.example"),
        ("http://images.example.com", "images.example.com:8000", "*images", "a b", "a..b"),
    ),
    "database_url": (
        "postgresql://u:secret@h/d",
        "postgresql://u:secret@h/d",
        ("garbage", "mysql://h/d", "host=db dbname=d", "postgresql/h/d", "postgresql://u@h,g:70000/d",
         "postgresql://h/d?sslmode", "postgresql://h/d?port=no"),
    ),
    "storage_url": ("file:///srv/images", "file:///srv/images", ("s3://bucket", "/srv/images", "file://relative")),
    "storage_group": ("www-data", "www-data", ("two groups", "-www", "a:b")),
    "routes": (
        "nano-banana-2=gemini, sketch;nano-banana-pro=gemini",
        {"nano-banana-2": ("gemini", "sketch"), "nano-banana-pro": ("gemini",)},
        ("nano-banana-2", "nano-banana-2=", "nano-banana-2=UPPER", "nano-banana-2=../x", "a=b c"),
    ),
    "prices": (
        "1K=1,2K=2,4K=3",
        {Quality.ONE_K: 1, Quality.TWO_K: 2, Quality.FOUR_K: 3},
        ("1K=1", "1K=1,2K=2,4K=0", "1K=1,2K=2,4K=-3", "1K=1,2K=2,4K=2.5", "1K=1,2K=2,8K=3", "1K=1,2K=2,4K=1e3", "x",
         "1K=1,2K=2,4K=1000001"),
    ),
    "generate_limit": ("5/30s", RateLimit(5, 30), ("0/hour", "100", "100/fortnight", "-1/hour", "1.5/hour", "5/0s")),
    "account_limit": ("1000/day", RateLimit(1000, 86400), ("0/day", "none", "1000")),
    "failure_limit": ("5/30s", RateLimit(5, 30), ("0/hour", "100")),
    "input_allow_networks": (
        "127.0.0.0/8, fd00::/8",
        (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("fd00::/8")),
        ("localhost", "127.0.0.1/8", "300.0.0.0/8"),
    ),
    "anonymous": (
        "home@192.168.1.0/24, ana@example.com@fd00::/8,shop@10.1.2.3",
        parsers.anonymous("home@192.168.1.0/24,ana@example.com@fd00::/8,shop@10.1.2.3/32"),
        ("home", "192.168.1.0/24", "@192.168.1.0/24", "home@", "home@192.168.1.7/24", "home@0.0.0.0/0", "home@::/0",
         "home@0.0.0.0/1", "home@8000::/1", "home@::ffff:192.168.1.0/120", "home@lan", "a\u200eb@10.0.0.0/8",
         "x" * 101 + "@10.0.0.0/8"),
    ),
    "safeguards": ("intimate", ("intimate",), (",", "minors,none", "minors,minors", "off", "all")),
    "safeguard_words": ("/etc/cavendish/safeguard.txt", "/etc/cavendish/safeguard.txt", ()),
    "moderation": ("denylist, openai", ("denylist", "openai"), ("http,http", "none", "denylist;http")),
    "moderation_denylist": ("/etc/cavendish/denied.txt", "/etc/cavendish/denied.txt", ()),
    "moderation_url": ("http://judge.test/ask/", "http://judge.test/ask/", ("judge.test", "ftp://x", "http://")),
    "moderation_key": ("a-key", "a-key", ()),
    "moderation_openai_url": ("http://judge.test/v1/", "http://judge.test/v1", ("judge.test", "ftp://x", "http://")),
    "moderation_openai_key": ("another-key", "another-key", ()),
    "moderation_model": ("omni-moderation-2024-09-26", "omni-moderation-2024-09-26", ()),
    "moderation_stages": ("after", ("after",), (",", "after,after", "during", "before;after")),
    "moderation_before_fails": ("open", "open", ("Open", "ajar")),
    "moderation_after_fails": ("open", "open", ("Open", "ajar")),
    "search_url": ("http://10.0.0.5:8080/", "http://10.0.0.5:8080", ("10.0.0.5:8080", "ftp://x", "http://")),
    "brave_api_key": (" BSA-secret\n", "BSA-secret", ()),
    "brave_url": ("https://brave.example/", "https://brave.example", ("brave.example", "file:///x")),
    "oidc_issuer": (
        "https://id.example.com/",
        "https://id.example.com/",
        ("id.example.com", "http://id.example.com", "http://10.0.0.5:8080", "ftp://127.0.0.1", "https://"),
    ),
    "oidc_client_id": ("cavendish", "cavendish", ()),
    "oidc_client_secret": (" a-client-secret\n", "a-client-secret", ()),
    "oidc_label": ("Acme account", "Acme account", ("  ", "two\nlines", "x" * 61)),
    "oidc_account_claim": ("https://acme.example/name", "https://acme.example/name", ("two words",)),
    "oidc_allow": ("acme.example, ada@example.com", ("acme.example", "ada@example.com"), ()),
    "oidc_operators": ("ada@example.com,", ("ada@example.com",), ()),
    "keep_images": ("30d", 30 * 86400.0, ("-1d", "30 days", "for ever", "inf", "nan", "1e9")),
    "free_bytes_min": ("10000000000", 10**10, ("-1", "1.5", "10 GB", "1" + "0" * 16)),
    "input_memory_bytes": ("1048576", 2**20, ("0", "1048575", "1.5", "64 MB", "1" + "0" * 13)),
    "keepalive_seconds": ("5s", 5.0, ("0", "61", "2m", "soon", "nan")),
    "model_aliases": ("a=nano-banana-2; b/c=x", {"a": "nano-banana-2", "b/c": "x"}, ("a", "a=b=c", "=a", "a b=c")),
    "edit_body_bytes_max": ("1048576", 2**20, ("0", "1048575", "1.5", "64 MB", str(2**30 + 1))),
    "mcp_wait_seconds": ("0", 0.0, ("-1", "31", "1m", "soon", "inf", "nan")),
    "marks": ("xmp, watermark", ("xmp", "watermark"), ("exif", "xmp,xmp", "c2pa;xmp", "xmp,none", ",")),
    "unmarked": ("refuse", "refuse", ("fail", "DELIVER")),
    "copies": ("off", False, ("2", "maybe")),
    "certificate": ("/etc/cavendish/pictures.pem", "/etc/cavendish/pictures.pem", ()),
    "certificate_key": ("/etc/cavendish/pictures.key", "/etc/cavendish/pictures.key", ()),
    "register": ("off", False, ("2", "maybe")),
    "keep_register": ("30d", 30 * 86400.0, ("-1d", "for ever", "inf", "nan")),
    "verify_limit": ("3/minute", RateLimit(3, 60), ("3",)),
    "size_mismatch": ("crop", "crop", ("stretch", "PAD")),
    "lease_seconds": ("10s", 10.0, ("0", "0.4", "61", "2m", "soon", "-1", "inf", "nan")),
    "log_level": ("debug", "debug", ("verbose", "DEBUG")),
    "log_format": ("json", "json", ("xml",)),
    "fast_lane": ("off", False, ("2", "maybe")),
    "show_engines": ("off", False, ("2", "maybe")),
    "poll_limit": ("10/second", RateLimit(10, 1), ("10",)),
    "sign_in_limit": ("3/minute", RateLimit(3, 60), ("3",)),
    "account_sign_in_limit": ("3/minute", RateLimit(3, 60), ("3",)),
}  # fmt: skip
WHOLE = ("concurrency", "keep_refused_results", "prompt_characters_max", "body_bytes_max", "mcp_body_bytes_max", "header_bytes_max", "discard_bytes_max", "connections_max", "pool_max",
         "connections_per_address_max", "sessions_per_account_max",
         "page_max", "attempts_max", "claims_max", "search_characters", "streams_max", "streams_per_account_max",
         "uploads_at_once", "finds_at_once", "upload_bytes_max")  # fmt: skip
SECONDS = tuple(name for name in NAMES if name.endswith("_seconds") and name not in SAMPLES)


def _load(environment: dict[str, str] | None = None, *, data: Path = Path("/nowhere"), **flags: str) -> Settings:
    return configuration.load({"data": str(data), **flags}, environment=environment or {})


def _refused(name: str, text: str) -> str:
    with pytest.raises(ConfigurationError) as raised:
        _load({f"CAVENDISH_{name.upper()}": text})
    return str(raised.value)


def test_every_setting_has_a_sample_here() -> None:
    assert set(NAMES) == {*SAMPLES, *WHOLE, *SECONDS}


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_has_a_default_that_its_own_rule_accepts_and_a_reason(name: str) -> None:
    setting = next(entry for entry in declared.DECLARED if entry.name == name)
    text = loading._written(getattr(_load(), name))

    assert len(setting.why) > 20
    if text:
        assert setting.parse(text) == getattr(_load(), name)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_setting_is_read(name: str) -> None:
    text, value, _ = SAMPLES[name]

    assert getattr(_load({f"CAVENDISH_{name.upper()}": text}), name) == value


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (_, _, bad) in SAMPLES.items() for text in bad])
def test_a_wrong_value_is_refused_by_a_message_that_names_the_setting_and_the_value(name: str, text: str) -> None:
    message = _refused(name, text)

    assert f"CAVENDISH_{name.upper()}" in message
    assert repr(text) in message


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_are_bounded_on_both_sides(name: str) -> None:
    assert type(getattr(_load({f"CAVENDISH_{name.upper()}": str(getattr(_load(), name))}), name)) is int
    for text in ("-1", "1000000000", "1.5", "many", ""):
        if text:
            assert f"CAVENDISH_{name.upper()}" in _refused(name, text)


@pytest.mark.parametrize("name", SECONDS)
def test_durations_take_units_and_refuse_the_rest(name: str) -> None:
    assert getattr(_load({f"CAVENDISH_{name.upper()}": "2m"}), name) == 120.0
    for text in ("-1", "soon", "inf", "nan", "1e3", "2 weeks"):
        assert f"CAVENDISH_{name.upper()}" in _refused(name, text)


def test_safeguards_are_taken_away_by_a_word_and_by_nothing_less() -> None:
    assert _load().safeguards == _load({"CAVENDISH_SAFEGUARDS": ""}).safeguards == ("minors", "intimate")
    assert _load({"CAVENDISH_SAFEGUARDS": "none"}).safeguards == ()


def test_a_judge_gets_more_than_no_time() -> None:
    assert _load({"CAVENDISH_MODERATION_SECONDS": "0.1"}).moderation_seconds == 0.1
    assert "more than 0 seconds" in _refused("moderation_seconds", "0")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/realms/a", "http://localhost", "http://[::1]:9"])
def test_an_issuer_on_this_machine_needs_no_https(url: str) -> None:
    assert _load(oidc_issuer=url).oidc_issuer == url


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text('port = 1111\nhost = "10.0.0.1"\nconcurrency = 3\n')
    environment = {"CAVENDISH_PORT": "2222", "CAVENDISH_HOST": "10.0.0.2"}

    found = _load(environment, data=tmp_path, port="3333")

    assert (found.port, found.host, found.concurrency, found.page_max) == (3333, "10.0.0.2", 3, 100)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text("port = 1111\n")

    assert _load({"CAVENDISH_PORT": ""}, data=tmp_path).port == 1111


def test_a_flag_that_was_not_given_does_not_hide_the_environment() -> None:
    flags = {"data": "/nowhere", "port": None}

    assert configuration.load(flags, environment={"CAVENDISH_PORT": "2222"}).port == 2222


def test_the_data_directory_comes_by_flag_then_environment_and_is_absolute(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert configuration.load({}, environment={"CAVENDISH_DATA": "here"}).data == tmp_path / "here"
    assert configuration.load({"data": "there"}, environment={"CAVENDISH_DATA": "here"}).data == tmp_path / "there"


def test_the_file_may_use_its_own_types(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text(
        'fast_lane = false\ninput_allow_networks = ["10.0.0.0/8"]\nlease_seconds = 2.5\n'
    )

    found = _load(data=tmp_path)

    assert (found.fast_lane, found.lease_seconds) == (False, 2.5)
    assert found.input_allow_networks == (ipaddress.ip_network("10.0.0.0/8"),)


def test_a_wrong_value_in_the_file_is_named_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text('port = "http"\n')

    with pytest.raises(ConfigurationError, match=r"cavendish.toml: port: 'http' is not valid"):
        _load(data=tmp_path)


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cavendish.toml").write_text("prot = 8000\n")

    with pytest.raises(ConfigurationError, match=r"cavendish.toml: unknown setting prot"):
        _load(data=tmp_path)


@pytest.mark.parametrize("content", [b"port = = 1", b"\xff\xfe", b"[unclosed"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cavendish.toml").write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"cavendish\.toml cannot be read"):
        _load(data=tmp_path)


def test_a_wrong_flag_is_named_as_it_is_typed() -> None:
    with pytest.raises(ConfigurationError, match=r"--generate-limit: 'lots' is not valid"):
        _load(generate_limit="lots")


def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    shown = configuration.describe(_load({"CAVENDISH_DATABASE_URL": "postgresql://u:secret@h/d"}))

    assert ("CAVENDISH_DATABASE_URL", "********") in [row[:2] for row in shown]
    assert "secret" not in repr([row[:2] for row in shown])
    assert len(shown) == len(declared.DECLARED)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@h/d",
        "postgres://h1:5432,h2:5433/d?target_session_attrs=primary",
        "postgresql://u:p%40%2F@[::1]:5432/d?sslmode=require",
        "postgresql://postgres@/postgres?host=/run/a%20b&port=5432",
        "postgresql:///d",
        "",
    ],
)
def test_what_names_a_postgresql_is_taken_as_it_is_written(url: str) -> None:
    assert parsers.database_url(url) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql://u:hunter2@h/d", "mysql://u:********@h/d"),
        ("postgres//u:hunter2@h/d", "postgres//u:********@h/d"),
        ("postgresql://u:hunter2@h:port/d", "postgresql://u:********@h:port/d"),
        ("postgresql://u:hun@ter/2@h/d", "postgresql://u:********@h/d"),
        ("postgresql://u:hun//ter2@[::1/d", "postgresql://u:********@[::1/d"),
        ("postgresql://u:hun#ter2@h/d", "postgresql://u:********@h/d"),
        ("postgresql://u:hunter2", "postgresql://u:********"),
        ("u:hunter2", "u:********"),
        ("u:hun//ter2@h/d", "u:********@h/d"),
        ("host=db password=hunter2 user=u", "host=db password=******** user=u"),
        ("host=db password='hunter 2' user=u", "host=db password=******** user=u"),
        ("mysql://h/d?user=u&PassWord=hunter2&x=y", "mysql://h/d?user=u&PassWord=********&x=y"),
    ],
)
def test_a_database_url_that_cannot_be_read_is_shown_without_its_password(url: str, shown: str) -> None:
    message = _refused("database_url", url)

    assert message.startswith(f"CAVENDISH_DATABASE_URL: {shown!r} is not valid: ")
    assert "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE" in message


_SECRETS = st.text(st.characters(exclude_characters="\0*", exclude_categories=["Cs"]), min_size=6, max_size=20)


@given(st.sampled_from(["mysql", "postgresql", ""]), st.sampled_from(["h:x", "h", "[::1"]), _SECRETS)
def test_whatever_the_password_is_it_is_not_shown(scheme: str, host: str, password: str) -> None:
    shown = parsers.without_password(f"{scheme}://user:{password}@{host}/d")

    assert shown == f"{scheme}://user:********@{host}/d"


@pytest.mark.parametrize(
    "setting", [one for one in declared.DECLARED if one.secret and one.masked is None], ids=lambda one: one.name
)
def test_a_secret_that_cannot_be_read_is_not_in_the_message(setting: Setting) -> None:
    picky = dataclasses.replace(setting, parse=int)

    with pytest.raises(ConfigurationError) as caught:
        picky.value([("--flag", None), ("CAVENDISH_IT", "s3cret")])

    assert str(caught.value) == "CAVENDISH_IT: the value is not valid"


def test_an_empty_secret_is_shown_as_empty() -> None:
    assert ("CAVENDISH_DATABASE_URL", "") in [row[:2] for row in configuration.describe(_load())]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9"),
        ("0.0.0.0", "http://localhost:9"),
        ("::", "http://localhost:9"),
        ("::1", "http://[::1]:9"),
    ],
)
def test_without_a_public_url_pictures_are_linked_where_the_service_listens(host: str, url: str) -> None:
    found = _load(host=host, port="9")

    assert (found.public_url, found.public_url_assumed) == (url, True)


def test_a_public_url_that_somebody_wrote_is_not_assumed_whatever_it_says() -> None:
    assert not _load(host="0.0.0.0", public_url="http://localhost:8000").public_url_assumed


def test_storage_is_in_the_data_directory_unless_an_url_says_otherwise(tmp_path: Path) -> None:
    assert _load(data=tmp_path).storage_root == tmp_path / "storage"
    assert _load(data=tmp_path, storage_url="file:///srv/my%20images").storage_root == Path("/srv/my images")


@pytest.mark.parametrize(
    ("text", "limit"),
    [("100/hour", RateLimit(100, 3600)), ("1/s", RateLimit(1, 1)), ("20/second", RateLimit(20, 1)),
     ("7/2days", RateLimit(7, 172800)), (" 3 / 15 Minutes ", RateLimit(3, 900))],
)  # fmt: skip
def test_limits_are_written_as_count_per_period(text: str, limit: RateLimit) -> None:
    assert parsers.limit(text) == limit


@pytest.mark.parametrize("text", ["1000001/second", "5/00s", "999999999/1s"])
def test_a_limit_finer_than_the_clock_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1000000 per second"):
        parsers.limit(text)


@given(st.builds(RateLimit, count=st.integers(1, 1_000_000), seconds=st.integers(1, 999_999)))
def test_a_shown_limit_is_read_back(limit: RateLimit) -> None:
    assert parsers.limit(str(limit)) == limit


@given(st.sampled_from(NAMES), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_either_read_or_refused_by_name(name: str, text: str) -> None:
    try:
        _load(**{name: text})
    except ConfigurationError as exc:
        assert f"--{name.replace('_', '-')}" in str(exc)
