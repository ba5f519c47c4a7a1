"""What endpoints of webhooks hear of licences."""

from __future__ import annotations

from core.domain.drm.challenge import KeySystem
from core.domain.drm.licence_decision import LicenceGrant
from core.domain.webhooks.event import NewEvent
from core.domain.webhooks.event_types import EventType
from core.domain.webhooks.message import instant
from core.services.playback.token import PlaybackClaims


def licence_granted(claims: PlaybackClaims, system: KeySystem, grant: LicenceGrant) -> NewEvent:
    """For the transaction that records the licence."""
    payload = {
        "session_id": claims.session_id,
        "video_id": claims.target.video_id,
        "system": system.value,
        "kids": [track.kid for track in grant.tracks],
        "persistent": grant.persistent,
        "expires_at": instant(grant.until),
    }
    return NewEvent(claims.target.organisation_id, EventType.LICENCE_GRANTED, claims.session_id, payload)
