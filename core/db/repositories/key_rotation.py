"""Wrapped keys on their way from one wrapping key to the next."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import ContentKey, TenantKey
from core.db.repositories.keys import content_key_record, tenant_key_record
from core.domain.drm.key_records import ContentKeyRecord, KeyState, TenantKeyRecord


class KeyRotationRepository:
    """Pages are ordered by id; `after` is the id that the page before ended with."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def tenant_keys(self, organisation_id: str, *, lock: bool = False) -> list[TenantKeyRecord]:
        """All of the organisation's, newest first. Locking waits for those who are about to wrap with one of them."""
        query = select(TenantKey).where(col(TenantKey.organisation_id) == organisation_id)
        query = query.order_by(col(TenantKey.version).desc())
        rows = await self._session.scalars(query.with_for_update(key_share=True) if lock else query)
        return [tenant_key_record(row) for row in rows]

    async def retire_tenant_keys(self, organisation_id: str) -> None:
        await self._session.execute(
            update(TenantKey)
            .where(col(TenantKey.organisation_id) == organisation_id, col(TenantKey.state) == KeyState.ACTIVE)
            .values(state=KeyState.RETIRED)
        )

    async def content_keys_left(self, current: TenantKeyRecord, after: str | None, most: int) -> list[ContentKeyRecord]:
        """Keys of the organisation that another tenant key than `current` wraps, locked until the transaction ends."""
        query = select(ContentKey).where(
            col(ContentKey.organisation_id) == current.organisation_id,
            col(ContentKey.tenant_key_id) != current.id,
            col(ContentKey.state) != KeyState.DESTROYED,
        )
        if after is not None:
            query = query.where(col(ContentKey.kid) > after)
        rows = await self._session.scalars(query.order_by(col(ContentKey.kid)).limit(most).with_for_update())
        return [content_key_record(row) for row in rows]

    async def replace_content_keys(self, records: Sequence[ContentKeyRecord]) -> None:
        """Store the new wrapping of rows that the caller has locked."""
        if not records:
            return
        await self._session.execute(
            update(ContentKey),
            [
                {
                    "kid": record.kid,
                    "wrapped_key": record.wrapped_key,
                    "wrap_alg": record.wrap_alg,
                    "tenant_key_id": record.tenant_key_id,
                }
                for record in records
            ],
        )

    async def tenant_keys_left(self, root_key_id: str | None, after: str | None, most: int) -> list[TenantKeyRecord]:
        """Keys of all organisations that another root key than this one wraps; with None, all keys there are."""
        query = select(TenantKey).where(col(TenantKey.state) != KeyState.DESTROYED)
        if root_key_id is not None:
            query = query.where(col(TenantKey.root_key_id) != root_key_id)
        if after is not None:
            query = query.where(col(TenantKey.id) > after)
        rows = await self._session.scalars(query.order_by(col(TenantKey.id)).limit(most))
        return [tenant_key_record(row) for row in rows]

    async def replace_tenant_key(self, before: TenantKeyRecord, after: TenantKeyRecord) -> None:
        """Store the new wrapping, unless somebody else has stored one meanwhile: it holds the same key."""
        await self._session.execute(
            update(TenantKey)
            .where(
                col(TenantKey.organisation_id) == before.organisation_id,
                col(TenantKey.id) == before.id,
                col(TenantKey.wrapped_key) == before.wrapped_key,
            )
            .values(wrapped_key=after.wrapped_key, root_key_id=after.root_key_id, binding=after.binding)
        )
