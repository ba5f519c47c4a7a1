"""API keys of customers' backends. Only the hash of the secret is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class ApiKey(SQLModel, table=True):
    """`key_hash` is the hex SHA-256 of the secret; `prefix` its first characters, for people to tell keys apart."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_organisation_id", "organisation_id"),)

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    name: str = Field(max_length=200)
    key_hash: str = Field(max_length=64, unique=True, repr=False)
    prefix: str = Field(max_length=16)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    last_used_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
