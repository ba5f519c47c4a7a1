"""Audit of the key servers: which keys went to whom. Never the key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid, utc_now


class KeyDelivery(SQLModel, table=True):
    """`protocol` is "widevine" or "speke"; `caller` the signer's or the API key's id."""

    __tablename__ = "key_deliveries"
    __table_args__ = (Index("ix_key_deliveries_content", "organisation_id", "content_id", "delivered_at"),)

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    protocol: str = Field(max_length=16)
    caller: str = Field(sa_type=HexUuid)
    content_id: bytes
    kids: list[str] = Field(sa_type=JSONB)
    delivered_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP)
