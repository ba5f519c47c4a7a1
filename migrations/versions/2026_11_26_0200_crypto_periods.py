"""content keys that change inside a video

Revision ID: 5d0e7c42b9f1
Revises: 7e1f4a9c2d35
Create Date: 2026-11-26 02:00:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5d0e7c42b9f1"
down_revision = "7e1f4a9c2d35"
branch_labels = None
depends_on = None

_LABEL = "uq_content_keys_label"
_OF_VERSION = ["organisation_id", "video_id", "version", "label"]


def upgrade() -> None:
    op.add_column("video_versions", sa.Column("crypto_period_seconds", sa.Integer(), nullable=True))
    op.add_column(
        "content_keys", sa.Column("crypto_period", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.drop_constraint(_LABEL, "content_keys", type_="unique")
    op.create_unique_constraint(_LABEL, "content_keys", [*_OF_VERSION, "crypto_period"])


def downgrade() -> None:
    # What later periods were encrypted with is lost: such videos have to be published again.
    op.execute("DELETE FROM content_keys WHERE crypto_period > 0")
    op.drop_constraint(_LABEL, "content_keys", type_="unique")
    op.create_unique_constraint(_LABEL, "content_keys", _OF_VERSION)
    op.drop_column("content_keys", "crypto_period")
    op.drop_column("video_versions", "crypto_period_seconds")
