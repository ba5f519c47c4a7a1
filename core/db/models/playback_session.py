"""One viewer's permission to play one version until it expires."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid, utc_now
from core.db.models.version_reference import version_reference


class PlaybackSession(SQLModel, table=True):
    """`watch_duration` is seconds; `otp` names the OTP that the session was redeemed from, never the OTP itself.

    `viewer_id` and `device_id` are the customer's and the player's own names; `policy` is a SessionPolicy. `renewed_at`
    and `position` (seconds) are of the last heartbeat that was recorded; `ended_reason` is an EndReason.
    `watermark_missing_since` is when heartbeats began to come without a watermark that has to be shown.
    """

    __tablename__ = "playback_sessions"
    __table_args__ = (
        version_reference("playback_sessions"),
        UniqueConstraint("organisation_id", "id", name="uq_playback_sessions_organisation_id_id"),
        ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_playback_sessions_user"
        ),
        Index("ix_playback_sessions_version", "organisation_id", "video_id", "version", "expires_at"),
        Index("ix_playback_sessions_viewer", "organisation_id", "viewer_id", "expires_at"),
        # For the feed of ended sessions: what it asks every second, and what it asks when a process starts.
        Index("ix_playback_sessions_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_playback_sessions_ended_expiry", "expires_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    version: int
    user_id: str | None = Field(default=None, sa_type=HexUuid)
    viewer_id: str | None = Field(default=None, max_length=255)
    device_id: str | None = Field(default=None, max_length=255)
    otp: str | None = Field(default=None, max_length=100, repr=False)
    ip_address: str | None = Field(default=None, sa_type=INET)
    user_agent: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    renewed_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    watermark_missing_since: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    ended_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    ended_reason: str | None = Field(default=None, max_length=50)
    position: float | None = None
    watch_duration: int | None = None
    events: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'::jsonb")}
    )
    policy: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'::jsonb")}
    )
