"""Announce a new version of a published video. The old one stays until the new one is published."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import ObjectStorage
from core.services.uploads.quota import refuse_over_quota
from core.services.uploads.start_upload import SourceFile, StartedUpload, UploadLimits, open_version, refuse_unfit
from core.services.videos.next_version import next_version


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
        latest = await uow.videos.latest_version(organisation_id, video_id)
        target = VersionRef(organisation_id, video_id, next_version(video, latest))
        await refuse_over_quota(uow, organisation_id, source.size, limits.max_stored_bytes)
        started = await open_version(uow, storage, target, source, limits)
        await uow.commit()
    return started
