"""The version ended other than ready: failed with its code, or cancelled."""

from __future__ import annotations

from core.contracts.publish_video import FailureNote
from core.db.unit_of_work import UnitOfWork
from core.domain.failures import OUR_FAULT
from core.domain.video import VideoState
from core.services.videos.state_change import lock_version
from core.services.webhooks.tell_video import tell_state

_GOING = frozenset({VideoState.DELETING, VideoState.DELETED})


async def mark_failed(uow: UnitOfWork, note: FailureNote) -> None:
    """Repeatable. A version that is being deleted stays so. Raises NotFound, Conflict. The caller commits."""
    locked = await lock_version(uow, note.target)
    if locked.version.status in _GOING:
        return
    changed = locked.move(VideoState(note.state))
    locked.version.failure_code = note.code
    locked.version.failure_detail = note.detail
    locked.version.warnings = list(dict.fromkeys([*locked.version.warnings, *note.warnings]))
    if note.code not in OUR_FAULT:
        # Not to be tried again.
        await uow.imports.drop_addresses(note.target.organisation_id, note.target.video_id)
    if locked.video.current_version is None:
        locked.video.failure_code = note.code
        locked.video.failure_detail = note.detail
    if changed:
        await tell_state(uow, locked.video, locked.version)
