"""The ledger of offline licences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import OfflineLicence
from core.domain.errors import NotFound

_LISTED = 500


class OfflineLicenceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_copies(self, organisation_id: str, video_id: str, holder: str) -> Sequence[OfflineLicence]:
        """One holder's copies of one video. Whoever else counts them waits for the end of this transaction."""
        name = f"offline/{organisation_id}/{video_id}/{holder}"
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        return await self.copies(organisation_id, video_id, holder)

    async def copies(self, organisation_id: str, video_id: str, holder: str) -> Sequence[OfflineLicence]:
        query = select(OfflineLicence).where(
            col(OfflineLicence.organisation_id) == organisation_id,
            col(OfflineLicence.video_id) == video_id,
            col(OfflineLicence.holder) == holder,
        )
        return (await self._session.execute(query)).scalars().all()

    def add(self, copy: OfflineLicence) -> None:
        self._session.add(copy)

    async def of_video(self, organisation_id: str, video_id: str) -> Sequence[OfflineLicence]:
        """The newest first, up to 500."""
        query = (
            select(OfflineLicence)
            .where(col(OfflineLicence.organisation_id) == organisation_id, col(OfflineLicence.video_id) == video_id)
            .order_by(col(OfflineLicence.issued_at).desc(), col(OfflineLicence.id))
            .limit(_LISTED)
        )
        return (await self._session.execute(query)).scalars().all()

    async def release(self, organisation_id: str, video_id: str, copy_id: str, now: datetime) -> None:
        """Idempotent: the first release counts. Raises NotFound."""
        query = (
            update(OfflineLicence)
            .where(
                col(OfflineLicence.organisation_id) == organisation_id,
                col(OfflineLicence.video_id) == video_id,
                col(OfflineLicence.id) == copy_id,
            )
            .values(released_at=func.coalesce(col(OfflineLicence.released_at), now))
            .returning(col(OfflineLicence.id))
        )
        if (await self._session.execute(query)).scalar_one_or_none() is None:
            raise NotFound("There is no such offline licence.")
