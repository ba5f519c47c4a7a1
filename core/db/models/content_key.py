"""Content keys, one a label and crypto period of a version, kept only wrapped by the tenant's key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now
from core.db.models.version_reference import version_reference


class ContentKey(SQLModel, table=True):
    """`wrapped_key` is empty once the key has been destroyed."""

    __tablename__ = "content_keys"
    __table_args__ = (
        version_reference("content_keys"),
        UniqueConstraint(
            "organisation_id", "video_id", "version", "label", "crypto_period", name="uq_content_keys_label"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_content_keys_tenant_key",
        ),
        Index("ix_content_keys_tenant_key", "organisation_id", "tenant_key_id", "kid"),
    )

    kid: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    version: int
    label: str = Field(max_length=16)
    crypto_period: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    wrapped_key: bytes = Field(repr=False)
    wrap_alg: str = Field(max_length=32)
    tenant_key_id: str = Field(sa_type=HexUuid)
    iv: bytes | None = Field(default=None, repr=False)
    scheme: str = Field(max_length=8)
    state: str = Field(default="active", max_length=32)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    destroyed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
