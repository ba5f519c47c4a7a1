"""requests that carry an idempotency key, and their answers

Revision ID: 7e1f4a9c2d35
Revises: 5b8e2d40c6a1
"""

import sqlalchemy as sa
from alembic import op

from core.db.models.columns import HexUuid

revision = "7e1f4a9c2d35"
down_revision = "5b8e2d40c6a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotent_requests",
        sa.Column("organisation_id", HexUuid(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_idempotent_requests_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "key", name="pk_idempotent_requests"),
    )
    op.create_index("ix_idempotent_requests_started_at", "idempotent_requests", ["started_at"])


def downgrade() -> None:
    op.drop_table("idempotent_requests")
