"""OTPs that expired long ago are forgotten, oldest first

Revision ID: 5b8e2d40c6a1
Revises: c3a95f6e1d47
"""

from alembic import op

revision = "5b8e2d40c6a1"
down_revision = "c3a95f6e1d47"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_otps_expires_at", "otps", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_otps_expires_at", table_name="otps")
