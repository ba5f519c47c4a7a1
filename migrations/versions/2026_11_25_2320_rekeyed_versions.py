"""which version another one was re-keyed from

Revision ID: c3a95f6e1d47
Revises: 8c41f0b7d2e6
Create Date: 2026-11-25 23:20:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c3a95f6e1d47"
down_revision = "8c41f0b7d2e6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("video_versions", sa.Column("rekeyed_from", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("video_versions", "rekeyed_from")
