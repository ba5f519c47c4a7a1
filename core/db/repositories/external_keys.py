"""Wrapped keys of content that other packagers package, and the record of who was given which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import ContentKey, ExternalKey, KeyDelivery
from core.domain.drm.external_key import ExternalKeyRecord
from core.domain.drm.key_records import KeyState


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
