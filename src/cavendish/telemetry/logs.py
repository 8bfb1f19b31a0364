"""Structured logs on standard error: one event per line, with the request's and the generation's id."""

from __future__ import annotations

import contextvars
import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cavendish.settings import Settings
from cavendish.telemetry import raised

# Set at the start of every request: cheaper there than binding structlog's own context, which polls would pay for.
request_id: contextvars.ContextVar[str] = contextvars.ContextVar("cavendish_request_id")


def configure(settings: Settings, *, process: str) -> None:
    """Set up logging for this process; `process` stands in every line."""
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _identified(process),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        raised.wordless,
    ]
    structlog.configure(
        processors=[*common, _console() if console else structlog.processors.JSONRenderer(_json)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr) if console else structlog.BytesLoggerFactory(_stderr()),
        cache_logger_on_first_use=True,
    )
    # Libraries: only what is wrong.
    _libraries(logging.WARNING, "%(levelname)s %(name)s %(message)s")


def quieten() -> None:
    """For commands: warnings and worse, on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            raised.wordless,
            _console(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _libraries(logging.ERROR, logging.BASIC_FORMAT)


def _libraries(level: int, line: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(raised.Formatter(line))
    logging.basicConfig(level=level, handlers=[handler])


def _console() -> Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _identified(process: str) -> Processor:
    def add(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event["process"] = process
        if (current := request_id.get(None)) is not None:
            event.setdefault("request_id", current)
        return event

    return add


def _json(event: Any, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)


def _stderr() -> Any:
    return sys.stderr.buffer
