"""A player says that it plays, and learns whether it may go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.contracts.version_ref import VersionRef
from core.db.models import PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Unauthenticated
from core.domain.playback.endings import EndReason
from core.domain.playback.heartbeat import Beat
from core.ports import Leases, LeasesUnavailable, ViewerRef
from core.services.playback.token import PlaybackClaims
from core.services.playback.watermark_watch import watermark_lost


@dataclass(frozen=True)
class Pulse:
    """`stop` says why the player must stop; None lets it go on."""

    stop: EndReason | None = None


async def heartbeat(
    uow: UnitOfWork,
    leases: Leases,
    claims: PlaybackClaims,
    beat: Beat,
    now: datetime,
    record_after: timedelta,
    grace: timedelta,
) -> Pulse:
    """Raises Unauthenticated. The caller commits.

    The database hears of it when its record is older than `record_after`, and each time while leases are away. A
    session that has to show a watermark ends when its player has not shown it for longer than `grace`.
    """
    session = await uow.sessions.get(claims.target.organisation_id, claims.session_id)
    if session is None or VersionRef(session.organisation_id, session.video_id, session.version) != claims.target:
        raise Unauthenticated("The playback token is not valid, or it has expired.")
    if session.ended_at is not None:
        return Pulse(stop=EndReason(session.ended_reason or EndReason.ENDED))
    if await watermark_lost(uow, session, beat, now, grace):
        return Pulse(stop=EndReason.WATERMARK_MISSING)
    noted = await _note(leases, session, now)
    if not noted or session.renewed_at is None or now - session.renewed_at >= record_after:
        await uow.sessions.renew(session.organisation_id, session.id, now, beat.position)
    return Pulse()


async def _note(leases: Leases, session: PlaybackSession, now: datetime) -> bool:
    """A store of leases that is away disturbs nobody who plays."""
    if session.viewer_id is None:
        return True
    try:
        await leases.renew(ViewerRef(session.organisation_id, session.viewer_id), session.id, now)
    except LeasesUnavailable:
        return False
    return True
