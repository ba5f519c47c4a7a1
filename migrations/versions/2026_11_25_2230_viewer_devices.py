"""devices of viewers, how far a session has played, and indexes for the feed of ended sessions

Revision ID: 5d0c7e41a8b2
Revises: 2f6a1c0d9b34
Create Date: 2026-11-25 22:30:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5d0c7e41a8b2"
down_revision = "2f6a1c0d9b34"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "viewer_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.String(length=255), nullable=False),
        sa.Column("device_id", sa.String(length=255), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_viewer_devices_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewer_devices")),
        sa.UniqueConstraint("organisation_id", "viewer_id", "device_id", name="uq_viewer_devices_device"),
    )
    op.create_index("ix_viewer_devices_viewer", "viewer_devices", ["organisation_id", "viewer_id", "first_seen"])
    op.add_column("playback_sessions", sa.Column("position", sa.Float(), nullable=True))
    for name, column in (("ended", "ended_at"), ("ended_expiry", "expires_at")):
        op.create_index(
            f"ix_playback_sessions_{name}",
            "playback_sessions",
            [column],
            postgresql_where=sa.text("ended_at IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index("ix_playback_sessions_ended_expiry", table_name="playback_sessions")
    op.drop_index("ix_playback_sessions_ended", table_name="playback_sessions")
    op.drop_column("playback_sessions", "position")
    op.drop_index("ix_viewer_devices_viewer", table_name="viewer_devices")
    op.drop_table("viewer_devices")
