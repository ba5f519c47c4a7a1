"""Tells of refused licences while the API serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from core.services.webhooks.refused_licences import RefusedLicences

_log = structlog.get_logger(__name__)

_EVERY_SECONDS = 1.0


@asynccontextmanager
async def telling(refused: RefusedLicences) -> AsyncIterator[RefusedLicences]:
    """Every second, and once more at the end."""
    task = asyncio.create_task(_tell(refused))
    try:
        yield refused
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await _flush(refused)


async def _tell(refused: RefusedLicences) -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await _flush(refused)


async def _flush(refused: RefusedLicences) -> None:
    try:
        await refused.flush()
    except Exception as error:  # noqa: BLE001 - the process edge: what was not told is kept for the next time
        _log.warning("refused licences not told", error=type(error).__name__)
