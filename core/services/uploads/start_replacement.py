"""Announce a new version of a published video. The old one stays until the new one is published."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.video import VideoState
from core.ports import ObjectStorage
from core.services.uploads.start_upload import SourceFile, StartedUpload, UploadLimits, open_version, refuse_unfit

_BUSY = frozenset({VideoState.PRE_UPLOAD, VideoState.QUEUED, VideoState.PROCESSING})


async def start_replacement(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    organisation_id: str,
    video_id: str,
    source: SourceFile,
    limits: UploadLimits,
) -> StartedUpload:
    """Raises NotFound, Conflict unless the video is ready and no other version is on its way. Commits."""
    refuse_unfit(source, limits)
    async with factory() as uow:
        video = await uow.videos.lock(organisation_id, video_id)
        if video.status is not VideoState.READY:
            raise Conflict(f"A video that is {video.status.value} cannot be replaced.")
        latest = await uow.videos.latest_version(organisation_id, video_id)
        if latest.status in _BUSY:
            raise Conflict(f"Version {latest.version} is {latest.status.value}; finish or cancel it first.")
        target = VersionRef(organisation_id, video_id, latest.version + 1)
        started = await open_version(uow, storage, target, source, limits)
        await uow.commit()
    return started
