"""Videos as their owners know them; the bytes belong to versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, text_enum, utc_now
from core.domain.video import VideoState


class Video(SQLModel, table=True):
    """`duration` is whole seconds of the current version; `current_version` is what new sessions play."""

    __tablename__ = "videos"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_videos_organisation_id_id"),
        ForeignKeyConstraint(
            ["organisation_id", "created_by"], ["users.organisation_id", "users.id"], name="fk_videos_created_by"
        ),
        Index("ix_videos_listing", "organisation_id", text("created_at DESC"), text("id DESC")),
        Index("ix_videos_deleting", "updated_at", postgresql_where=text("status = 'deleting'")),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    title: str = Field(max_length=500)
    description: str = Field(default="", sa_type=Text)
    duration: int | None = None
    status: VideoState = Field(default=VideoState.PRE_UPLOAD, sa_type=text_enum(VideoState))
    failure_code: str | None = Field(default=None, max_length=50)
    failure_detail: str | None = Field(default=None, sa_type=Text)
    drm_enabled: bool = True
    watermark_config: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    # `metadata` is taken by SQLAlchemy's declarative base.
    extra: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column("metadata", JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    )
    current_version: int | None = None
    created_by: str | None = Field(default=None, sa_type=HexUuid)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
