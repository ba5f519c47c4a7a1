"""Captions and posters of a video: what lies beside its versions, and outlives them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, FILE_NUMBER, TIMESTAMP, HexUuid, text_enum, utc_now
from core.domain.video_file import FileKind


class VideoFile(SQLModel, table=True):
    """`size` in bytes, `width` and `height` in pixels.

    A poster with a `version` was made by us from that version, and goes with it.
    """

    __tablename__ = "video_files"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_video_files_video"
        ),
        Index("ix_video_files_video", "organisation_id", "video_id"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_kwargs=FILE_NUMBER)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    version: int | None = None
    kind: FileKind = Field(sa_type=text_enum(FileKind))
    name: str = Field(max_length=300)
    object_key: str = Field(max_length=300)
    size: int
    language: str | None = Field(default=None, max_length=35)
    width: int | None = None
    height: int | None = None
    enabled: bool = True
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
