"""What happened, written in the transaction in which it happened, for the relay to take up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class OutboxEvent(SQLModel, table=True):
    """`sequence` grows from one event of an object to its next. `relayed_at` is empty until deliveries were made."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        Index("ix_outbox_events_waiting", "sequence", postgresql_where=text("relayed_at IS NULL")),
        Index("ix_outbox_events_range", "organisation_id", "occurred_at"),
        Index("ix_outbox_events_age", "occurred_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    type: str = Field(max_length=64)
    schema_version: int
    occurred_at: datetime = Field(sa_type=TIMESTAMP)
    object_id: str = Field(sa_type=HexUuid)
    payload: dict[str, Any] = Field(sa_type=JSONB)
    relayed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
