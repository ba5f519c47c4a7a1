"""folders and tags of videos, files beside them, and what lists of many videos are searched by

Revision ID: 5b7d90c3e2f4
Revises: 5b1e7d3c9a42
Create Date: 2026-11-26 01:55:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5b7d90c3e2f4"
down_revision = "5b1e7d3c9a42"
branch_labels = None
depends_on = None

_NEXT_NUMBER = sa.text("nextval('file_numbers')")

# Immutable, so that an index can be made of them. What stands between title and id is in no search.
_FUNCTIONS = (
    r"""
    CREATE FUNCTION video_search_text(title text, id uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lower(title) || chr(1) || replace(id::text, '-', '')
    """,
    """
    CREATE FUNCTION trigrams(searched text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (
        SELECT coalesce(array_agg(DISTINCT substr(searched, place, 3)), '{}')
        FROM generate_series(1, length(searched) - 2) AS place
    )
    """,
)


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute(sa.schema.CreateSequence(sa.Sequence("file_numbers")))
    op.create_table(
        "folders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_folders_organisation_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "parent_id"], ["folders.organisation_id", "folders.id"], name="fk_folders_parent"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_folders"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_folders_organisation_id_id"),
    )
    op.create_index("ix_folders_parent", "folders", ["organisation_id", "parent_id"])
    op.create_table(
        "video_files",
        sa.Column("number", sa.BigInteger(), server_default=_NEXT_NUMBER, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("object_key", sa.String(length=300), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "video_id"], ["videos.organisation_id", "videos.id"], name="fk_video_files_video"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_video_files"),
    )
    op.create_index("ix_video_files_video", "video_files", ["organisation_id", "video_id"])
    for table in ("video_versions", "video_variants"):
        op.add_column(table, sa.Column("file_number", sa.BigInteger(), server_default=_NEXT_NUMBER, nullable=False))
    op.add_column("videos", sa.Column("folder_id", sa.Uuid(), nullable=True))
    op.add_column(
        "videos",
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
    )
    op.create_foreign_key(
        "fk_videos_folder", "videos", "folders", ["organisation_id", "folder_id"], ["organisation_id", "id"]
    )
    op.create_index(
        "ix_videos_present",
        "videos",
        ["organisation_id", "folder_id", sa.text("created_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("status NOT IN ('deleting', 'deleted')"),
    )
    op.create_index("ix_videos_tags", "videos", ["tags"], postgresql_using="gin")
    op.create_index(
        "ix_videos_search", "videos", [sa.text("trigrams(video_search_text(title, id))")], postgresql_using="gin"
    )


def downgrade() -> None:
    for index in ("search", "tags", "present"):
        op.drop_index(f"ix_videos_{index}", "videos")
    op.drop_constraint("fk_videos_folder", "videos", type_="foreignkey")
    op.drop_column("videos", "tags")
    op.drop_column("videos", "folder_id")
    for table in ("video_variants", "video_versions"):
        op.drop_column(table, "file_number")
    op.drop_table("video_files")
    op.drop_table("folders")
    op.execute(sa.schema.DropSequence(sa.Sequence("file_numbers")))
    op.execute("DROP FUNCTION trigrams(text)")
    op.execute("DROP FUNCTION video_search_text(text, uuid)")
