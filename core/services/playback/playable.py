"""Which version a new viewer of a video gets."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.models import Video
from core.domain.errors import Conflict, NotFound
from core.domain.video import GONE


def playable_version(video: Video) -> VersionRef:
    """Raises NotFound for a video that is going, Conflict (NOT_READY) while there is nothing to play."""
    if video.status in GONE:
        raise NotFound("There is no such video.")
    if video.current_version is None:
        raise Conflict(f"The video is {video.status.value}; it cannot be played yet.", code="NOT_READY")
    return VersionRef(video.organisation_id, video.id, video.current_version)
