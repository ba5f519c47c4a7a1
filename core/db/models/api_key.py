"""API keys of customers' backends. Only the hash of the secret is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class ApiKey(SQLModel, table=True):
    """`key_hash` is the hex SHA-256 of the secret; `prefix` its first characters, for people to tell keys apart.

    `networks` are CIDR blocks from which alone it is good; none means from everywhere. Keys older than roles are
    editors, which is what all keys were.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("ix_api_keys_organisation_id", "organisation_id"),
        Index("ix_api_keys_name", "organisation_id", "name"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    name: str = Field(max_length=200)
    key_hash: str = Field(max_length=64, unique=True, repr=False)
    prefix: str = Field(max_length=16)
    roles: list[str] = Field(
        default_factory=lambda: ["editor"],
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": text("'[\"editor\"]'::jsonb")},
    )
    networks: list[str] = Field(
        default_factory=list, sa_type=JSONB, nullable=False, sa_column_kwargs={"server_default": text("'[]'::jsonb")}
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    expires_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    last_used_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    revoked_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
