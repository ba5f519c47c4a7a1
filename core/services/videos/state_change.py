"""Move one version to another state, and its video along when the video has nothing better to show."""

from __future__ import annotations

from dataclasses import dataclass

from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork
from core.domain.video import VideoState, ensure_transition


@dataclass(frozen=True)
class LockedVersion:
    """Both rows, locked until the transaction ends."""

    video: Video
    version: VideoVersion

    def move(self, state: VideoState) -> bool:
        """Whether that changed the version's state: steps are repeated. Raises Conflict.

        A video that has a published version keeps showing that one while another is made.
        """
        ensure_transition(self.version.status, state)
        changed = self.version.status is not state
        self.version.status = state
        if self.video.current_version is None:
            ensure_transition(self.video.status, state)
            self.video.status = state
        return changed


async def lock_version(uow: UnitOfWork, target: VersionRef) -> LockedVersion:
    """Raises NotFound. The video's lock stands for all its versions."""
    video = await uow.videos.lock(target.organisation_id, target.video_id)
    return LockedVersion(video, await uow.videos.version(target))
