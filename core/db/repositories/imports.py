"""Imports: one row for each version whose source comes from an address."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import VideoImport
from core.domain.errors import NotFound


class ImportRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, row: VideoImport) -> None:
        self._session.add(row)

    async def lock(self, target: VersionRef) -> VideoImport:
        """Read for a change. Raises NotFound, also for another organisation's."""
        query = select(VideoImport).where(
            col(VideoImport.organisation_id) == target.organisation_id,
            col(VideoImport.video_id) == target.video_id,
            col(VideoImport.version) == target.version,
        )
        found: VideoImport | None = await self._session.scalar(query.with_for_update())
        if found is None:
            raise NotFound("There is no such import.")
        return found

    async def drop_addresses(self, organisation_id: str, video_id: str) -> None:
        """Of all of a video's imports: they may hold credentials."""
        await self._session.execute(
            update(VideoImport)
            .where(col(VideoImport.organisation_id) == organisation_id, col(VideoImport.video_id) == video_id)
            .values(url=None)
        )
