"""Videos, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor
from core.services.videos.view import VideoSummary, summary_of


@dataclass(frozen=True)
class VideoPage:
    """`next_cursor` is None on the last page."""

    videos: tuple[VideoSummary, ...]
    next_cursor: str | None


async def list_videos(uow: UnitOfWork, organisation_id: str, limit: int, cursor: str | None = None) -> VideoPage:
    """Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.videos.page(organisation_id, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return VideoPage(tuple(summary_of(row) for row in shown), more)
