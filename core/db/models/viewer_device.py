"""A device that a viewer has opened a session from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class ViewerDevice(SQLModel, table=True):
    """`viewer_id` is the customer's name for the viewer, `device_id` the player's for the device."""

    __tablename__ = "viewer_devices"
    __table_args__ = (
        UniqueConstraint("organisation_id", "viewer_id", "device_id", name="uq_viewer_devices_device"),
        Index("ix_viewer_devices_viewer", "organisation_id", "viewer_id", "first_seen"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    viewer_id: str = Field(max_length=255)
    device_id: str = Field(max_length=255)
    first_seen: datetime = Field(sa_type=TIMESTAMP)
    last_seen: datetime = Field(sa_type=TIMESTAMP)
    blocked_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
