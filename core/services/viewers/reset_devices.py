"""Forget a viewer's devices, so that others can take their places."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.playback.endings import EndReason
from core.ports import ViewerRef
from core.services.webhooks.tell_session import tell_ended


async def reset_devices(uow: UnitOfWork, viewer: ViewerRef, now: datetime) -> int:
    """How many were forgotten; their sessions end. A block outlives this. The caller commits."""
    forgotten = await uow.devices.forget_free(viewer)
    await tell_ended(uow, await uow.sessions.end_of_devices(viewer, forgotten, EndReason.DEVICE_RESET, now))
    return len(forgotten)
