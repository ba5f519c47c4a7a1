"""May another version of a published video be made now?"""

from __future__ import annotations

from core.db.models import Video, VideoVersion
from core.domain.errors import Conflict
from core.domain.video import VideoState

_BUSY = frozenset({VideoState.PRE_UPLOAD, VideoState.QUEUED, VideoState.PROCESSING})


def next_version(video: Video, latest: VideoVersion) -> int:
    """Its number. The caller holds the video's lock. Raises Conflict unless it is ready and nothing is on its way."""
    if video.status is not VideoState.READY:
        raise Conflict(f"A video that is {video.status.value} cannot be replaced or re-keyed.")
    if latest.status in _BUSY:
        raise Conflict(f"Version {latest.version} is {latest.status.value}; finish or cancel it first.")
    return latest.version + 1
