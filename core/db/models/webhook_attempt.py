"""One try to deliver an event, and what came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class WebhookAttempt(SQLModel, table=True):
    """`number` counts from 1 in each round. Either `status`, an HTTP status, or `error`, an AttemptError."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        UniqueConstraint("organisation_id", "delivery_id", "round", "number", name="uq_webhook_attempts_number"),
        ForeignKeyConstraint(
            ["organisation_id", "delivery_id"],
            ["webhook_deliveries.organisation_id", "webhook_deliveries.id"],
            name="fk_webhook_attempts_delivery",
            ondelete="CASCADE",
        ),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    delivery_id: str = Field(sa_type=HexUuid)
    round: int
    number: int
    started_at: datetime = Field(sa_type=TIMESTAMP)
    duration_ms: int
    status: int | None = None
    error: str | None = Field(default=None, max_length=32)
    response_excerpt: str = Field(default="", sa_type=Text)
