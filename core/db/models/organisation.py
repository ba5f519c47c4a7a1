"""Organisations: the tenants. Every other table hangs below one."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, utc_now


class Organisation(SQLModel, table=True):
    __tablename__ = "organisations"

    id: str = Field(primary_key=True, sa_type=HexUuid)
    name: str = Field(max_length=200)
    slug: str = Field(max_length=63, unique=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
