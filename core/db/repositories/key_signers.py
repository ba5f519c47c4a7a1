"""Signers of the Widevine key server."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import KeySigner


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
