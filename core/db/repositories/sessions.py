"""Playback sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import PlaybackSession, VideoVersion
from core.db.models.columns import TIMESTAMP, HexUuid
from core.domain.playback.endings import EndReason
from core.ports import OpenStream, ViewerRef


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

    async def with_plan(
        self, organisation_id: str, session_id: str
    ) -> tuple[PlaybackSession, dict[str, Any] | None] | None:
        """A session, and the plan of the version that it plays, in one query."""
        row = (
            await self._session.execute(
                select(PlaybackSession, col(VideoVersion.plan))
                .join(
                    VideoVersion,
                    and_(
                        col(PlaybackSession.organisation_id) == col(VideoVersion.organisation_id),
                        col(PlaybackSession.video_id) == col(VideoVersion.video_id),
                        col(PlaybackSession.version) == col(VideoVersion.version),
                    ),
                )
                .where(col(PlaybackSession.organisation_id) == organisation_id, col(PlaybackSession.id) == session_id)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

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

    async def lock_viewer(self, viewer: ViewerRef) -> None:
        """Until this transaction ends, nobody else decides about the viewer's streams and devices."""
        # Two viewers whose names hash alike wait for each other, and nothing worse.
        key = func.hashtextextended(f"{viewer.organisation_id}:{viewer.viewer_id}", 0)
        await self._session.execute(select(func.pg_advisory_xact_lock(key)))

    async def open_streams(self, viewer: ViewerRef, now: datetime) -> tuple[OpenStream, ...]:
        """The viewer's sessions that could play now."""
        renewed = func.coalesce(PlaybackSession.renewed_at, PlaybackSession.started_at)
        query = select(col(PlaybackSession.id), col(PlaybackSession.started_at), renewed).where(*_open(viewer, now))
        return tuple(OpenStream(*row) for row in await self._session.execute(query))

    async def page(
        self, viewer: ViewerRef, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[PlaybackSession]:
        """Newest first; `before` is (started_at, id) of the previous page's last row."""
        query = (
            select(PlaybackSession)
            .where(*_of(viewer))
            .order_by(col(PlaybackSession.started_at).desc(), col(PlaybackSession.id).desc())
            .limit(limit)
        )
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(PlaybackSession.started_at), col(PlaybackSession.id)) < last)
        return (await self._session.scalars(query)).all()

    async def renew(self, organisation_id: str, session_id: str, at: datetime, position: float | None) -> None:
        """Record a heartbeat; without a position the last one stays."""
        values = {"renewed_at": at} | ({} if position is None else {"position": position})
        await self._session.execute(
            update(PlaybackSession)
            .where(
                col(PlaybackSession.organisation_id) == organisation_id,
                col(PlaybackSession.id) == session_id,
                col(PlaybackSession.ended_at).is_(None),
            )
            .values(values)
        )

    async def note_watermark(self, organisation_id: str, session_id: str, missing_since: datetime | None) -> None:
        await self._session.execute(
            update(PlaybackSession)
            .where(col(PlaybackSession.organisation_id) == organisation_id, col(PlaybackSession.id) == session_id)
            .values(watermark_missing_since=missing_since)
        )

    async def end(
        self, organisation_id: str, session_ids: Sequence[str], reason: EndReason, at: datetime
    ) -> Sequence[PlaybackSession]:
        """Those that were open and are ended now."""
        if not session_ids:
            return []
        return await self._end(
            (col(PlaybackSession.organisation_id) == organisation_id, col(PlaybackSession.id).in_(session_ids)),
            reason,
            at,
        )

    async def end_of_viewer(self, viewer: ViewerRef, reason: EndReason, at: datetime) -> Sequence[PlaybackSession]:
        """All of them; those that were open."""
        return await self._end(_of(viewer), reason, at)

    async def end_of_devices(
        self, viewer: ViewerRef, device_ids: Sequence[str], reason: EndReason, at: datetime
    ) -> Sequence[PlaybackSession]:
        return await self._end((*_of(viewer), col(PlaybackSession.device_id).in_(device_ids)), reason, at)

    async def ended(self, within: timedelta | None, now: datetime) -> Sequence[tuple[str, datetime]]:
        """For the feed over all organisations: (id, expiry) of sessions that were ended and have not expired.

        `within` limits it to the latest, by the clock of the database, which is the one that stamped them.
        """
        query = select(col(PlaybackSession.id), col(PlaybackSession.expires_at)).where(
            col(PlaybackSession.ended_at).is_not(None), col(PlaybackSession.expires_at) > now
        )
        if within is not None:
            query = query.where(col(PlaybackSession.ended_at) >= func.statement_timestamp() - within)
        return [(row[0], row[1]) for row in await self._session.execute(query)]

    async def _end(
        self, which: Sequence[ColumnElement[bool]], reason: EndReason, at: datetime
    ) -> Sequence[PlaybackSession]:
        """An expired session has ended by itself, and keeps that.

        Stamped by the database: the feed must not miss one because the clocks of two API processes differ.
        """
        ended = await self._session.scalars(
            update(PlaybackSession)
            .where(*which, col(PlaybackSession.ended_at).is_(None), col(PlaybackSession.expires_at) > at)
            .values(ended_at=func.clock_timestamp(), ended_reason=reason.value)
            .returning(PlaybackSession)
            .execution_options(populate_existing=True)
        )
        return ended.all()


def _of(viewer: ViewerRef) -> tuple[ColumnElement[bool], ...]:
    return (
        col(PlaybackSession.organisation_id) == viewer.organisation_id,
        col(PlaybackSession.viewer_id) == viewer.viewer_id,
    )


def _open(viewer: ViewerRef, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (*_of(viewer), col(PlaybackSession.ended_at).is_(None), col(PlaybackSession.expires_at) > now)
