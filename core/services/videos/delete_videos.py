"""Delete several videos at once; those that are not there do not matter."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import WorkflowGateway, WorkflowsUnavailable
from core.services.videos.delete_video import request_delete

_log = structlog.get_logger(__name__)


async def delete_videos(
    factory: UnitOfWorkFactory, gateway: WorkflowGateway, organisation_id: str, video_ids: Sequence[str]
) -> int:
    """All or none are deleted; how many there were. Commits."""
    async with factory() as uow:
        found = await uow.catalogue.lock_all(organisation_id, video_ids)
        messages = [await request_delete(uow, organisation_id, video.id) for video in found]
        await uow.commit()
    try:
        for message in messages:
            await gateway.start_delete(message)
    except WorkflowsUnavailable:
        # Committed; `redrive_deletions` starts the rest when the service is back.
        _log.warning("deletions not started yet", videos=len(messages))
    return len(messages)
