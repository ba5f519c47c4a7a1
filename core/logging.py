"""Structured logs: JSON for machines or colours for people, one line an event, without secrets."""

from __future__ import annotations

import logging
import logging.config
import re
from pathlib import Path
from typing import Any, Literal

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from core.log_redaction import redact

#: Loggers of libraries that would repeat what we log ourselves, or log URLs with signatures in them.
_QUIET = ("uvicorn.access", "httpx", "httpcore", "aioftp", "urllib3", "multipart", "sse_starlette", "alembic")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _redaction(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: redact(value, name) for name, value in event.items()}


def _visible_controls(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Text from outside must not be able to start a line of its own or colour the terminal."""
    return {
        name: _CONTROL.sub(lambda found: repr(found.group())[1:-1], value)
        if isinstance(value, str) and name != "exception"
        else value
        for name, value in event.items()
    }


def _shared() -> list[Processor]:
    """For our own events and for those of libraries that use the standard library's logging."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _renderers(log_format: Literal["json", "console"]) -> list[Processor]:
    """Exceptions become text before redaction and rendering: a traceback can quote a secret, too."""
    last: Processor
    extra: list[Processor]
    if log_format == "console":
        last = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        extra = [_visible_controls]
    else:
        last, extra = structlog.processors.JSONRenderer(), []
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _redaction,
        *extra,
        last,
    ]


def configure_logging(log_format: Literal["json", "console"], level: str = "INFO", file: Path | None = None) -> None:
    """Send everything to stderr, or to `file`. Call once, at the start of a process."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(_standard_library(log_format, level, file))


def _standard_library(log_format: Literal["json", "console"], level: str, file: Path | None) -> dict[str, Any]:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    target: dict[str, Any] = (
        {"class": "logging.StreamHandler"}
        if file is None
        else {"class": "logging.handlers.WatchedFileHandler", "filename": str(file), "encoding": "utf-8"}
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared(),
        "processors": _renderers(log_format),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"out": target | {"formatter": "structured"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in _QUIET},
    }
