"""One playback session of a customer's."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.services.playback.session_view import SessionView, session_view


async def get_session(uow: UnitOfWork, organisation_id: str, session_id: str) -> SessionView:
    """Raises NotFound, also for another organisation's session."""
    session = await uow.sessions.get(organisation_id, session_id)
    if session is None:
        raise NotFound("There is no such session.")
    return session_view(session)
