"""since when a session plays without its watermark

Revision ID: f4b17d0e62a9
Revises: 5d0e7c42b9f1
Create Date: 2026-11-26 01:55:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "f4b17d0e62a9"
down_revision = "5d0e7c42b9f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("playback_sessions", sa.Column("watermark_missing_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("playback_sessions", "watermark_missing_since")
