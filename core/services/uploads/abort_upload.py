"""Give up an upload that is not complete; its parts are dropped."""

from __future__ import annotations

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.failures import FailureCode
from core.domain.video import VideoState
from core.domain.webhooks.event_types import EventType
from core.ports import ObjectStorage
from core.services.webhooks.tell_video import tell_upload


async def abort_upload(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    organisation_id: str,
    video_id: str,
    told: EventType = EventType.UPLOAD_ABORTED,
) -> None:
    """Repeating it is harmless. Raises NotFound, Conflict when the upload was completed. Commits.

    `told` is what endpoints of webhooks hear.
    """
    async with factory() as uow:
        video = await uow.videos.lock(organisation_id, video_id)
        version = await uow.videos.latest_version(organisation_id, video_id)
        if version.status not in {VideoState.PRE_UPLOAD, VideoState.CANCELLED}:
            raise Conflict(f"The upload is complete; the version is {version.status.value}.")
        if version.status is VideoState.PRE_UPLOAD:
            await tell_upload(uow, told, version)
        upload_id, version.upload_id = version.upload_id, None
        version.look_at = None
        version.status = VideoState.CANCELLED
        version.failure_code = FailureCode.CANCELLED
        if video.current_version is None:
            video.status = VideoState.CANCELLED
            video.failure_code = FailureCode.CANCELLED
        # Before the commit: if the store is down, the upload id must not be forgotten.
        if upload_id is not None:
            await storage.abort_multipart(version.source_key, upload_id)
        else:
            target = VersionRef(organisation_id, video_id, version.version)
            await storage.delete_prefix(object_keys.form(target))
        await uow.commit()
