"""Devices of viewers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from core.db.models import ViewerDevice
from core.db.models.columns import TIMESTAMP, HexUuid
from core.ports import ViewerRef


class DeviceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def see(self, viewer: ViewerRef, device_id: str, at: datetime) -> ViewerDevice:
        """The device's row, made if it is new, and locked: blocking it waits for this transaction, and the reverse."""
        values = {
            "id": uuid4().hex,
            "organisation_id": viewer.organisation_id,
            "viewer_id": viewer.viewer_id,
            "device_id": device_id,
            "first_seen": at,
            "last_seen": at,
        }
        seen = insert(ViewerDevice).values(values)
        seen = seen.on_conflict_do_update(constraint="uq_viewer_devices_device", set_={"last_seen": at})
        found = await self._session.scalars(seen.returning(ViewerDevice), execution_options={"populate_existing": True})
        return found.one()

    async def count_free(self, viewer: ViewerRef) -> int:
        """How many the viewer has that are not blocked."""
        query = (
            select(func.count()).select_from(ViewerDevice).where(*_of(viewer), col(ViewerDevice.blocked_at).is_(None))
        )
        return await self._session.scalar(query) or 0

    async def page(
        self, viewer: ViewerRef, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[ViewerDevice]:
        """Newest first; `before` is (first_seen, id) of the previous page's last row."""
        query = (
            select(ViewerDevice)
            .where(*_of(viewer))
            .order_by(col(ViewerDevice.first_seen).desc(), col(ViewerDevice.id).desc())
            .limit(limit)
        )
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(ViewerDevice.first_seen), col(ViewerDevice.id)) < last)
        return (await self._session.scalars(query)).all()

    async def set_blocked(self, organisation_id: str, row_id: str, at: datetime | None) -> ViewerDevice | None:
        """None when the organisation has no such device. A blocked one keeps the time of its first block."""
        found = await self._session.scalars(
            update(ViewerDevice)
            .where(col(ViewerDevice.organisation_id) == organisation_id, col(ViewerDevice.id) == row_id)
            .values(blocked_at=None if at is None else func.coalesce(ViewerDevice.blocked_at, at))
            .returning(ViewerDevice)
        )
        return found.one_or_none()

    async def forget_free(self, viewer: ViewerRef) -> Sequence[str]:
        """Drop the devices that are not blocked; their device ids."""
        found = await self._session.scalars(
            delete(ViewerDevice)
            .where(*_of(viewer), col(ViewerDevice.blocked_at).is_(None))
            .returning(col(ViewerDevice.device_id))
        )
        return found.all()


def _of(viewer: ViewerRef) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        col(ViewerDevice.organisation_id) == viewer.organisation_id,
        col(ViewerDevice.viewer_id) == viewer.viewer_id,
    )
