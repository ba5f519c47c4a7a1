"""One upload of a video and what became of it, or the same under new keys. Immutable once published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, FILE_NUMBER, TIMESTAMP, UPDATED, HexUuid, text_enum, utc_now
from core.domain.video import VideoState


class VideoVersion(SQLModel, table=True):
    """`source_size` is the announced size in bytes; `source_sha256` the announced checksum, then the one found.

    `rekeyed_from` is the version whose tracks this one has under new keys: nothing was uploaded or encoded for it, and
    `source_key` is that version's. `import_pending`: the source is still at an address, or on its way from there.
    `look_at` is when to look next whether a form has sent the file; None for every other kind of upload.
    """

    __tablename__ = "video_versions"
    __table_args__ = (
        UniqueConstraint("video_id", "version", name="uq_video_versions_video_id_version"),
        UniqueConstraint("organisation_id", "video_id", "version", name="uq_video_versions_reference"),
        ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_video_versions_video"
        ),
        Index("ix_video_versions_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        Index("ix_video_versions_queued", "updated_at", postgresql_where=text("status = 'queued'")),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    version: int
    status: VideoState = Field(default=VideoState.PRE_UPLOAD, sa_type=text_enum(VideoState))
    source_filename: str = Field(max_length=500)
    source_content_type: str = Field(default="application/octet-stream", max_length=200)
    source_key: str = Field(max_length=300)
    source_size: int = Field(sa_type=BigInteger)
    source_sha256: str | None = Field(default=None, max_length=64)
    upload_id: str | None = Field(default=None, max_length=500, repr=False)
    part_size: int = Field(sa_type=BigInteger)
    look_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    antivirus: str | None = Field(default=None, max_length=300)
    scheme: str = Field(max_length=8)
    crypto_period_seconds: int | None = None
    rekeyed_from: int | None = None
    import_pending: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    warnings: list[str] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'::jsonb")}
    )
    plan: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    facts: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    failure_code: str | None = Field(default=None, max_length=50)
    failure_detail: str | None = Field(default=None, sa_type=Text)
    published_prefix: str | None = Field(default=None, max_length=300)
    published_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    retired_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    file_number: int | None = Field(default=None, nullable=False, sa_type=BigInteger, sa_column_kwargs=FILE_NUMBER)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
