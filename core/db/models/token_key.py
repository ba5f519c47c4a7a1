"""Ed25519 keys that sign access tokens, for all organisations. The private halves are wrapped by the root key."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.db.models.columns import TIMESTAMP


class TokenKey(SQLModel, table=True):
    """Published from `created_at`, signs from `active_from` until the next one does."""

    __tablename__ = "token_keys"

    kid: str = Field(primary_key=True, max_length=32)
    public_key: bytes
    wrapped_key: bytes = Field(repr=False)
    root_key_id: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=TIMESTAMP)
    active_from: datetime = Field(sa_type=TIMESTAMP)
