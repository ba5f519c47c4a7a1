"""Refresh tokens. Only the hash is kept; each is used once, and its children follow it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class RefreshToken(SQLModel, table=True):
    """`token_hash` is the hex SHA-256."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["member_sessions.organisation_id", "member_sessions.id"],
            name="fk_refresh_tokens_session",
        ),
        Index("ix_refresh_tokens_parent", "organisation_id", "parent_id"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    session_id: str = Field(sa_type=HexUuid)
    token_hash: str = Field(max_length=64, unique=True, repr=False)
    parent_id: str | None = Field(default=None, sa_type=HexUuid)
    created_at: datetime = Field(sa_type=TIMESTAMP)
    used_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
