"""Sessions that were ended before they expired, known to this process without asking anybody.

Addresses of media are signed until the session expires. Looking here before each segment is what makes ending a
session early reach them; a question to the database each time would cost more than the segment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Forbidden
from core.ports import Clock

#: An ending may be committed this long after it was stamped.
_OVERLAP = timedelta(seconds=60)


class EndedSessionsUnknown(Exception):
    """The database has not answered for so long that nobody can say who may still play. Fail closed."""


class EndedSessions:
    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        outage: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Knowledge older than `outage` is none."""
        self._uow = uow
        self._clock = clock
        self._outage = outage.total_seconds()
        self._monotonic = monotonic
        self._expiries: dict[str, datetime] = {}
        self._known_at: float | None = None

    async def refresh(self) -> None:
        """Read what has ended since the last time; the first time, everything that has not expired."""
        now, asked = self._clock.now(), self._monotonic()
        within = None if self._known_at is None else timedelta(seconds=asked - self._known_at) + _OVERLAP
        async with self._uow() as uow:
            ended = await uow.sessions.ended(within, now)
        left = {session: expiry for session, expiry in self._expiries.items() if expiry > now}
        self._expiries = left | dict(ended)
        self._known_at = asked

    def check(self, session_id: str) -> None:
        """Raises Forbidden (SESSION_ENDED), EndedSessionsUnknown."""
        if session_id in self._expiries:
            raise Forbidden("The playback session has ended.", code="SESSION_ENDED")
        if self._known_at is None or self._monotonic() - self._known_at > self._outage:
            raise EndedSessionsUnknown("the list of ended sessions is too old")
