"""What a published version consists of: one row a track, as players may choose it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, FILE_NUMBER, TIMESTAMP, HexUuid, text_enum, utc_now
from core.db.models.version_reference import version_reference
from core.domain.variant import VariantKind


class VideoVariant(SQLModel, table=True):
    """`resolution` is the rung's name, `bitrate` bits per second, `file_url` the prefix of its objects."""

    __tablename__ = "video_variants"
    __table_args__ = (
        version_reference("video_variants"),
        Index("ix_video_variants_version", "organisation_id", "video_id", "version"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    version: int
    kind: VariantKind = Field(sa_type=text_enum(VariantKind))
    resolution: str | None = Field(default=None, max_length=20)
    width: int | None = None
    height: int | None = None
    bitrate: int | None = None
    codec: str | None = Field(default=None, max_length=50)
    frame_rate: str | None = Field(default=None, max_length=32)
    language: str | None = Field(default=None, max_length=35)
    file_url: str = Field(sa_type=Text)
    file_size: int = Field(default=0, sa_type=BigInteger)
    file_number: int | None = Field(default=None, nullable=False, sa_type=BigInteger, sa_column_kwargs=FILE_NUMBER)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
