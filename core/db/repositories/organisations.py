"""Organisations and the API keys by which their backends are known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import ApiKey, Organisation


class OrganisationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, organisation_id: str) -> Organisation | None:
        return await self._session.get(Organisation, organisation_id)

    async def lock(self, organisation_id: str) -> None:
        """Until this transaction ends no other one that asks gets past here; rows that refer to it can be added."""
        row = select(col(Organisation.id)).where(col(Organisation.id) == organisation_id)
        await self._session.execute(row.with_for_update(key_share=True))

    async def by_slug(self, slug: str) -> Organisation | None:
        return await self._session.scalar(select(Organisation).where(col(Organisation.slug) == slug))

    async def all(self) -> Sequence[Organisation]:
        """For operators."""
        return (await self._session.scalars(select(Organisation).order_by(col(Organisation.slug)))).all()

    async def ensure(self, organisation_id: str, slug: str, name: str) -> Organisation:
        """The organisation of that slug, created with this id and name when there is none."""
        values = {"id": organisation_id, "slug": slug, "name": name}
        await self._session.execute(insert(Organisation).values(values).on_conflict_do_nothing(index_elements=["slug"]))
        found = await self.by_slug(slug)
        if found is None:
            raise RuntimeError(f"organisation {slug} vanished while it was created")
        return found

    def add_api_key(self, key: ApiKey) -> None:
        self._session.add(key)

    async def api_key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The only query without an organisation: it is how a request learns its organisation."""
        return await self._session.scalar(select(ApiKey).where(col(ApiKey.key_hash) == key_hash))
