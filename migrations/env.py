"""Run by Alembic. One migrator at a time, and never a table held hostage while it waits for a lock."""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool
from sqlmodel.sql.sqltypes import AutoString

from core.db.models import metadata
from core.db.models.columns import HexUuid

#: Any constant shared by all migrators of this database.
ADVISORY_LOCK = 0x5EA1CA57
LOCK_TIMEOUT = "10s"


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Migrations must outlive the models, so they name plain types."""
    if kind != "type":
        return False
    if isinstance(item, HexUuid):
        return "sa.Uuid()"
    if isinstance(item, AutoString | sa.Enum):
        return f"sa.String(length={item.length})" if item.length else "sa.Text()"
    return False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=False,
        render_item=render_item,
    )
    with context.begin_transaction():
        # The lock is taken before the timeout is set: waiting for another migrator is fine, for a busy table is not.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


def run() -> None:
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    url = context.config.get_main_option("sqlalchemy.url") or os.environ["DATABASE_URL"]
    with create_engine(url, poolclass=NullPool).connect() as connection:
        migrate(connection)


run()
