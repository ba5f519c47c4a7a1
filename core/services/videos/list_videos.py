"""Videos, newest first, a page at a time. Pages follow the last row seen, so that new uploads shift nothing."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput
from core.services.videos.view import VideoSummary, summary_of

_MICROSECONDS = 8


@dataclass(frozen=True)
class VideoPage:
    """`next_cursor` is None on the last page."""

    videos: tuple[VideoSummary, ...]
    next_cursor: str | None


async def list_videos(uow: UnitOfWork, organisation_id: str, limit: int, cursor: str | None = None) -> VideoPage:
    """Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.videos.page(organisation_id, limit + 1, _decode(cursor) if cursor else None)
    shown = rows[:limit]
    more = _encode(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return VideoPage(tuple(summary_of(row) for row in shown), more)


def _encode(created_at: datetime, video_id: str) -> str:
    """Exact to the microsecond, as the database is; a float would lose rows."""
    since = created_at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    raw = microseconds.to_bytes(_MICROSECONDS, "big") + bytes.fromhex(video_id)
    return base64.urlsafe_b64encode(raw).decode()


def _decode(cursor: str) -> tuple[datetime, str]:
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        seconds, microseconds = divmod(int.from_bytes(raw[:_MICROSECONDS], "big"), 1_000_000)
        at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
        return at, UUID(bytes=raw[_MICROSECONDS:]).hex
    except (binascii.Error, ValueError, OverflowError, OSError):
        raise InvalidInput("That is not a cursor of ours.", fields={"cursor": "unknown"}) from None
