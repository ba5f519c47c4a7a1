"""Folders of videos, a tree per organisation. What has no folder, or no parent, is in the root, which is no row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, utc_now


class Folder(SQLModel, table=True):
    """Names need not be unique."""

    __tablename__ = "folders"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_folders_organisation_id_id"),
        ForeignKeyConstraint(
            ["organisation_id", "parent_id"], ["folders.organisation_id", "folders.id"], name="fk_folders_parent"
        ),
        Index("ix_folders_parent", "organisation_id", "parent_id"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    parent_id: str | None = Field(default=None, sa_type=HexUuid)
    name: str = Field(max_length=255)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
