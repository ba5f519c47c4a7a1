"""An organisation's OpenID Connect provider. The client's secret is sealed by the tenant key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class SsoConnection(SQLModel, table=True):
    """`role_map` is from values of the claim `role_claim` to roles; who has none of them gets `default_role`."""

    __tablename__ = "sso_connections"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_sso_connections_tenant_key",
        ),
    )

    organisation_id: str = Field(primary_key=True, foreign_key="organisations.id", sa_type=HexUuid)
    issuer: str = Field(max_length=500)
    client_id: str = Field(max_length=255)
    wrapped_secret: bytes = Field(repr=False)
    tenant_key_id: str = Field(sa_type=HexUuid)
    default_role: str = Field(max_length=50)
    role_claim: str | None = Field(default=None, max_length=100)
    role_map: dict[str, str] = Field(sa_type=JSONB, nullable=False)
    updated_at: datetime = Field(sa_type=TIMESTAMP)
