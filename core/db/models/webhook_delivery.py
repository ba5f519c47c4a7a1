"""One event on its way to one endpoint."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, text_enum, utc_now
from core.domain.webhooks.delivery import DeliveryState


class WebhookDelivery(SQLModel, table=True):
    """`body` is signed and sent as it is, at every attempt. A replay is a further `round` with attempts of its own.

    `started_at` is empty until the round's workflow was started. `reason` says why it failed.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_webhook_deliveries_organisation_id_id"),
        UniqueConstraint("organisation_id", "endpoint_id", "event_id", name="uq_webhook_deliveries_event"),
        ForeignKeyConstraint(
            ["organisation_id", "endpoint_id"],
            ["webhook_endpoints.organisation_id", "webhook_endpoints.id"],
            name="fk_webhook_deliveries_endpoint",
            ondelete="CASCADE",
        ),
        Index("ix_webhook_deliveries_listing", "organisation_id", text("created_at DESC"), text("id DESC")),
        Index("ix_webhook_deliveries_endpoint", "organisation_id", "endpoint_id", text("created_at DESC")),
        Index(
            "ix_webhook_deliveries_waiting",
            "created_at",
            postgresql_where=text("started_at IS NULL AND state = 'pending'"),
        ),
        Index("ix_webhook_deliveries_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),
        Index("ix_webhook_deliveries_age", "created_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    endpoint_id: str = Field(sa_type=HexUuid)
    event_id: str = Field(sa_type=HexUuid)
    event_type: str = Field(max_length=64)
    body: bytes
    state: DeliveryState = Field(default=DeliveryState.PENDING, sa_type=text_enum(DeliveryState))
    reason: str | None = Field(default=None, max_length=32)
    round: int = 1
    attempts: int = 0
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    started_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    next_attempt_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
