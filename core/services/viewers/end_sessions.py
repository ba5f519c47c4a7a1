"""End whatever a viewer is watching."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.playback.endings import EndReason
from core.ports import ViewerRef
from core.services.webhooks.tell_session import tell_ended


async def end_sessions(uow: UnitOfWork, viewer: ViewerRef, now: datetime) -> int:
    """How many there were. The caller commits. The viewer may open others: ending is not blocking."""
    ended = await uow.sessions.end_of_viewer(viewer, EndReason.ENDED, now)
    await tell_ended(uow, ended)
    return len(ended)
