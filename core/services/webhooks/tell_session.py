"""Tell of playback sessions, in the transaction that opens or ends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.db.models import PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.webhooks.event import NewEvent
from core.domain.webhooks.event_types import EventType
from core.domain.webhooks.message import instant


async def tell_opened(uow: UnitOfWork, session: PlaybackSession) -> None:
    """The caller commits."""
    await uow.outbox.add(NewEvent(session.organisation_id, EventType.SESSION_OPENED, session.id, _session(session)))


async def tell_ended(uow: UnitOfWork, ended: Sequence[PlaybackSession]) -> None:
    """Of those that were ended before they expired. The caller commits."""
    await uow.outbox.add(
        *(
            NewEvent(
                session.organisation_id,
                EventType.SESSION_ENDED,
                session.id,
                {**_session(session), "reason": session.ended_reason},
            )
            for session in ended
        )
    )


def _session(session: PlaybackSession) -> dict[str, Any]:
    """Neither the address nor the browser of the viewer: nobody needs them here."""
    return {
        "session_id": session.id,
        "video_id": session.video_id,
        "version": session.version,
        "viewer_id": session.viewer_id,
        "device_id": session.device_id,
        "expires_at": instant(session.expires_at),
    }
