"""Objects and keys are gone; the row stays as the proof that there was a video."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.video import VideoState, ensure_transition
from core.services.webhooks.tell_video import tell_deleted


async def mark_deleted(uow: UnitOfWork, organisation_id: str, video_id: str) -> None:
    """Repeatable. Raises NotFound, Conflict when deletion was never asked for. The caller commits."""
    video = await uow.videos.lock(organisation_id, video_id)
    ensure_transition(video.status, VideoState.DELETED)
    changed = video.status is not VideoState.DELETED
    video.status = VideoState.DELETED
    video.current_version = None
    await uow.imports.drop_addresses(organisation_id, video_id)
    await uow.files.remove_all(organisation_id, video_id)
    versions = await uow.videos.versions(organisation_id, video_id)
    for version in versions:
        ensure_transition(version.status, VideoState.DELETED)
        version.status = VideoState.DELETED
        version.upload_id = None
    if changed:
        await tell_deleted(uow, video, versions[-1])
