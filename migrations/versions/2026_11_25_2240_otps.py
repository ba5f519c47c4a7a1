"""playback OTPs and their redemptions

Revision ID: 7c41d8e2a5f0
Revises: 8c41f0b7d2e6
Create Date: 2026-11-25 22:40:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7c41d8e2a5f0"
down_revision = "8c41f0b7d2e6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "otps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("otp_hash", sa.String(length=64), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("uses_left >= 0", name="ck_otps_uses_left"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_otps_video"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otps")),
        sa.UniqueConstraint("organisation_id", "id", name="uq_otps_organisation_id_id"),
        sa.UniqueConstraint("organisation_id", "otp_hash", name="uq_otps_organisation_id_otp_hash"),
    )
    op.create_table(
        "otp_redemptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("otp_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "otp_id"], ["otps.organisation_id", "otps.id"], name="fk_otp_redemptions_otp"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["playback_sessions.organisation_id", "playback_sessions.id"],
            name="fk_otp_redemptions_session",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_otp_redemptions")),
    )
    op.create_index(
        "ix_otp_redemptions_retry", "otp_redemptions", ["organisation_id", "otp_id", "fingerprint", "redeemed_at"]
    )


def downgrade() -> None:
    op.drop_table("otp_redemptions")
    op.drop_table("otps")
