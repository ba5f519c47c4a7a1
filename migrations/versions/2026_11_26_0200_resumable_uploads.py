"""uploads by form and resumable uploads

Revision ID: 5b1e7d3c9a42
Revises: 5b1f7e3a9c64
Create Date: 2026-11-26 02:00:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5b1e7d3c9a42"
down_revision = "5b1f7e3a9c64"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("video_versions", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_video_versions_look_at", "video_versions", ["look_at"], postgresql_where=sa.text("look_at IS NOT NULL")
    )
    op.create_table(
        "resumable_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("final_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("multipart_id", sa.String(length=500), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("part_size", sa.BigInteger(), nullable=False),
        sa.Column("metadata_header", sa.Text(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("received >= 0 AND received <= length", name="ck_resumable_uploads_received"),
        sa.CheckConstraint("(kind = 'partial') = (video_id IS NULL)", name="ck_resumable_uploads_kind"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_resumable_uploads_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "video_id", "version"],
            ["video_versions.organisation_id", "video_versions.video_id", "video_versions.version"],
            name="fk_resumable_uploads_version",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "final_id"],
            ["resumable_uploads.organisation_id", "resumable_uploads.id"],
            name="fk_resumable_uploads_final",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resumable_uploads")),
        sa.UniqueConstraint("organisation_id", "id", name="uq_resumable_uploads_organisation_id_id"),
    )
    op.create_index(
        "ix_resumable_uploads_listing",
        "resumable_uploads",
        ["organisation_id", sa.text("created_at DESC"), sa.text("id DESC")],
    )
    op.create_index("ix_resumable_uploads_expires_at", "resumable_uploads", ["expires_at"])
    op.create_index(
        "ix_resumable_uploads_final_id",
        "resumable_uploads",
        ["final_id"],
        postgresql_where=sa.text("final_id IS NOT NULL"),
    )
    op.create_index(
        "ix_resumable_uploads_open",
        "resumable_uploads",
        ["created_at"],
        postgresql_where=sa.text("completed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("resumable_uploads")
    op.drop_index("ix_video_versions_look_at", table_name="video_versions")
    op.drop_column("video_versions", "look_at")
