"""Try again what failed through no fault of the file."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.failures import OUR_FAULT
from core.domain.video import VideoState
from core.ports import WorkflowGateway
from core.services.uploads.start_workflow import start_workflow
from core.services.videos.state_change import LockedVersion, lock_version
from core.services.webhooks.tell_video import tell_state

_UNDER_WAY = frozenset({VideoState.QUEUED, VideoState.PROCESSING})


async def retry_processing(
    factory: UnitOfWorkFactory, gateway: WorkflowGateway, organisation_id: str, video_id: str
) -> None:
    """Queue the newest version again. Repeatable. Raises NotFound, Conflict, WorkflowsUnavailable."""
    async with factory() as uow:
        newest = await uow.videos.latest_version(organisation_id, video_id)
        target = VersionRef(organisation_id, video_id, newest.version)
        locked = await lock_version(uow, target)
        if locked.version.status not in _UNDER_WAY:
            _queue_again(locked)
            await tell_state(uow, locked.video, locked.version)
            await uow.progress.forget(target)
            await uow.commit()
    await start_workflow(gateway, locked.video, locked.version)


def _queue_again(locked: LockedVersion) -> None:
    if locked.version.status is not VideoState.FAILED or locked.version.failure_code not in OUR_FAULT:
        raise Conflict("Only a failure on our side can be tried again; otherwise upload another file.")
    if locked.version.rekeyed_from is not None:
        raise Conflict("Of a re-keying that failed nothing is left; ask for another one.")
    locked.move(VideoState.QUEUED)
    locked.version.failure_code = locked.version.failure_detail = None
    if locked.video.current_version is None:
        locked.video.failure_code = locked.video.failure_detail = None
