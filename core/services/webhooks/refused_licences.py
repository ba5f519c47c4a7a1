"""Refused licences, told a little later: a refusal writes nothing, and a player that repeats it must cost nothing.

The first refusal of a session for a reason is told, once. It waits in memory until `flush`: a process that is killed
before does not tell of it. The log has them all.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.challenge import KeySystem
from core.domain.webhooks.event import NewEvent
from core.domain.webhooks.event_types import EventType
from core.services.playback.token import PlaybackClaims

_MOST = 10_000


class RefusedLicences:
    def __init__(self, factory: UnitOfWorkFactory) -> None:
        self._factory = factory
        self._noted: dict[str, NewEvent] = {}

    def note(self, claims: PlaybackClaims, system: KeySystem, code: str) -> None:
        """The same session, system and code have the same id: the outbox takes it once. Beyond a bound, none."""
        if len(self._noted) >= _MOST:
            return
        payload = {
            "session_id": claims.session_id,
            "video_id": claims.target.video_id,
            "system": system.value,
            "code": code,
        }
        organisation_id = claims.target.organisation_id
        event_id = uuid5(NAMESPACE_URL, f"licence.refused/{claims.session_id}/{system.value}/{code}").hex
        self._noted[event_id] = NewEvent(
            organisation_id, EventType.LICENCE_REFUSED, claims.session_id, payload, id=event_id
        )

    async def flush(self) -> None:
        """Into the outbox. When that fails, they are kept for the next time."""
        taken, self._noted = self._noted, {}
        if not taken:
            return
        try:
            async with self._factory() as uow:
                await uow.outbox.add(*taken.values())
                await uow.commit()
        except Exception:
            self._noted = taken | self._noted
            raise
