"""Keeps the list of ended sessions fresh while the API serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from core.services.playback.ended_sessions import EndedSessions

_log = structlog.get_logger(__name__)

_EVERY_SECONDS = 1.0


@asynccontextmanager
async def following(ended: EndedSessions) -> AsyncIterator[EndedSessions]:
    """Read it once before the first request, then every second."""
    await _refresh(ended)
    task = asyncio.create_task(_follow(ended))
    try:
        yield ended
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _follow(ended: EndedSessions) -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await _refresh(ended)


async def _refresh(ended: EndedSessions) -> None:
    try:
        await ended.refresh()
    except Exception as error:  # noqa: BLE001 - the process edge: the list notices its age by itself
        _log.warning("ended sessions not read", error=type(error).__name__)
