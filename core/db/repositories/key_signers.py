"""Signers of the Widevine key server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import KeySigner
from core.domain.drm.key_records import TenantKeyRecord


@dataclass(frozen=True)
class SignerSecret:
    """The key and IV of an "aes" signer, wrapped by the tenant key `tenant_key_id`."""

    signer_id: str
    organisation_id: str
    wrapped_key: bytes = field(repr=False)
    tenant_key_id: str


class KeySignerRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, signer: KeySigner) -> bool:
        """Whether it was added: not when the organisation has one of that name already."""
        statement = insert(KeySigner).values(signer.model_dump()).on_conflict_do_nothing()
        return (await self._session.scalar(statement.returning(col(KeySigner.id)))) is not None

    async def by_name(self, organisation_id: str, name: str) -> KeySigner | None:
        return await self._session.scalar(
            select(KeySigner).where(col(KeySigner.organisation_id) == organisation_id, col(KeySigner.name) == name)
        )

    async def get(self, organisation_id: str, signer_id: str) -> KeySigner | None:
        return await self._session.scalar(
            select(KeySigner).where(col(KeySigner.organisation_id) == organisation_id, col(KeySigner.id) == signer_id)
        )

    async def all(self, organisation_id: str) -> Sequence[KeySigner]:
        """By name."""
        found = await self._session.scalars(
            select(KeySigner).where(col(KeySigner.organisation_id) == organisation_id).order_by(col(KeySigner.name))
        )
        return found.all()

    async def wrapped_by_others(self, current: TenantKeyRecord, after: str | None, most: int) -> Sequence[KeySigner]:
        """By id, after one: whose key another key of the organisation's wraps. Locked until the transaction ends."""
        query = select(KeySigner).where(
            col(KeySigner.organisation_id) == current.organisation_id, col(KeySigner.tenant_key_id) != current.id
        )
        if after is not None:
            query = query.where(col(KeySigner.id) > after)
        return (await self._session.scalars(query.order_by(col(KeySigner.id)).limit(most).with_for_update())).all()

    async def rewrap(self, moved: Sequence[SignerSecret]) -> None:
        """Keep what wraps them now."""
        for secret in moved:
            await self._session.execute(
                update(KeySigner)
                .where(col(KeySigner.organisation_id) == secret.organisation_id, col(KeySigner.id) == secret.signer_id)
                .values(wrapped_key=secret.wrapped_key, tenant_key_id=secret.tenant_key_id)
            )
