"""A session that has to show a watermark goes on only while its player says that it does."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from core.db.models import PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.access.watermarks import drawn
from core.domain.playback.endings import EndReason
from core.domain.playback.heartbeat import Beat
from core.domain.playback.session_policy import SessionPolicy

_log = structlog.get_logger(__name__)


async def watermark_lost(
    uow: UnitOfWork, session: PlaybackSession, beat: Beat, now: datetime, grace: timedelta
) -> bool:
    """Whether the session was ended for it. While the mark is shown, nothing is written."""
    if not drawn(SessionPolicy.from_json(session.policy).watermark):
        return False
    organisation_id, since = session.organisation_id, session.watermark_missing_since
    if beat.watermark_shown:
        if since is not None:
            await uow.sessions.note_watermark(organisation_id, session.id, None)
        return False
    if beat.tampering is not None:
        _warn("watermark tampered with", session, beat.tampering)
    if since is None:
        await uow.sessions.note_watermark(organisation_id, session.id, now)
        return False
    if now - since <= grace:
        return False
    _warn("session ended without its watermark", session, beat.tampering)
    await uow.sessions.end(organisation_id, [session.id], EndReason.WATERMARK_MISSING, now)
    return True


def _warn(event: str, session: PlaybackSession, finding: str | None) -> None:
    """Never what the mark says: it names the viewer."""
    _log.warning(
        event, organisation=session.organisation_id, video=session.video_id, session=session.id, finding=finding
    )
