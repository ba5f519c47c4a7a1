"""End whatever a viewer is watching."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.playback.endings import EndReason
from core.ports import ViewerRef


async def end_sessions(uow: UnitOfWork, viewer: ViewerRef, now: datetime) -> int:
    """How many there were. The caller commits. The viewer may open others: ending is not blocking."""
    return await uow.sessions.end_of_viewer(viewer, EndReason.ENDED, now)
