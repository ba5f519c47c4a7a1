"""roles, expiry and networks of API keys, and an audit log that cannot be changed

Revision ID: 7e2d90b45ac1
Revises: c3a95f6e1d47
Create Date: 2026-11-26 02:00:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7e2d90b45ac1"
down_revision = "c3a95f6e1d47"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _api_keys()
    _audit_log()


def _api_keys() -> None:
    # A key could do everything before there were roles.
    op.add_column("api_keys", sa.Column("roles", JSON, server_default=sa.text("'[\"editor\"]'::jsonb"), nullable=False))
    op.add_column("api_keys", sa.Column("networks", JSON, server_default=sa.text("'[]'::jsonb"), nullable=False))
    op.add_column("api_keys", sa.Column("expires_at", AT, nullable=True))
    op.create_index("ix_api_keys_name", "api_keys", ["organisation_id", "name"])


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_audit_log_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "sequence", name=op.f("pk_audit_log")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_log"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("audit_log")
    op.drop_index("ix_api_keys_name", table_name="api_keys")
    for column in ("expires_at", "networks", "roles"):
        op.drop_column("api_keys", column)
