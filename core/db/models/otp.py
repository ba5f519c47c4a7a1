"""Playback OTPs that were issued. Only their hash is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class Otp(SQLModel, table=True):
    """`otp_hash` is the hex SHA-256 of the OTP; `uses_left` None is no limit; `policy` is an OTP request."""

    __tablename__ = "otps"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id", name="uq_otps_organisation_id_id"),
        UniqueConstraint("organisation_id", "otp_hash", name="uq_otps_organisation_id_otp_hash"),
        ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_otps_video"
        ),
        CheckConstraint("uses_left >= 0", name="ck_otps_uses_left"),
        Index("ix_otps_expires_at", "expires_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    video_id: str = Field(sa_type=HexUuid)
    otp_hash: str = Field(max_length=64, repr=False)
    policy: dict[str, Any] = Field(sa_type=JSONB, repr=False)
    uses_left: int | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    expires_at: datetime = Field(sa_type=TIMESTAMP)
