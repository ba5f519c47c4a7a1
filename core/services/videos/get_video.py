"""One video with its versions and the tracks of the one that plays."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.domain.video import VideoState
from core.services.videos.view import VideoDetail, detail_of


async def get_video(uow: UnitOfWork, organisation_id: str, video_id: str) -> VideoDetail:
    """Raises NotFound, also when it has been deleted."""
    video = await uow.videos.get(organisation_id, video_id)
    if video.status is VideoState.DELETED:
        raise NotFound("There is no such video.")
    versions = await uow.videos.versions(organisation_id, video_id)
    current = video.current_version
    variants = await uow.variants.of_version(VersionRef(organisation_id, video_id, current)) if current else []
    return detail_of(video, versions, variants)
