"""The build backend: uv_build, with the drawings of the sketch engine fetched before a wheel or an archive is made.

Without them the package works and draws scenes only, so what cannot be fetched is told and stops nothing; the engine
tells its operator too, for installers keep to themselves what a build says. An editable install, and a tree that has
them, fetch nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import build_sketch_art
import uv_build
from uv_build import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Options = Mapping[str, Any] | None


def get_requires_for_build_wheel(config_settings: Options = None) -> list[str]:
    return [*uv_build.get_requires_for_build_wheel(config_settings), *_needed()]


def get_requires_for_build_sdist(config_settings: Options = None) -> list[str]:
    return [*uv_build.get_requires_for_build_sdist(config_settings), *_needed()]


def build_wheel(wheel_directory: str, config_settings: Options = None, metadata_directory: str | None = None) -> str:
    _fetch()
    return uv_build.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Options = None) -> str:
    _fetch()
    return uv_build.build_sdist(sdist_directory, config_settings)


def _needed() -> list[str]:
    """A machine without npm gets one by pip, which an isolated environment has only where it is asked for."""
    there = build_sketch_art.is_made(build_sketch_art.TARGET) or shutil.which("npm")
    return [] if there else ["pip"]


def _fetch() -> None:
    try:
        build_sketch_art.main([])
    except OSError as exc:  # a tree that cannot be written to
        build_sketch_art.say(f"The drawings of the sketch engine could not be written: {exc}")
