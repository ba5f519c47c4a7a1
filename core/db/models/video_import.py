"""Where a version's source is imported from, and how far that has come."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, utc_now
from core.db.models.version_reference import version_reference


class VideoImport(SQLModel, table=True):
    """`url` may hold credentials: it is dropped when it is needed no more. `origin` (scheme and host) stays.

    `validator` names the state of the source that the stored parts are of; None when its server names none.
    `beginnings` counts how often it was fetched from its first byte on; `progressed_at` is when something was
    last stored of it.
    """

    __tablename__ = "video_imports"
    __table_args__ = (version_reference("video_imports"),)

    video_id: str = Field(primary_key=True, sa_type=HexUuid)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    organisation_id: str = Field(sa_type=HexUuid)
    origin: str = Field(max_length=300)
    url: str | None = Field(default=None, max_length=4000, repr=False)
    validator: str | None = Field(default=None, max_length=300)
    beginnings: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    started_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    progressed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    fetched_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
