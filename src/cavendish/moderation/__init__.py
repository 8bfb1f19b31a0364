"""The operator's say before and after a picture is made. One module per way to judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from cavendish.errors import ConfigurationError
from cavendish.moderation.base import Gate, Judge, open_gate
from cavendish.moderation.gate import JudgedGate
from cavendish.settings import Settings

if TYPE_CHECKING:
    from cavendish.moderation.safeguard import Safeguard, State

log = structlog.get_logger("cavendish.moderation")


def build(settings: Settings) -> Gate:
    """The gate with the safeguards and judges of these settings, which the caller closes; the open one without any.

    Raises:
        ConfigurationError: a judge lacks what it needs, or its list cannot be read; the message says which line.
    """
    _tell_unused(settings)
    if not settings.moderation and not settings.safeguards:
        return open_gate()
    fails = {"before": settings.moderation_before_fails, "after": settings.moderation_after_fails}
    return JudgedGate(
        [_judge(name, settings) for name in settings.moderation],
        seconds=settings.moderation_seconds,
        stages=settings.moderation_stages,
        open_stages=[stage for stage, answer in fails.items() if answer == "open"],
        safeguard=_safeguard(settings) if settings.safeguards else None,
    )


def _tell_unused(settings: Settings) -> None:
    others = settings.moderation_denylist or settings.moderation_url or settings.moderation_openai_key
    if others and not settings.moderation:
        log.warning("moderation is off: CAVENDISH_MODERATION is empty, though other settings of it are there")


def safeguards(settings: Settings) -> State:
    """What stands in front of the engines by these settings. Raises as `build`."""
    return _safeguard(settings).state


def _safeguard(settings: Settings) -> Safeguard:
    from cavendish.moderation import safeguard

    path = Path(settings.safeguard_words) if settings.safeguard_words else None
    return safeguard.Safeguard(settings.safeguards, path)


def _judge(name: str, settings: Settings) -> Judge:
    # Each is loaded only where it is wanted: the HTTP client takes its time.
    if name == "denylist":
        from cavendish.moderation import denylist

        _need(settings.moderation_denylist, name, "CAVENDISH_MODERATION_DENYLIST, the file of denied words")
        if "before" not in settings.moderation_stages:
            raise ConfigurationError("denylist judges prompts: CAVENDISH_MODERATION_STAGES must have before")
        return denylist.build(settings.moderation_denylist)
    if name == "http":
        from cavendish.moderation import http

        _need(settings.moderation_url, name, "CAVENDISH_MODERATION_URL, the address of your judge")
        return http.build(settings.moderation_url, settings.moderation_key)
    from cavendish.moderation import openai

    if settings.moderation_openai_url == Settings.moderation_openai_url:
        _need(settings.moderation_openai_key, name, "CAVENDISH_MODERATION_OPENAI_KEY, a key of that API")
    return openai.build(settings.moderation_openai_url, settings.moderation_openai_key, settings.moderation_model)


def _need(value: str, judge: str, what: str) -> None:
    if not value:
        raise ConfigurationError(f"CAVENDISH_MODERATION names {judge}, which needs {what}")
