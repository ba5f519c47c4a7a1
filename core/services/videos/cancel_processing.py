"""Stop making the newest version. Its workflow cleans up and records the end."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.video import VideoState
from core.ports import ObjectStorage, WorkflowGateway
from core.services.uploads.abort_upload import abort_upload
from core.services.uploads.start_workflow import start_workflow

_STOPPABLE = frozenset({VideoState.QUEUED, VideoState.PROCESSING})


async def cancel_processing(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    gateway: WorkflowGateway,
    organisation_id: str,
    video_id: str,
) -> None:
    """Repeatable. Raises NotFound, Conflict for a version that has ended, WorkflowsUnavailable."""
    async with factory() as uow:
        video = await uow.videos.get(organisation_id, video_id)
        version = await uow.videos.latest_version(organisation_id, video_id)
    if version.status in {VideoState.PRE_UPLOAD, VideoState.CANCELLED}:
        await abort_upload(factory, storage, organisation_id, video_id)
        return
    if version.status not in _STOPPABLE:
        raise Conflict(f"The version is {version.status.value}; there is nothing to cancel.")
    target = VersionRef(organisation_id, video_id, version.version)
    if version.status is VideoState.QUEUED:
        # Its workflow may not have been started yet; without one nobody would clean up.
        await start_workflow(gateway, video, version)
    await gateway.cancel_publish(target)
