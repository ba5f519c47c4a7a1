"""Requests that came with an idempotency key, and what was answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class IdempotentRequest(SQLModel, table=True):
    """`answer` is sealed, because it can hold tokens; None while the request runs. `attempt` tells who runs it."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (Index("ix_idempotent_requests_started_at", "started_at"),)

    organisation_id: str = Field(primary_key=True, foreign_key="organisations.id", sa_type=HexUuid)
    key: str = Field(primary_key=True, max_length=255)
    request_hash: str = Field(max_length=64)
    attempt: str = Field(max_length=32)
    started_at: datetime = Field(sa_type=TIMESTAMP)
    answer: bytes | None = Field(default=None, repr=False)
