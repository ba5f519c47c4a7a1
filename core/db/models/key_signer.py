"""Who may ask the Widevine key server, and how their requests are signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, HexUuid, utc_now


class KeySigner(SQLModel, table=True):
    """An "aes" signer has a wrapped key and IV (32 + 16 bytes), an "rsa" one its public key (SubjectPublicKeyInfo)."""

    __tablename__ = "key_signers"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name", name="uq_key_signers_organisation_id_name"),
        ForeignKeyConstraint(
            ["organisation_id", "tenant_key_id"],
            ["tenant_keys.organisation_id", "tenant_keys.id"],
            name="fk_key_signers_tenant_key",
        ),
    )

    id: str = Field(primary_key=True, sa_type=HexUuid)
    organisation_id: str = Field(foreign_key="organisations.id", sa_type=HexUuid)
    name: str = Field(max_length=64)
    kind: str = Field(max_length=8)
    wrapped_key: bytes | None = Field(default=None, repr=False)
    tenant_key_id: str | None = Field(default=None, sa_type=HexUuid)
    public_key: bytes | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    revoked_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
