"""Resumable uploads that are not whole, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.models import ResumableUpload
from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor
from core.domain.tus.kind import UploadKind


@dataclass(frozen=True)
class UnfinishedUpload:
    """`offset` and `length` in bytes; `video_id` is None for a partial upload."""

    upload_id: str
    kind: UploadKind
    video_id: str | None
    offset: int
    length: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class UnfinishedPage:
    """`next_cursor` is None on the last page."""

    uploads: tuple[UnfinishedUpload, ...]
    next_cursor: str | None


async def list_unfinished(
    uow: UnitOfWork, organisation_id: str, now: datetime, limit: int, cursor: str | None = None
) -> UnfinishedPage:
    """Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.resumable_uploads.unfinished(organisation_id, now, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return UnfinishedPage(tuple(_view(row) for row in shown), more)


def _view(row: ResumableUpload) -> UnfinishedUpload:
    return UnfinishedUpload(row.id, row.kind, row.video_id, row.received, row.length, row.created_at, row.expires_at)
