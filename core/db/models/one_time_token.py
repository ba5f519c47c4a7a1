"""What mails to members carry: invitations, and leave to set a new password. Only the hash is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class OneTimeToken(SQLModel, table=True):
    """`purpose` is "invitation" or "reset"; `token_hash` the hex SHA-256."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_one_time_tokens_user"
        ),
        Index("ix_one_time_tokens_user", "organisation_id", "user_id"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    user_id: str = Field(sa_type=HexUuid)
    purpose: str = Field(max_length=16)
    token_hash: str = Field(max_length=64, unique=True, repr=False)
    created_at: datetime = Field(sa_type=TIMESTAMP)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    used_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
