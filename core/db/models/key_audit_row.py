"""Audit of every opening of a content key outside the licence path, which has `drm_licenses`. Never the key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid


class KeyAuditRow(SQLModel, table=True):
    """Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE. `kids` lists hex digits."""

    __tablename__ = "key_audit"

    organisation_id: str = Field(primary_key=True, foreign_key="organisations.id", sa_type=HexUuid)
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=TIMESTAMP)
    purpose: str = Field(max_length=32)
    actor: str = Field(max_length=200)
    request_id: str = Field(max_length=200)
    kids: list[str] = Field(sa_type=JSONB)
    digest: bytes
