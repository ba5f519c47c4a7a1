"""Shut a viewer's device out, or let it in again."""

from __future__ import annotations

from datetime import datetime

from core.db.models import ViewerDevice
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.domain.playback.endings import EndReason
from core.ports import ViewerRef
from core.services.viewers.list_devices import DeviceView, device_view
from core.services.webhooks.tell_session import tell_ended


async def block_device(uow: UnitOfWork, organisation_id: str, row_id: str, now: datetime) -> DeviceView:
    """Its sessions end, and no new one opens. Raises NotFound. The caller commits. Safe to repeat."""
    device = _found(await uow.devices.set_blocked(organisation_id, row_id, now))
    # After the row is locked: a session being opened on it has committed by now, or will find it blocked.
    viewer = ViewerRef(organisation_id, device.viewer_id)
    await tell_ended(uow, await uow.sessions.end_of_devices(viewer, [device.device_id], EndReason.DEVICE_BLOCKED, now))
    return device_view(device)


async def unblock_device(uow: UnitOfWork, organisation_id: str, row_id: str) -> DeviceView:
    """It counts again, though nobody is sent away for it. Raises NotFound. The caller commits. Safe to repeat."""
    return device_view(_found(await uow.devices.set_blocked(organisation_id, row_id, None)))


def _found(device: ViewerDevice | None) -> ViewerDevice:
    if device is None:
        raise NotFound("There is no such device.")
    return device
