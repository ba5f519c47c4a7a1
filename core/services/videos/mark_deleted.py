"""Objects and keys are gone; the row stays as the proof that there was a video."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.video import VideoState, ensure_transition


async def mark_deleted(uow: UnitOfWork, organisation_id: str, video_id: str) -> None:
    """Repeatable. Raises NotFound, Conflict when deletion was never asked for. The caller commits."""
    video = await uow.videos.lock(organisation_id, video_id)
    ensure_transition(video.status, VideoState.DELETED)
    video.status = VideoState.DELETED
    video.current_version = None
    await uow.files.remove_all(organisation_id, video_id)
    for version in await uow.videos.versions(organisation_id, video_id):
        ensure_transition(version.status, VideoState.DELETED)
        version.status = VideoState.DELETED
        version.upload_id = None
