"""People who sign in to an organisation's dashboard: its members."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, utc_now


class User(SQLModel, table=True):
    """`email` in lower case; one address is a member of one organisation. `sso_subject` is what the
    provider `sso_issuer` calls somebody who came by single sign-on. Without `password_hash`, an invited one, or
    one of those.

    Who was removed keeps a row, for what they made refers to it, but not the address.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_users_organisation_id_id"),
        UniqueConstraint("organisation_id", "sso_issuer", "sso_subject", name="uq_users_sso"),
        Index("ix_users_organisation_id", "organisation_id"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    email: str = Field(max_length=255, unique=True)
    password_hash: str | None = Field(default=None, max_length=255, repr=False)
    role: str = Field(default="viewer", max_length=50)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
    sso_issuer: str | None = Field(default=None, max_length=500)
    sso_subject: str | None = Field(default=None, max_length=255)
    removed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
