"""what tenant keys are bound to, and an audit of content keys that cannot be changed

Revision ID: 8c41f0b7d2e6
Revises: 5d0c7e41a8b2
Create Date: 2026-11-25 22:30:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8c41f0b7d2e6"
down_revision = "5d0c7e41a8b2"
branch_labels = None
depends_on = None

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""

# What a licence's row says of the keys it gave is evidence; columns that follow a licence's life are not covered.
LICENCE = "id, organisation_id, video_id, session_id, user_id, device_id, license_type, issued_at, restrictions, request_id"


def upgrade() -> None:
    op.add_column("tenant_keys", sa.Column("binding", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("drm_licenses", sa.Column("request_id", sa.String(length=200), nullable=True))
    op.create_index("ix_content_keys_tenant_key", "content_keys", ["organisation_id", "tenant_key_id", "kid"])
    op.create_table(
        "key_audit",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("request_id", sa.String(length=200), nullable=False),
        sa.Column("kids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_key_audit_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "sequence", name=op.f("pk_key_audit")),
    )
    op.execute(REFUSE)
    for table, change in (("key_audit", "UPDATE"), ("drm_licenses", f"UPDATE OF {LICENCE}")):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {change} OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER append_only ON drm_licenses")
    op.execute("DROP TRIGGER never_emptied ON drm_licenses")
    op.drop_table("key_audit")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_index("ix_content_keys_tenant_key", table_name="content_keys")
    op.drop_column("drm_licenses", "request_id")
    op.drop_column("tenant_keys", "binding")
