"""Wrapped keys of content that other packagers package, and the record of who was given which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import ContentKey, ExternalKey, KeyDelivery
from core.domain.drm.external_key import ExternalKeyRecord
from core.domain.drm.key_records import KeyState, TenantKeyRecord


class ExternalKeyRepository:
    """Writes join the unit of work's transaction; who calls them commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_kids(self, organisation_id: str, kids: Collection[str]) -> Sequence[ExternalKeyRecord]:
        """In any state."""
        rows = await self._session.scalars(
            select(ExternalKey).where(
                col(ExternalKey.organisation_id) == organisation_id, col(ExternalKey.kid).in_(kids)
            )
        )
        return [_record(row) for row in rows]

    async def add(self, records: Sequence[ExternalKeyRecord]) -> None:
        """Two first requests may race: whoever comes second keeps what is there. One order, so that none waits in a
        circle."""
        ordered = sorted(records, key=lambda record: record.kid)
        statement = insert(ExternalKey).values([asdict(record) for record in ordered])
        await self._session.execute(statement.on_conflict_do_nothing())

    async def any_of_videos(self, organisation_id: str, kids: Collection[str]) -> bool:
        """Whether one of the KIDs belongs to a video of the organisation."""
        found = await self._session.scalar(
            select(col(ContentKey.kid))
            .where(col(ContentKey.organisation_id) == organisation_id, col(ContentKey.kid).in_(kids))
            .limit(1)
        )
        return found is not None

    async def wrapped_by_others(
        self, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[ExternalKeyRecord]:
        """By KID, after one: what another key of the organisation's wraps. Locked until the transaction ends."""
        query = select(ExternalKey).where(
            col(ExternalKey.organisation_id) == current.organisation_id, col(ExternalKey.tenant_key_id) != current.id
        )
        if after is not None:
            query = query.where(col(ExternalKey.kid) > after)
        rows = await self._session.scalars(query.order_by(col(ExternalKey.kid)).limit(most).with_for_update())
        return [_record(row) for row in rows]

    async def rewrap(self, records: Sequence[ExternalKeyRecord]) -> None:
        """Keep what wraps them now."""
        for record in records:
            await self._session.execute(
                update(ExternalKey)
                .where(col(ExternalKey.organisation_id) == record.organisation_id, col(ExternalKey.kid) == record.kid)
                .values(wrapped_key=record.wrapped_key, tenant_key_id=record.tenant_key_id)
            )

    def record_delivery(self, delivery: KeyDelivery) -> None:
        self._session.add(delivery)


def _record(row: ExternalKey) -> ExternalKeyRecord:
    return ExternalKeyRecord(
        organisation_id=row.organisation_id,
        kid=row.kid,
        content_id=row.content_id,
        track_type=row.track_type,
        crypto_period=row.crypto_period,
        iv=row.iv,
        wrapped_key=row.wrapped_key,
        tenant_key_id=row.tenant_key_id,
        wrap_alg=row.wrap_alg,
        state=KeyState(row.state),
    )
