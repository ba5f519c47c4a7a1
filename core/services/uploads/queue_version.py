"""An upload is whole: queue its version and start what makes a publication of it. Safe to repeat."""

from __future__ import annotations

import structlog

from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.video import VideoState, ensure_transition
from core.domain.webhooks.event_types import EventType
from core.ports import WorkflowGateway, WorkflowsUnavailable
from core.services.uploads.start_workflow import start_workflow
from core.services.webhooks.tell_video import tell_state, tell_upload

_log = structlog.get_logger(__name__)


async def queue_version(factory: UnitOfWorkFactory, gateway: WorkflowGateway, target: VersionRef) -> VideoState:
    """The version's state now: anything but queued when something else happened meanwhile. Raises NotFound. Commits."""
    async with factory() as uow:
        video = await uow.videos.lock(target.organisation_id, target.video_id)
        version = await uow.videos.version(target)
        if version.status is VideoState.PRE_UPLOAD:
            await mark_queued(uow, video, version)
        await uow.commit()
    if version.status is VideoState.QUEUED:
        await start_queued(gateway, video, version)
    return version.status


async def mark_queued(uow: UnitOfWork, video: Video, version: VideoVersion) -> None:
    """The caller holds the video's lock, and commits."""
    ensure_transition(version.status, VideoState.QUEUED)
    version.status = VideoState.QUEUED
    if video.current_version is None:
        video.status = VideoState.QUEUED
    await tell_upload(uow, EventType.UPLOAD_FINISHED, version)
    await tell_state(uow, video, version)


async def start_queued(gateway: WorkflowGateway, video: Video, version: VideoVersion) -> None:
    """After the commit. `redrive_queued` starts what cannot be started now."""
    try:
        await start_workflow(gateway, video, version)
    except WorkflowsUnavailable:
        _log.warning("publication not started yet", video_id=version.video_id, version=version.version)
