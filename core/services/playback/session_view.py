"""A playback session as the customer's backend sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.models import PlaybackSession
from core.domain.playback.endings import EndReason


@dataclass(frozen=True)
class SessionView:
    """`renewed_at` and `position` (seconds) are of the last recorded heartbeat; `ended_at` is None when it expires."""

    session_id: str
    video_id: str
    version: int
    viewer_id: str | None
    device_id: str | None
    started_at: datetime
    expires_at: datetime
    renewed_at: datetime | None
    position: float | None
    ended_at: datetime | None
    ended_reason: EndReason | None


def session_view(session: PlaybackSession) -> SessionView:
    return SessionView(
        session_id=session.id,
        video_id=session.video_id,
        version=session.version,
        viewer_id=session.viewer_id,
        device_id=session.device_id,
        started_at=session.started_at,
        expires_at=session.expires_at,
        renewed_at=session.renewed_at,
        position=session.position,
        ended_at=session.ended_at,
        ended_reason=None if session.ended_reason is None else EndReason(session.ended_reason),
    )
