"""Where a video stands: the least that a client which waits for it needs."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.video import VideoState
from core.services.videos.view import Failure, failure_of


@dataclass(frozen=True)
class VideoStatus:
    """Of the newest version, which need not be the one that plays."""

    version: int
    status: VideoState
    failure: Failure | None


async def video_status(uow: UnitOfWork, organisation_id: str, video_id: str) -> VideoStatus:
    """Raises NotFound."""
    version = await uow.videos.latest_version(organisation_id, video_id)
    return VideoStatus(version.version, version.status, failure_of(version.failure_code))
