"""Forget OTPs that nobody can use any more. Sessions that were opened by one keep its name."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.db.unit_of_work import UnitOfWorkFactory

_KEPT = timedelta(days=30)
"""After their end, so that support can still say why somebody was refused."""

_BATCH = 5000


async def forget_otps(factory: UnitOfWorkFactory, now: datetime) -> int:
    """How many were forgotten, the oldest first; what is left over goes with the next run."""
    async with factory() as uow:
        count = await uow.otps.forget(now - _KEPT, _BATCH)
        await uow.commit()
    return count
