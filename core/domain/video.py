"""States of a video and of one version of it."""

from __future__ import annotations

from enum import StrEnum

from core.domain.errors import Conflict


class VideoState(StrEnum):
    """Inside we speak these; the VdoCipher-compatible API spells them in its own way."""

    PRE_UPLOAD = "pre_upload"
    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RETIRED = "retired"
    DELETING = "deleting"
    DELETED = "deleted"


#: To the outside there is no such video any more.
GONE = frozenset({VideoState.DELETING, VideoState.DELETED})

_ALLOWED: dict[VideoState, frozenset[VideoState]] = {
    VideoState.PRE_UPLOAD: frozenset({VideoState.QUEUED, VideoState.CANCELLED, VideoState.FAILED, VideoState.DELETING}),
    VideoState.QUEUED: frozenset({VideoState.PROCESSING, VideoState.FAILED, VideoState.CANCELLED, VideoState.DELETING}),
    VideoState.PROCESSING: frozenset({VideoState.READY, VideoState.FAILED, VideoState.CANCELLED, VideoState.DELETING}),
    VideoState.READY: frozenset({VideoState.RETIRED, VideoState.DELETING}),
    # Queued again: a failure of ours can be tried once more.
    VideoState.FAILED: frozenset({VideoState.QUEUED, VideoState.DELETING}),
    VideoState.CANCELLED: frozenset({VideoState.DELETING}),
    VideoState.RETIRED: frozenset({VideoState.DELETING, VideoState.DELETED}),
    VideoState.DELETING: frozenset({VideoState.DELETED}),
    VideoState.DELETED: frozenset(),
}


def ensure_transition(current: VideoState, target: VideoState) -> None:
    """Allow a repeat of the current state (activities run at least once); refuse what the table does not list."""
    if target is not current and target not in _ALLOWED[current]:
        raise Conflict(f"A video that is {current.value} cannot become {target.value}.")
