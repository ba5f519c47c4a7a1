"""Each time that an OTP was redeemed, and the session it opened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid, utc_now


class OtpRedemption(SQLModel, table=True):
    """`fingerprint` is a hash by which a player that asks again is known; None when it named no nonce."""

    __tablename__ = "otp_redemptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "otp_id"], ["otps.organisation_id", "otps.id"], name="fk_otp_redemptions_otp"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["playback_sessions.organisation_id", "playback_sessions.id"],
            name="fk_otp_redemptions_session",
        ),
        Index("ix_otp_redemptions_retry", "organisation_id", "otp_id", "fingerprint", "redeemed_at"),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(sa_type=HexUuid)
    otp_id: str = Field(sa_type=HexUuid)
    session_id: str = Field(sa_type=HexUuid)
    fingerprint: str | None = Field(default=None, max_length=64, repr=False)
    redeemed_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP)
