"""Where an organisation wants to be asked before a licence is given."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP, HexUuid, utc_now


class LicenceCallback(SQLModel, table=True):
    """One an organisation. `fail_open` gives licences while the address does not answer."""

    __tablename__ = "licence_callbacks"

    organisation_id: str = Field(primary_key=True, foreign_key="organisations.id", sa_type=HexUuid)
    url: str = Field(max_length=2000)
    fail_open: bool = False
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP)
