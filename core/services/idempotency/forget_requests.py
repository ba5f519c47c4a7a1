"""Forget requests whose idempotency key is free again."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWorkFactory
from core.services.idempotency.once import REMEMBERED


async def forget_requests(factory: UnitOfWorkFactory, now: datetime) -> int:
    """How many were forgotten."""
    async with factory() as uow:
        count = await uow.idempotency.forget(now - REMEMBERED)
        await uow.commit()
    return count
