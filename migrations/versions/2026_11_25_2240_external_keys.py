"""keys of other packagers' content, who may ask for them, and who was given which

Revision ID: 8c41d7e2a950
Revises: 7c41d8e2a5f0
Create Date: 2026-11-25 22:40:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8c41d7e2a950"
down_revision = "7c41d8e2a5f0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_keys",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(), nullable=False),
        sa.Column("track_type", sa.String(length=64), nullable=False),
        sa.Column("crypto_period", sa.BigInteger(), nullable=True),
        sa.Column("iv", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrap_alg", sa.String(length=32), nullable=False),
        sa.Column("tenant_key_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_external_keys_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_external_keys_tenant_key",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "kid", name=op.f("pk_external_keys")),
    )
    op.create_index("ix_external_keys_content", "external_keys", ["organisation_id", "content_id"])
    op.create_table(
        "key_signers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("tenant_key_id", sa.Uuid(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_key_signers_organisation_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_key_signers_tenant_key",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_signers")),
        sa.UniqueConstraint("organisation_id", "name", name="uq_key_signers_organisation_id_name"),
    )
    op.create_table(
        "key_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=16), nullable=False),
        sa.Column("caller", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(), nullable=False),
        sa.Column("kids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_key_deliveries_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_deliveries")),
    )
    op.create_index(
        "ix_key_deliveries_content", "key_deliveries", ["organisation_id", "content_id", "delivered_at"]
    )


def downgrade() -> None:
    op.drop_table("key_deliveries")
    op.drop_table("key_signers")
    op.drop_table("external_keys")
