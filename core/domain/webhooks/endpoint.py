"""Endpoints of webhooks: their kinds, states and limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.webhooks.event_types import EventType

MOST_ENDPOINTS = 20
"""Of one organisation: each multiplies what every event costs."""

DEFAULT_RATE = 20
HIGHEST_RATE = 100
"""Attempts a second."""

DEFAULT_IN_FLIGHT = 5
MOST_IN_FLIGHT = 20
"""Attempts at once."""

FAILING_PERIOD = timedelta(days=5)
"""An endpoint that has answered nothing but failures for so long is disabled at its next one."""

SECRET_OVERLAP = timedelta(hours=24)
"""How long the secret before signs along after a rotation, unless the caller says otherwise."""
LONGEST_OVERLAP = timedelta(days=7)


class EndpointKind(StrEnum):
    """Which body it is sent: Standard Webhooks' or that of VdoCipher's hooks. Headers are the same."""

    STANDARD = "standard"
    VDOCIPHER = "vdocipher"


class EndpointStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """GONE: it answered 410. FAILING: nothing but failures for FAILING_PERIOD. OWNER: its owner asked for it."""

    GONE = "GONE"
    FAILING = "FAILING"
    OWNER = "OWNER"


HOOK_EVENTS: dict[str, EventType] = {"video:ready": EventType.VIDEO_READY, "video:readyall": EventType.VIDEO_READY}
"""What VdoCipher's hooks can be about (docs server/account/hooks). Here all files of a video are ready at once."""


def fails_for_too_long(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a failure now is one too many."""
    return failing_since is not None and now - failing_since >= FAILING_PERIOD
