"""Turns readings of a publication's progress into server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import structlog
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import ServerSentEvent

from api.services import ApiServices
from core.domain.errors import NotFound
from core.services.progress.read_progress import VideoProgress, read_progress

_log = structlog.get_logger(__name__)
_PROGRESS: TypeAdapter[VideoProgress] = TypeAdapter(VideoProgress)

POLL_SECONDS = 1.0
LONGEST_SECONDS = 3600
"""A stream ends after that many readings; clients reconnect by themselves."""


async def progress_events(
    services: ApiServices, organisation_id: str, video_id: str, first: VideoProgress
) -> AsyncIterator[ServerSentEvent]:
    """An event whenever something but the clock has changed; the last one is named `final`."""
    shown: VideoProgress | None = None
    current: VideoProgress | None = first
    for number in count(1):
        if current is not None and (shown is None or _still(shown) != _still(current)):
            yield _event(number, current)
            shown = current
        if (current is not None and current.final) or number * POLL_SECONDS >= LONGEST_SECONDS:
            return
        await asyncio.sleep(POLL_SECONDS)
        try:
            current = await _read(services, organisation_id, video_id)
        except NotFound:
            return


async def _read(services: ApiServices, organisation_id: str, video_id: str) -> VideoProgress | None:
    """None when the database does not answer just now: a restart must not end everybody's stream."""
    try:
        async with services.uow() as uow:
            return await read_progress(uow, organisation_id, video_id, services.clock.now())
    except (SQLAlchemyError, OSError) as error:
        _log.warning("progress not read", error=type(error).__name__)
        return None


def _still(progress: VideoProgress) -> VideoProgress:
    """Without what changes merely because time passes."""
    steps = tuple(replace(step, seconds=None) for step in progress.steps)
    return replace(progress, elapsed_seconds=None, remaining_seconds=None, steps=steps)


def _event(number: int, progress: VideoProgress) -> ServerSentEvent:
    name = "final" if progress.final else "progress"
    return ServerSentEvent(data=_PROGRESS.dump_json(progress).decode(), event=name, id=str(number))
