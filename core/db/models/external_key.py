"""Keys of content that other packagers package, kept only wrapped by the tenant's key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class ExternalKey(SQLModel, table=True):
    """`content_id` and `kid` are the packager's: two organisations may use the same, and have different keys."""

    __tablename__ = "external_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_external_keys_tenant_key",
        ),
        Index("ix_external_keys_content", "organisation_id", "content_id"),
    )

    organisation_id: str = Field(primary_key=True, foreign_key="organisations.id", sa_type=HexUuid)
    kid: str = Field(primary_key=True, sa_type=HexUuid)
    content_id: bytes
    track_type: str = Field(max_length=64)
    crypto_period: int | None = Field(default=None, sa_type=BigInteger)
    iv: bytes = Field(repr=False)
    wrapped_key: bytes = Field(repr=False)
    wrap_alg: str = Field(max_length=32)
    tenant_key_id: str = Field(sa_type=HexUuid)
    state: str = Field(default="active", max_length=32)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
