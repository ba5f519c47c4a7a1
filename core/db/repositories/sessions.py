"""Playback sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import PlaybackSession


class SessionRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, session: PlaybackSession) -> None:
        self._session.add(session)

    async def get(self, organisation_id: str, session_id: str) -> PlaybackSession | None:
        return await self._session.scalar(
            select(PlaybackSession).where(
                col(PlaybackSession.organisation_id) == organisation_id, col(PlaybackSession.id) == session_id
            )
        )

    async def latest_end(self, target: VersionRef) -> datetime | None:
        """When the last session of the version ends or has ended; None when there never was one."""
        ends = func.coalesce(PlaybackSession.ended_at, PlaybackSession.expires_at)
        latest: datetime | None = await self._session.scalar(
            select(func.max(ends)).where(
                col(PlaybackSession.organisation_id) == target.organisation_id,
                col(PlaybackSession.video_id) == target.video_id,
                col(PlaybackSession.version) == target.version,
            )
        )
        return latest
