"""How long the viewers of a version still have."""

from __future__ import annotations

from datetime import datetime

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork


async def sessions_left(uow: UnitOfWork, target: VersionRef, now: datetime) -> float:
    """Seconds until the last session of the version has ended; 0 when none is left."""
    end = await latest_session_end(uow, target)
    return 0.0 if end is None else max(0.0, (end - now).total_seconds())


async def latest_session_end(uow: UnitOfWork, target: VersionRef) -> datetime | None:
    """None when nobody ever opened one."""
    return await uow.sessions.latest_end(target)
