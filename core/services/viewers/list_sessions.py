"""A viewer's sessions, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor
from core.ports import ViewerRef
from core.services.playback.session_view import SessionView, session_view


@dataclass(frozen=True)
class SessionPage:
    """`next_cursor` is None on the last page."""

    sessions: tuple[SessionView, ...]
    next_cursor: str | None


async def list_sessions(uow: UnitOfWork, viewer: ViewerRef, limit: int, cursor: str | None = None) -> SessionPage:
    """Empty for a viewer nobody has heard of. Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.sessions.page(viewer, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].started_at, shown[-1].id) if len(rows) > limit else None
    return SessionPage(tuple(session_view(row) for row in shown), more)
