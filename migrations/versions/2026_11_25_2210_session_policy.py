"""what a playback session was opened under, by whom, and when it was last heard of

Revision ID: 2f6a1c0d9b34
Revises: 6b1b74b1450f
Create Date: 2026-11-25 22:10:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2f6a1c0d9b34"
down_revision = "6b1b74b1450f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("playback_sessions", sa.Column("viewer_id", sa.String(length=255), nullable=True))
    op.add_column("playback_sessions", sa.Column("device_id", sa.String(length=255), nullable=True))
    op.add_column("playback_sessions", sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("playback_sessions", sa.Column("ended_reason", sa.String(length=50), nullable=True))
    op.add_column(
        "playback_sessions",
        sa.Column(
            "policy",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.create_index("ix_playback_sessions_viewer", "playback_sessions", ["organisation_id", "viewer_id", "expires_at"])


def downgrade() -> None:
    op.drop_index("ix_playback_sessions_viewer", table_name="playback_sessions")
    for column in ("policy", "ended_reason", "renewed_at", "device_id", "viewer_id"):
        op.drop_column("playback_sessions", column)
