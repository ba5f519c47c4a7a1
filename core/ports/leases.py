"""Places for streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.domain.playback.session_policy import WhenFull


class LeasesUnavailable(Exception):
    """The store of leases did not answer. Nothing with a limit is opened."""


@dataclass(frozen=True)
class ViewerRef:
    """One viewer of one tenant; `viewer_id` is the customer's name for them."""

    organisation_id: str
    viewer_id: str = field(repr=False)


@dataclass(frozen=True)
class OpenStream:
    """A session of a viewer as the database has it; its `renewed_at` lags behind while renewals go unrecorded."""

    session_id: str
    started_at: datetime
    renewed_at: datetime


@dataclass(frozen=True)
class Admission:
    """`lapsed` were silent and gave their places up; `taken_over` were playing and lost theirs to this newer one."""

    granted: bool
    lapsed: tuple[str, ...] = ()
    taken_over: tuple[str, ...] = ()


class Leases(Protocol):
    """Who of a viewer's streams gives signs of life. Raises LeasesUnavailable."""

    async def take(
        self,
        viewer: ViewerRef,
        session_id: str,
        limit: int,
        when_full: WhenFull,
        now: datetime,
        known: Sequence[OpenStream],
    ) -> Admission:
        """Decide, in one step, whether one more stream may begin. `known` are all open ones, and only those count."""
        ...

    async def renew(self, viewer: ViewerRef, session_id: str, now: datetime) -> None:
        """Note a sign of life."""
        ...
