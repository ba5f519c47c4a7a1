"""Start deletions that were asked for while the workflow service could not be reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.contracts.video_lifecycle import DeleteVideoInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import WorkflowGateway

_GRACE = timedelta(seconds=30)
_BATCH = 100


async def redrive_deletions(factory: UnitOfWorkFactory, gateway: WorkflowGateway, now: datetime) -> int:
    """Start again, which is harmless where a run exists. Returns how many. Raises WorkflowsUnavailable."""
    async with factory() as uow:
        videos = await uow.videos.deleting_videos(now - _GRACE, _BATCH)
        messages = [
            DeleteVideoInput(
                video.organisation_id,
                video.id,
                tuple(row.version for row in await uow.videos.versions(video.organisation_id, video.id)),
            )
            for video in videos
        ]
    for message in messages:
        await gateway.start_delete(message)
    return len(messages)
