"""Videos as their owners know them; the bytes belong to versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, text_enum, utc_now
from core.domain.video import VideoState


class Video(SQLModel, table=True):
    """`duration` is whole seconds of the current version; `current_version` is what new sessions play.

    Without a folder, a video is in the root.
    """

    __tablename__ = "videos"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_videos_organisation_id_id"),
        ForeignKeyConstraint(
            ["organisation_id", "created_by"], ["users.organisation_id", "users.id"], name="fk_videos_created_by"
        ),
        Index("ix_videos_listing", "organisation_id", text("created_at DESC"), text("id DESC")),
        ForeignKeyConstraint(
            ["organisation_id", "folder_id"], ["folders.organisation_id", "folders.id"], name="fk_videos_folder"
        ),
        Index("ix_videos_deleting", "updated_at", postgresql_where=text("status = 'deleting'")),
        # For lists of what is there, and for counting it without looking at rows.
        Index(
            "ix_videos_present",
            "organisation_id",
            "folder_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("status NOT IN ('deleting', 'deleted')"),
        ),
        Index("ix_videos_tags", "tags", postgresql_using="gin"),
        # The functions are the migration's: trigrams as pg_trgm has them, which not every PostgreSQL brings.
        Index("ix_videos_search", text("trigrams(video_search_text(title, id))"), postgresql_using="gin"),
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
    folder_id: str | None = Field(default=None, sa_type=HexUuid)
    tags: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))
    )
    created_by: str | None = Field(default=None, sa_type=HexUuid)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
