"""The workflow has taken the version up."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.video import VideoState
from core.services.videos.state_change import lock_version
from core.services.webhooks.tell_video import tell_state


async def set_processing(uow: UnitOfWork, target: VersionRef) -> None:
    """Repeatable. Raises NotFound, Conflict for a version that is not waiting. The caller commits."""
    locked = await lock_version(uow, target)
    if locked.move(VideoState.PROCESSING):
        await tell_state(uow, locked.video, locked.version)
