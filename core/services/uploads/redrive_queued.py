"""Start what was queued while the workflow service could not be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import WorkflowGateway
from core.services.uploads.start_workflow import start_workflow

_log = structlog.get_logger(__name__)

_GRACE = timedelta(seconds=30)
"""Younger ones are being started by the request that queued them."""

_BATCH = 100


async def redrive_queued(factory: UnitOfWorkFactory, gateway: WorkflowGateway, now: datetime) -> int:
    """Start again, which is harmless where a run exists. Returns how many. Raises WorkflowsUnavailable."""
    async with factory() as uow:
        waiting = await uow.videos.queued_versions(now - _GRACE, _BATCH)
        videos = [await uow.videos.get(row.organisation_id, row.video_id) for row in waiting]
    for row, video in zip(waiting, videos, strict=True):
        await start_workflow(gateway, video, row)
        _log.info("queued version started again", video_id=row.video_id, version=row.version)
    return len(waiting)
