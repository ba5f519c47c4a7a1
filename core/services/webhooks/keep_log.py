"""What the deliveries' log needs from time to time: runs that were lost are started again, old rows go."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.db.unit_of_work import UnitOfWorkFactory

_OVERDUE = timedelta(minutes=15)
"""A run may wait so much longer than its schedule says: for the endpoint's rate, or for workers."""

KEPT = timedelta(days=30)
"""How long events, deliveries and attempts are kept, for replays and for people."""

_BATCH = 1000


async def restart_lost(factory: UnitOfWorkFactory, now: datetime) -> int:
    """Deliveries that were not tried when they should: the relay starts them once more, which joins a run there is."""
    async with factory() as uow:
        lost = await uow.webhook_deliveries.overdue(now - _OVERDUE, _BATCH)
        await uow.commit()
    return lost


async def forget_old(factory: UnitOfWorkFactory, now: datetime) -> int:
    """How many rows went; what still waits stays."""
    async with factory() as uow:
        gone = await uow.outbox.forget(now - KEPT, _BATCH) + await uow.webhook_deliveries.forget(now - KEPT, _BATCH)
        await uow.commit()
    return gone
