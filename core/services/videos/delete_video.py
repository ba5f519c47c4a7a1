"""Delete a video: no new session from the commit on; a workflow removes the rest."""

from __future__ import annotations

import structlog

from core.contracts.video_lifecycle import DeleteVideoInput
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.errors import NotFound
from core.domain.video import VideoState, ensure_transition
from core.ports import WorkflowGateway, WorkflowsUnavailable

_log = structlog.get_logger(__name__)

_GONE = frozenset({VideoState.DELETING, VideoState.DELETED})


async def delete_video(
    factory: UnitOfWorkFactory, gateway: WorkflowGateway, organisation_id: str, video_id: str
) -> None:
    """Repeatable while it lasts; afterwards NotFound. Commits."""
    async with factory() as uow:
        message = await request_delete(uow, organisation_id, video_id)
        await uow.commit()
    try:
        await gateway.start_delete(message)
    except WorkflowsUnavailable:
        # Committed; `redrive_deletions` starts it when the service is back.
        _log.warning("deletion not started yet", video_id=video_id)


async def request_delete(uow: UnitOfWork, organisation_id: str, video_id: str) -> DeleteVideoInput:
    """Mark the video and what is left of its versions as being deleted. Raises NotFound. The caller commits."""
    video = await uow.videos.lock(organisation_id, video_id)
    if video.status is VideoState.DELETED:
        raise NotFound("There is no such video.")
    ensure_transition(video.status, VideoState.DELETING)
    video.status = VideoState.DELETING
    versions = await uow.videos.versions(organisation_id, video_id)
    for version in versions:
        if version.status not in _GONE:
            ensure_transition(version.status, VideoState.DELETING)
            version.status = VideoState.DELETING
    return DeleteVideoInput(organisation_id, video_id, tuple(version.version for version in versions))
