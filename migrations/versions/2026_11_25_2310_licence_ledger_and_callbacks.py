"""the ledger of offline licences, and the addresses that organisations want to be asked at

Revision ID: 8c4e5d2b7a19
Revises: 8c41d7e2a950
Create Date: 2026-11-25 23:10:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8c4e5d2b7a19"
down_revision = "8c41d7e2a950"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "licence_callbacks",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("fail_open", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_licence_callbacks_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_licence_callbacks"),
    )
    op.create_table(
        "offline_licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("device_id", sa.String(length=255), nullable=False),
        sa.Column("license_type", sa.String(length=50), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_offline_licences_video"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["playback_sessions.organisation_id", "playback_sessions.id"],
            name="fk_offline_licences_session",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_offline_licences"),
        sa.UniqueConstraint("organisation_id", "video_id", "holder", "device_id", name="uq_offline_licences_device"),
    )


def downgrade() -> None:
    op.drop_table("offline_licences")
    op.drop_table("licence_callbacks")
