"""Column types shared by the tables: hex ids, timestamps in UTC, enums kept as text."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Sequence, Uuid, func
from sqlalchemy import Enum as EnumType
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

# Every constraint gets a name, so that a later migration can say which one it means.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}


class HexUuid(TypeDecorator[str]):
    """A uuid column that Python sees as 32 lower-case hex digits, the form ids have in messages and URLs."""

    impl = Uuid
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else UUID(hex=value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.hex


def text_enum(enum: type[Enum]) -> TypeEngine[Any]:
    """Stored as VARCHAR by value, read back as the enum: adding a member needs no migration."""
    return EnumType(
        enum,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [str(m.value) for m in members],
    )


def utc_now() -> datetime:
    return datetime.now(UTC)


TIMESTAMP = DateTime(timezone=True)

#: For `sa_column_kwargs`: the database fills it in for statements that do not.
CREATED: dict[str, Any] = {"server_default": func.now()}
UPDATED: dict[str, Any] = {"server_default": func.now(), "onupdate": utc_now}

FILE_NUMBERS = Sequence("file_numbers", metadata=SQLModel.metadata)
#: For `sa_column_kwargs`: the number by which VdoCipher's clients know a file, one series for all tables with files.
FILE_NUMBER: dict[str, Any] = {"server_default": FILE_NUMBERS.next_value()}
