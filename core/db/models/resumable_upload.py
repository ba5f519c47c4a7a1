"""Resumable uploads (tus) on their way. What is whole belongs to a version; the row goes when it has expired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, text_enum, utc_now
from core.domain.tus.kind import UploadKind


class ResumableUpload(SQLModel, table=True):
    """`received` bytes of `length` are safe: `received // part_size` parts, and the rest as an object of its own.

    `holder` is the request that may move it on, until `held_until`. `final_id` and `place` say of which final upload a
    partial one is a piece. `metadata_header` is the client's, as it came.
    """

    __tablename__ = "resumable_uploads"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_resumable_uploads_organisation_id_id"),
        ForeignKeyConstraint(
            ["organisation_id", "video_id", "version"],
            ["video_versions.organisation_id", "video_versions.video_id", "video_versions.version"],
            name="fk_resumable_uploads_version",
        ),
        ForeignKeyConstraint(
            ["organisation_id", "final_id"],
            ["resumable_uploads.organisation_id", "resumable_uploads.id"],
            name="fk_resumable_uploads_final",
        ),
        CheckConstraint("received >= 0 AND received <= length", name="ck_resumable_uploads_received"),
        CheckConstraint("(kind = 'partial') = (video_id IS NULL)", name="ck_resumable_uploads_kind"),
        Index("ix_resumable_uploads_listing", "organisation_id", text("created_at DESC"), text("id DESC")),
        Index("ix_resumable_uploads_expires_at", "expires_at"),
        Index("ix_resumable_uploads_final_id", "final_id", postgresql_where=text("final_id IS NOT NULL")),
        Index("ix_resumable_uploads_open", "created_at", postgresql_where=text("completed_at IS NULL")),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    kind: UploadKind = Field(sa_type=text_enum(UploadKind))
    video_id: str | None = Field(default=None, sa_type=HexUuid)
    version: int | None = None
    final_id: str | None = Field(default=None, sa_type=HexUuid)
    place: int | None = None
    object_key: str = Field(max_length=300)
    multipart_id: str = Field(max_length=500, repr=False)
    length: int = Field(sa_type=BigInteger)
    received: int = Field(default=0, sa_type=BigInteger)
    part_size: int = Field(sa_type=BigInteger)
    metadata_header: str = Field(default="", sa_type=Text, repr=False)
    holder: str | None = Field(default=None, sa_type=HexUuid)
    held_until: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    completed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
