"""End one session: its next licence, heartbeat and, within seconds, media request is refused."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.playback.endings import EndReason
from core.services.playback.get_session import get_session
from core.services.webhooks.tell_session import tell_ended


async def end_session(uow: UnitOfWork, organisation_id: str, session_id: str, now: datetime) -> None:
    """Raises NotFound. The caller commits. Safe to repeat: how a session ended first stays."""
    await get_session(uow, organisation_id, session_id)
    await tell_ended(uow, await uow.sessions.end(organisation_id, [session_id], EndReason.ENDED, now))
