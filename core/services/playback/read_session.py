"""The session that a player's token names."""

from __future__ import annotations

from datetime import datetime

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Forbidden, NotFound, Unauthenticated
from core.domain.video import VideoState
from core.services.playback.grant import PlaybackGrant, grant_of
from core.services.playback.signing_keys import SigningKeys
from core.services.playback.token import PlaybackClaims

PLAYABLE = frozenset({VideoState.READY, VideoState.DELETING})
"""A deletion opens no new session, but waits for those that run: they keep what they were given."""


async def read_session(
    uow: UnitOfWork, keys: SigningKeys, public_url: str, claims: PlaybackClaims, now: datetime
) -> PlaybackGrant:
    """Raises Unauthenticated, Forbidden for an ended session, NotFound for a video that is gone."""
    target = claims.target
    session = await uow.sessions.get(target.organisation_id, claims.session_id)
    if session is None or VersionRef(session.organisation_id, session.video_id, session.version) != target:
        raise Unauthenticated("The playback token is not valid, or it has expired.")
    if session.ended_at is not None or session.expires_at <= now:
        raise Forbidden("The playback session has ended.", code="SESSION_ENDED")
    video = await uow.videos.get(target.organisation_id, target.video_id)
    version = await uow.videos.version(target)
    if not {video.status, version.status} <= PLAYABLE:
        raise NotFound("There is no such video.")
    return grant_of(video, version, session, keys, public_url)
