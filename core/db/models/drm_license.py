"""Audit of licences: what was handed out, to which session, until when. Never the key.

It is also the audit of opening content keys on the licence path: a trigger refuses to change or remove what a row says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid, utc_now
from core.request_id import current_request_id


class DrmLicense(SQLModel, table=True):
    """`license_type` is the key system ("clearkey", "widevine", ...); `restrictions` lists the KIDs granted."""

    __tablename__ = "drm_licenses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_drm_licenses_video"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["playback_sessions.organisation_id", "playback_sessions.id"],
            name="fk_drm_licenses_session",
        ),
        ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_drm_licenses_user"
        ),
        Index("ix_drm_licenses_session", "organisation_id", "session_id"),
        Index("ix_drm_licenses_video", "organisation_id", "video_id", "issued_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    session_id: str = Field(sa_type=HexUuid)
    user_id: str | None = Field(default=None, sa_type=HexUuid)
    device_id: str | None = Field(default=None, max_length=255)
    license_type: str = Field(max_length=50)
    issued_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    request_id: str | None = Field(default_factory=current_request_id, max_length=200)
    restrictions: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'::jsonb")}
    )
