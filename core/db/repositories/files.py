"""Files of videos, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from core.db.models import Video, VideoFile
from core.db.models.columns import FILE_NUMBERS
from core.domain.video import GONE
from core.domain.video_file import FileKind


class FileRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, file: VideoFile) -> VideoFile:
        """It has its number then."""
        self._session.add(file)
        await self._session.flush()
        return file

    async def next_number(self) -> int:
        """For files whose object is to be named before their row is written."""
        number: int = (await self._session.execute(select(FILE_NUMBERS.next_value()))).scalar_one()
        return number

    async def of_video(self, organisation_id: str, video_id: str) -> Sequence[VideoFile]:
        query = select(VideoFile).where(*_of(organisation_id, video_id)).order_by(col(VideoFile.number))
        return (await self._session.scalars(query)).all()

    async def find(self, organisation_id: str, video_id: str, number: int) -> VideoFile | None:
        query = select(VideoFile).where(*_of(organisation_id, video_id), col(VideoFile.number) == number)
        found: VideoFile | None = await self._session.scalar(query)
        return found

    async def captions(self, organisation_id: str, video_id: str) -> Sequence[VideoFile]:
        query = select(VideoFile).where(
            *_of(organisation_id, video_id), col(VideoFile.kind) == FileKind.CAPTION, col(VideoFile.enabled)
        )
        return (await self._session.scalars(query.order_by(col(VideoFile.number)))).all()

    async def enabled_posters(self, organisation_id: str, video_ids: Sequence[str]) -> dict[str, list[VideoFile]]:
        """By video, the largest first."""
        query = select(VideoFile).where(
            col(VideoFile.organisation_id) == organisation_id,
            col(VideoFile.video_id).in_(video_ids),
            col(VideoFile.kind) == FileKind.POSTER,
            col(VideoFile.enabled),
        )
        found: dict[str, list[VideoFile]] = {}
        for file in await self._session.scalars(query.order_by(col(VideoFile.width).desc(), col(VideoFile.number))):
            found.setdefault(file.video_id, []).append(file)
        return found

    async def public_poster(self, video_id: str, number: int) -> VideoFile | None:
        """For pages, which know no tenant: whoever has both numbers of a poster may see it."""
        query = select(VideoFile).join(Video, col(Video.id) == col(VideoFile.video_id))
        query = query.where(
            col(VideoFile.video_id) == video_id,
            col(VideoFile.number) == number,
            col(VideoFile.kind) == FileKind.POSTER,
            col(Video.status).not_in(GONE),
        )
        found: VideoFile | None = await self._session.scalar(query)
        return found

    async def posters(self, organisation_id: str, video_id: str) -> Sequence[VideoFile]:
        """Whether enabled or not."""
        query = select(VideoFile).where(*_of(organisation_id, video_id), col(VideoFile.kind) == FileKind.POSTER)
        return (await self._session.scalars(query.order_by(col(VideoFile.number)))).all()

    async def remove(self, file: VideoFile) -> None:
        await self._session.delete(file)

    async def remove_all(self, organisation_id: str, video_id: str) -> None:
        await self._session.execute(delete(VideoFile).where(*_of(organisation_id, video_id)))


def _of(organisation_id: str, video_id: str) -> tuple[ColumnElement[bool], ...]:
    return col(VideoFile.organisation_id) == organisation_id, col(VideoFile.video_id) == video_id
