"""Playback sessions as a customer's backend looks after them."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import Cursor, Limit, Services, SessionId, ViewerEditor, ViewerId, ViewerReader
from api.errors import responses
from core.ports import ViewerRef
from core.services.playback.end_session import end_session
from core.services.playback.get_session import get_session
from core.services.playback.session_view import SessionView
from core.services.viewers.end_sessions import end_sessions
from core.services.viewers.list_sessions import SessionPage, list_sessions

router = APIRouter(prefix="/v1/playback-sessions", tags=["viewers"], responses=responses(401, 422, 503))


class EndedOut(BaseModel):
    """How many were open."""

    ended: int


@router.get("")
async def read_sessions(
    viewer_id: ViewerId, caller: ViewerReader, services: Services, limit: Limit = 20, cursor: Cursor = None
) -> SessionPage:
    """A viewer's sessions, newest first; those that are over too."""
    async with services.uow() as uow:
        return await list_sessions(uow, ViewerRef(caller.organisation_id, viewer_id), limit, cursor)


@router.delete("")
async def delete_sessions(viewer_id: ViewerId, caller: ViewerEditor, services: Services) -> EndedOut:
    """End whatever the viewer is watching. Nothing keeps them from opening other sessions."""
    async with services.uow() as uow:
        ended = await end_sessions(uow, ViewerRef(caller.organisation_id, viewer_id), services.clock.now())
        await uow.commit()
    return EndedOut(ended=ended)


@router.get("/{session_id}", responses=responses(404))
async def read_session_(session_id: SessionId, caller: ViewerReader, services: Services) -> SessionView:
    async with services.uow() as uow:
        return await get_session(uow, caller.organisation_id, session_id)


@router.delete("/{session_id}", status_code=204, responses=responses(404))
async def delete_session(session_id: SessionId, caller: ViewerEditor, services: Services) -> None:
    """End it: licences and heartbeats stop at once, media within five seconds. Safe to repeat."""
    async with services.uow() as uow:
        await end_session(uow, caller.organisation_id, session_id, services.clock.now())
        await uow.commit()
