"""Members' sessions: one family of refresh tokens each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class MemberSession(SQLModel, table=True):
    """`method` is how it began: "password", "sso" or "support", which alone has an `impersonator`."""

    __tablename__ = "member_sessions"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_member_sessions_organisation_id_id"),
        ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_member_sessions_user"
        ),
        Index("ix_member_sessions_user", "organisation_id", "user_id", "created_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    user_id: str = Field(sa_type=HexUuid)
    method: str = Field(max_length=16)
    impersonator: str | None = Field(default=None, max_length=100)
    address: str = Field(max_length=64)
    user_agent: str = Field(max_length=300)
    created_at: datetime = Field(sa_type=TIMESTAMP)
    last_used_at: datetime = Field(sa_type=TIMESTAMP)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    ended_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    ended_reason: str | None = Field(default=None, max_length=32)
