"""which version another one was re-keyed from

Revision ID: c3a95f6e1d47
Revises: 8c4e5d2b7a19
Create Date: 2026-11-25 23:20:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c3a95f6e1d47"
down_revision = "8c4e5d2b7a19"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("video_versions", sa.Column("rekeyed_from", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("video_versions", "rekeyed_from")
