"""What an endpoint's messages are signed with, kept only wrapped by the tenant's key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class WebhookSecret(SQLModel, table=True):
    """The newest of an endpoint has no `expires_at`; those before it sign along until theirs."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "endpoint_id"],
            ["webhook_endpoints.organisation_id", "webhook_endpoints.id"],
            name="fk_webhook_secrets_endpoint",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_webhook_secrets_tenant_key",
        ),
        Index("ix_webhook_secrets_endpoint", "organisation_id", "endpoint_id"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    endpoint_id: str = Field(sa_type=HexUuid)
    wrapped_secret: bytes = Field(repr=False)
    tenant_key_id: str = Field(sa_type=HexUuid)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    expires_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
