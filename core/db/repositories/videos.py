"""Videos and their versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.models.columns import TIMESTAMP, HexUuid
from core.domain.errors import NotFound
from core.domain.failures import OUR_FAULT
from core.domain.video import VideoState

Row = TypeVar("Row", Video, VideoVersion)

_ALIVE = (VideoState.QUEUED, VideoState.PROCESSING, VideoState.READY)


class VideoRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, video: Video) -> None:
        self._session.add(video)

    def add_version(self, version: VideoVersion) -> None:
        self._session.add(version)

    async def flush(self) -> None:
        """Send what was added, so that rows which refer to it can follow in the same transaction."""
        await self._session.flush()

    async def get(self, organisation_id: str, video_id: str) -> Video:
        """Raises NotFound, also for another organisation's video."""
        return _found(await self._session.scalar(_video(organisation_id, video_id)))

    async def lock(self, organisation_id: str, video_id: str) -> Video:
        """Read for a change of state: changes of one video happen one after the other. Raises NotFound."""
        return _found(await self._session.scalar(_video(organisation_id, video_id).with_for_update()))

    async def lock_shared(self, organisation_id: str, video_id: str) -> Video:
        """Read such that the video cannot change state before this transaction ends. Raises NotFound."""
        return _found(await self._session.scalar(_video(organisation_id, video_id).with_for_update(read=True)))

    async def version(self, target: VersionRef) -> VideoVersion:
        """Raises NotFound, also for another organisation's version."""
        query = _versions(target.organisation_id, target.video_id)
        return _found(await self._session.scalar(query.where(col(VideoVersion.version) == target.version)))

    async def versions(self, organisation_id: str, video_id: str) -> Sequence[VideoVersion]:
        """All versions, oldest first."""
        found = await self._session.scalars(_versions(organisation_id, video_id).order_by(col(VideoVersion.version)))
        return found.all()

    async def latest_version(self, organisation_id: str, video_id: str) -> VideoVersion:
        """Raises NotFound."""
        query = _versions(organisation_id, video_id).order_by(col(VideoVersion.version).desc()).limit(1)
        return _found(await self._session.scalar(query))

    async def source_is_shared(self, version: VideoVersion) -> bool:
        """Whether another version that plays, or is being made, comes from the same source."""
        query = _versions(version.organisation_id, version.video_id).where(
            col(VideoVersion.source_key) == version.source_key,
            col(VideoVersion.version) != version.version,
            col(VideoVersion.status).in_(_ALIVE),
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def owner_of(self, video_id: str) -> str | None:
        """For operators, who know no tenants: the organisation of a video."""
        owner: str | None = await self._session.scalar(
            select(col(Video.organisation_id)).where(col(Video.id) == video_id)
        )
        return owner

    async def page(
        self, organisation_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[Video]:
        """Newest first, without deleted ones; `before` is (created_at, id) of the previous page's last row."""
        query = (
            select(Video)
            .where(col(Video.organisation_id) == organisation_id, col(Video.status) != VideoState.DELETED)
            .order_by(col(Video.created_at).desc(), col(Video.id).desc())
            .limit(limit)
        )
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(Video.created_at), col(Video.id)) < last)
        return (await self._session.scalars(query)).all()

    async def queued_versions(self, not_after: datetime, limit: int) -> Sequence[VideoVersion]:
        """For the sweep over all organisations: QUEUED versions untouched since `not_after`, oldest first."""
        query = (
            select(VideoVersion)
            .where(col(VideoVersion.status) == VideoState.QUEUED, col(VideoVersion.updated_at) <= not_after)
            .order_by(col(VideoVersion.updated_at))
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def held_bytes(self, organisation_id: str) -> int:
        """The originals of an organisation that are stored or announced."""
        kept_failure = col(VideoVersion.failure_code).in_(OUR_FAULT) & (col(VideoVersion.status) == VideoState.FAILED)
        query = select(func.coalesce(func.sum(col(VideoVersion.source_size)), 0)).where(
            col(VideoVersion.organisation_id) == organisation_id,
            col(VideoVersion.rekeyed_from).is_(None),
            or_(col(VideoVersion.status).in_((VideoState.PRE_UPLOAD, *_ALIVE)), kept_failure),
        )
        return int(await self._session.scalar(query) or 0)

    async def due_arrivals(self, now: datetime, limit: int) -> Sequence[VideoVersion]:
        """For the sweep over all organisations: forms whose file may have come; no other sweep gets the same ones."""
        query = (
            select(VideoVersion)
            .where(col(VideoVersion.look_at) <= now)
            .order_by(col(VideoVersion.look_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.scalars(query)).all()

    async def look_at(self, target: VersionRef, at: datetime) -> None:
        """Look earlier whether a form has sent its file; nothing happens where none is awaited."""
        await self._session.execute(
            update(VideoVersion)
            .where(
                col(VideoVersion.organisation_id) == target.organisation_id,
                col(VideoVersion.video_id) == target.video_id,
                col(VideoVersion.version) == target.version,
                col(VideoVersion.look_at) > at,
            )
            .values(look_at=at)
        )

    async def stale_uploads(self, not_after: datetime, limit: int) -> Sequence[VideoVersion]:
        """For the sweep over all organisations: announced before `not_after` and never completed."""
        query = (
            select(VideoVersion)
            .where(col(VideoVersion.status) == VideoState.PRE_UPLOAD, col(VideoVersion.created_at) <= not_after)
            .order_by(col(VideoVersion.created_at))
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def deleting_videos(self, not_after: datetime, limit: int) -> Sequence[Video]:
        """For the sweep over all organisations: videos that wait for their deletion."""
        query = (
            select(Video)
            .where(col(Video.status) == VideoState.DELETING, col(Video.updated_at) <= not_after)
            .order_by(col(Video.updated_at))
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound("There is no such video.")
    return row


def _video(organisation_id: str, video_id: str) -> Select[Video]:
    return select(Video).where(col(Video.organisation_id) == organisation_id, col(Video.id) == video_id)


def _versions(organisation_id: str, video_id: str) -> Select[VideoVersion]:
    return select(VideoVersion).where(
        col(VideoVersion.organisation_id) == organisation_id, col(VideoVersion.video_id) == video_id
    )
