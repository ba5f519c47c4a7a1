"""The ledger of licences that devices keep: who holds a copy of what, where, until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class OfflineLicence(SQLModel, table=True):
    """`holder` is the viewer, or the session where no viewer is named; `challenge_hash` is of the last download."""

    __tablename__ = "offline_licences"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_offline_licences_video"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["playback_sessions.organisation_id", "playback_sessions.id"],
            name="fk_offline_licences_session",
        ),
        UniqueConstraint("organisation_id", "video_id", "holder", "device_id", name="uq_offline_licences_device"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    session_id: str = Field(sa_type=HexUuid)
    holder: str = Field(max_length=255)
    device_id: str = Field(max_length=255)
    license_type: str = Field(max_length=50)
    downloads: int
    challenge_hash: str = Field(max_length=64)
    issued_at: datetime = Field(sa_type=TIMESTAMP)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
    released_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
