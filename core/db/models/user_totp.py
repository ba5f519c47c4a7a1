"""Authenticators of members (RFC 6238). The secret is sealed by the tenant key; recovery codes are hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class UserTotp(SQLModel, table=True):
    """Counts once it is confirmed. `last_step` is that of the last code taken, none before the first."""

    __tablename__ = "user_totp"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_user_totp_user"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_user_totp_tenant_key",
        ),
    )

    user_id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    wrapped_secret: bytes = Field(repr=False)
    tenant_key_id: str = Field(sa_type=HexUuid)
    last_step: int = Field(default=0)
    recovery_hashes: list[str] = Field(sa_type=JSONB, nullable=False, repr=False)
    created_at: datetime = Field(sa_type=TIMESTAMP)
    confirmed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
