"""imports of sources by address

Revision ID: 5b1f7e3a9c64
Revises: e5b20c7d9a41
Create Date: 2026-11-26 02:00:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5b1f7e3a9c64"
down_revision = "e5b20c7d9a41"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "video_versions", sa.Column("import_pending", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "video_imports",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("url", sa.String(4000), nullable=True),
        sa.Column("validator", sa.String(300), nullable=True),
        sa.Column("beginnings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "video_id", "version"],
            ["video_versions.organisation_id", "video_versions.video_id", "video_versions.version"],
            name="fk_video_imports_version",
        ),
        sa.PrimaryKeyConstraint("video_id", "version", name="pk_video_imports"),
    )


def downgrade() -> None:
    op.drop_table("video_imports")
    op.drop_column("video_versions", "import_pending")
