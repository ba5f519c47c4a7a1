"""A replaced version has lost its last viewer; its objects may go."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.models.columns import utc_now
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Conflict
from core.domain.video import VideoState, ensure_transition
from core.services.videos.state_change import lock_version

_GOING = frozenset({VideoState.DELETING, VideoState.DELETED})


async def retire_version(uow: UnitOfWork, target: VersionRef) -> None:
    """Repeatable. Raises NotFound, Conflict for the version that is current. The caller commits."""
    locked = await lock_version(uow, target)
    if locked.video.current_version == target.version:
        raise Conflict(f"Version {target.version} is what is being played.")
    if locked.version.status in _GOING:
        return
    ensure_transition(locked.version.status, VideoState.RETIRED)
    locked.version.status = VideoState.RETIRED
    locked.version.retired_at = locked.version.retired_at or utc_now()
