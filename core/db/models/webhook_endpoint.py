"""Where an organisation wants to be told of what happens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, text_enum, utc_now
from core.domain.webhooks.endpoint import EndpointKind, EndpointStatus


class WebhookEndpoint(SQLModel, table=True):
    """`events` are event types, empty for all of them; `hook_event` is what a VdoCipher hook calls its one.

    `failing_since` is when the first of an unbroken row of failures began. Limits are attempts a second and at once.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_webhook_endpoints_organisation_id_id"),
        Index("ix_webhook_endpoints_listing", "organisation_id", "created_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    kind: EndpointKind = Field(sa_type=text_enum(EndpointKind))
    # A customer may have put a secret into its query.
    url: str = Field(max_length=2000, repr=False)
    events: list[str] = Field(sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'::jsonb")})
    hook_event: str | None = Field(default=None, max_length=32)
    description: str = Field(default="", max_length=500)
    status: EndpointStatus = Field(default=EndpointStatus.ACTIVE, sa_type=text_enum(EndpointStatus))
    disabled_reason: str | None = Field(default=None, max_length=32)
    disabled_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    failing_since: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    rate_per_second: int
    max_in_flight: int
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
