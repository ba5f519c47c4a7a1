"""Keys that wrap an organisation's content keys; themselves wrapped by the root key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class TenantKey(SQLModel, table=True):
    """`binding` tells what the wrapped key is bound to; who does not name it means the first one."""

    __tablename__ = "tenant_keys"
    __table_args__ = (
        UniqueConstraint("organisation_id", "version", name="uq_tenant_keys_organisation_id_version"),
        UniqueConstraint("organisation_id", "id", name="uq_tenant_keys_organisation_id_id"),
        Index("uq_tenant_keys_active", "organisation_id", unique=True, postgresql_where=text("state = 'active'")),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    version: int
    wrapped_key: bytes = Field(repr=False)
    root_key_id: str = Field(max_length=200)
    state: str = Field(default="active", max_length=32)
    binding: int = Field(sa_column_kwargs={"server_default": text("1")})
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
