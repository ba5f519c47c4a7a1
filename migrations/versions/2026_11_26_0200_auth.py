"""roles of API keys, members and their sessions, and an audit log that cannot be changed

Revision ID: 7e2d90b45ac1
Revises: 5b7d90c3e2f4
Create Date: 2026-11-26 02:00:00.000000+00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7e2d90b45ac1"
down_revision = "5b7d90c3e2f4"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _api_keys()
    _audit_log()
    _members()
    _totp()
    _sso()
    _token_keys()


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


def _members() -> None:
    op.add_column("users", sa.Column("sso_issuer", sa.String(length=500), nullable=True))
    op.add_column("users", sa.Column("sso_subject", sa.String(length=255), nullable=True))
    op.add_column("users", sa.Column("removed_at", AT, nullable=True))
    op.create_unique_constraint("uq_users_sso", "users", ["organisation_id", "sso_issuer", "sso_subject"])
    op.create_table(
        "member_sessions",
        *_owned(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("impersonator", sa.String(length=100), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("last_used_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_reason", sa.String(length=32), nullable=True),
        *_constraints("member_sessions"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_member_sessions_user"
        ),
        sa.UniqueConstraint("organisation_id", "id", name="uq_member_sessions_organisation_id_id"),
    )
    op.create_index("ix_member_sessions_user", "member_sessions", ["organisation_id", "user_id", "created_at"])
    op.create_table(
        "refresh_tokens",
        *_owned(),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        *_constraints("refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "session_id"],
            ["member_sessions.organisation_id", "member_sessions.id"],
            name="fk_refresh_tokens_session",
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_index("ix_refresh_tokens_parent", "refresh_tokens", ["organisation_id", "parent_id"])
    op.create_table(
        "one_time_tokens",
        *_owned(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        *_constraints("one_time_tokens"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_one_time_tokens_user"
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_tokens_token_hash")),
    )
    op.create_index("ix_one_time_tokens_user", "one_time_tokens", ["organisation_id", "user_id"])


def _totp() -> None:
    op.create_table(
        "user_totp",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_secret", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_key_id", sa.Uuid(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("recovery_hashes", JSON, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_user_totp_organisation_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="fk_user_totp_user"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_user_totp_tenant_key",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_totp")),
    )


def _sso() -> None:
    op.create_table(
        "sso_connections",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("wrapped_secret", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_key_id", sa.Uuid(), nullable=False),
        sa.Column("default_role", sa.String(length=50), nullable=False),
        sa.Column("role_claim", sa.String(length=100), nullable=True),
        sa.Column("role_map", JSON, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_sso_connections_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_sso_connections_tenant_key",
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_sso_connections")),
    )


def _token_keys() -> None:
    op.create_table(
        "token_keys",
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("root_key_id", sa.String(length=200), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("active_from", AT, nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_token_keys")),
    )


def _owned() -> tuple[sa.Column, sa.Column]:
    return sa.Column("id", sa.Uuid(), nullable=False), sa.Column("organisation_id", sa.Uuid(), nullable=False)


def _constraints(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def downgrade() -> None:
    for table in ("token_keys", "sso_connections", "user_totp", "one_time_tokens", "refresh_tokens", "member_sessions"):
        op.drop_table(table)
    op.drop_constraint("uq_users_sso", "users")
    for column in ("removed_at", "sso_subject", "sso_issuer"):
        op.drop_column("users", column)
    op.drop_table("audit_log")
    op.drop_index("ix_api_keys_name", table_name="api_keys")
    for column in ("expires_at", "networks", "roles"):
        op.drop_column("api_keys", column)
