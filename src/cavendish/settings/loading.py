"""Settings from flags, the environment and `DATA/cavendish.toml`; and how they are shown."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cavendish.errors import ConfigurationError
from cavendish.settings import sources
from cavendish.settings.declaration import Place, Setting
from cavendish.settings.settings import DECLARED, Settings

# Without any setting: the model people come for, where there is a key for it. No preview stands behind it unasked.
GEMINI_ROUTES: dict[str, tuple[str, ...]] = {"nano-banana-2": ("gemini",), "nano-banana-pro": ("gemini",)}


def load(flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from flags, then environment, then `DATA/cavendish.toml`, then defaults.

    Raises:
        ConfigurationError: a value cannot be read; the message names it and its source.
    """
    flags = {name: value for name, value in (flags or {}).items() if value is not None}
    environment = os.environ if environment is None else environment
    data = Path(flags.pop("data", None) or environment.get("CAVENDISH_DATA") or default_data_directory()).absolute()
    written = sources.read_file(data)
    values = {one.name: one.value(_places(one, flags, environment, written)) for one in DECLARED if one.name != "data"}
    values = {name: value for name, value in values.items() if value is not None}
    _refuse_unknown(written, data)
    if "routes" not in values and _has_gemini_key(sources.layered(written, environment)):
        values["routes"] = dict(GEMINI_ROUTES)
    settings = Settings(data=data, **values)
    if settings.public_url:
        return settings
    return dataclasses.replace(settings, public_url=_local_url(settings), public_url_assumed=True)


def default_data_directory() -> Path:
    """`/var/lib/cavendish` as root, else the user's data directory."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/cavendish")
    import platformdirs

    return Path(platformdirs.user_data_dir("cavendish"))


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Variable, value and reason of every setting; secrets are masked."""
    return [one.shown(sources.variable(one.name), _written(getattr(settings, one.name))) for one in DECLARED]


def _places(
    setting: Setting, flags: Mapping[str, Any], environment: Mapping[str, str], written: Mapping[str, Any]
) -> tuple[Place, ...]:
    name, variable = setting.name, sources.variable(setting.name)
    return (
        (f"--{name.replace('_', '-')}", flags.get(name)),
        (variable, environment.get(variable) or None),
        (f"{sources.FILE}: {name}", written.get(name)),
    )


def _refuse_unknown(written: Mapping[str, Any], data: Path) -> None:
    known = {one.name for one in DECLARED}
    if unknown := sorted(name for name, value in written.items() if name not in known and not isinstance(value, dict)):
        near = sources.nearest(unknown[0], known)
        raise ConfigurationError(f"{data / sources.FILE}: unknown setting {unknown[0]}{near}")


def _has_gemini_key(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("GEMINI_API_KEY") or environment.get("CAVENDISH_GEMINI_API_KEY"))


def _local_url(settings: Settings) -> str:
    host = "localhost" if settings.host in ("0.0.0.0", "::", "") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _written(value: Any) -> str:
    """A value as it would be written in the environment."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        numbers = all(isinstance(item, int) for item in value.values())
        pairs = (f"{key}={','.join(item) if isinstance(item, tuple) else item}" for key, item in value.items())
        return ("," if numbers else ";").join(pairs)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
