"""A viewer's devices, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.models import ViewerDevice
from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor
from core.ports import ViewerRef


@dataclass(frozen=True)
class DeviceView:
    """`id` names it in addresses; `device_id` is what its player calls it."""

    id: str
    viewer_id: str
    device_id: str
    first_seen: datetime
    last_seen: datetime
    blocked_at: datetime | None


@dataclass(frozen=True)
class DevicePage:
    """`next_cursor` is None on the last page."""

    devices: tuple[DeviceView, ...]
    next_cursor: str | None


async def list_devices(uow: UnitOfWork, viewer: ViewerRef, limit: int, cursor: str | None = None) -> DevicePage:
    """Empty for a viewer nobody has heard of. Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.devices.page(viewer, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].first_seen, shown[-1].id) if len(rows) > limit else None
    return DevicePage(tuple(device_view(row) for row in shown), more)


def device_view(device: ViewerDevice) -> DeviceView:
    return DeviceView(
        id=device.id,
        viewer_id=device.viewer_id,
        device_id=device.device_id,
        first_seen=device.first_seen,
        last_seen=device.last_seen,
        blocked_at=device.blocked_at,
    )
