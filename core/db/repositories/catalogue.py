"""Videos as lists show them: filtered, counted, a page at a time. Reads alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import Video, VideoVariant, VideoVersion
from core.domain.errors import NotFound
from core.domain.video import VideoState
from core.domain.video_filter import VideoFilter

#: As the indexes have it: with parameters the planner could not know that they serve.
_PRESENT: ColumnElement[bool] = literal_column("videos.status NOT IN ('deleting', 'deleted')")
#: One of VdoCipher's clients looks for videos without a file by this tag.
_NEVER_UPLOADED = "PRE-Upload"


@dataclass(frozen=True)
class ListedVideo:
    """`size` is all that is kept of the video, in bytes: uploads, and the tracks that play."""

    video: Video
    size: int


class CatalogueRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, organisation_id: str, wanted: VideoFilter, offset: int, limit: int
    ) -> tuple[Sequence[ListedVideo], int]:
        """Newest first, and how many there are in all."""
        conditions = _conditions(organisation_id, wanted)
        total = select(func.count()).select_from(Video).where(*conditions).scalar_subquery()
        query = (
            select(Video, _size(), total)
            .where(*conditions)
            .order_by(col(Video.created_at).desc(), col(Video.id).desc())
            .offset(offset)
            .limit(limit)
        )
        rows = (await self._session.execute(query)).all()
        if not rows and offset:
            # Past the last page there is no row that could say how many there are.
            return (), await self._session.scalar(select(total)) or 0
        return [ListedVideo(video, size) for video, size, _ in rows], rows[0][2] if rows else 0

    async def get(self, organisation_id: str, video_id: str) -> ListedVideo:
        """Raises NotFound, also for a video that is being deleted."""
        query = select(Video, _size()).where(
            col(Video.organisation_id) == organisation_id, col(Video.id) == video_id, _PRESENT
        )
        found = (await self._session.execute(query)).first()
        if found is None:
            raise NotFound("There is no such video.")
        return ListedVideo(*found)

    async def lock(self, organisation_id: str, video_id: str) -> Video:
        """The same for a change. Raises NotFound."""
        found = await self.lock_all(organisation_id, [video_id])
        if not found:
            raise NotFound("There is no such video.")
        return found[0]

    async def lock_all(self, organisation_id: str, video_ids: Sequence[str]) -> Sequence[Video]:
        """Those that there are, for a change; always in the same order, so that two changes never wait in a circle."""
        query = (
            select(Video)
            .where(col(Video.organisation_id) == organisation_id, col(Video.id).in_(video_ids), _PRESENT)
            .order_by(col(Video.id))
            .with_for_update()
        )
        return (await self._session.scalars(query)).all()

    async def tags(self, organisation_id: str, limit: int) -> Sequence[str]:
        """Each one once, in order."""
        tag = func.unnest(col(Video.tags)).label("tag")
        used = select(tag).where(col(Video.organisation_id) == organisation_id, _PRESENT).distinct().subquery()
        return (await self._session.scalars(select(used.c.tag).order_by(used.c.tag).limit(limit))).all()


def _conditions(organisation_id: str, wanted: VideoFilter) -> list[ColumnElement[bool]]:
    conditions = [col(Video.organisation_id) == organisation_id, _PRESENT]
    if wanted.in_root:
        conditions.append(col(Video.folder_id).is_(None))
    elif wanted.folder_id is not None:
        conditions.append(col(Video.folder_id) == wanted.folder_id)
    tags = [tag for tag in wanted.tags if tag != _NEVER_UPLOADED]
    if tags:
        conditions.append(_tagged(tags))
    if len(tags) < len(wanted.tags):
        conditions.append(or_(col(Video.status) == VideoState.PRE_UPLOAD, _tagged([_NEVER_UPLOADED])))
    if wanted.text:
        conditions += _containing(wanted.text.lower())
    return conditions


def _tagged(tags: Sequence[str]) -> ColumnElement[bool]:
    return col(Video.tags).contains(cast(array(tags), ARRAY(Text)))


def _containing(text: str) -> list[ColumnElement[bool]]:
    """In the title, whatever the case, or in the id. Trigrams, which two letters lack, are for the index."""
    searched = func.video_search_text(col(Video.title), col(Video.id))
    matches = searched.contains(text, autoescape=True)
    if len(text) < 3:
        return [matches]
    return [func.trigrams(searched, type_=ARRAY(Text)).contains(func.trigrams(text, type_=ARRAY(Text))), matches]


def _size() -> ColumnElement[int]:
    sources = (
        select(func.coalesce(func.sum(col(VideoVersion.source_size)), 0))
        .where(
            col(VideoVersion.organisation_id) == col(Video.organisation_id),
            col(VideoVersion.video_id) == col(Video.id),
            col(VideoVersion.rekeyed_from).is_(None),
            col(VideoVersion.status).in_((VideoState.QUEUED, VideoState.PROCESSING, VideoState.READY)),
        )
        .correlate(Video)
        .scalar_subquery()
    )
    tracks = (
        select(func.coalesce(func.sum(col(VideoVariant.file_size)), 0))
        .where(
            col(VideoVariant.organisation_id) == col(Video.organisation_id),
            col(VideoVariant.video_id) == col(Video.id),
            col(VideoVariant.version) == col(Video.current_version),
        )
        .correlate(Video)
        .scalar_subquery()
    )
    return cast(sources + tracks, BigInteger)
