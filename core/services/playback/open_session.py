"""Let one viewer play the current version for a while."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from core.db.models import PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.playback.session_policy import SessionPolicy
from core.services.playback.grant import PlaybackGrant, grant_of
from core.services.playback.playable import playable_version
from core.services.playback.signing_keys import SigningKeys

_USER_AGENT = 500


@dataclass(frozen=True)
class Viewer:
    """What is known about who plays. Personal data: kept with the session, never logged."""

    ip_address: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False)
    viewer_id: str | None = field(default=None, repr=False)
    device_id: str | None = field(default=None, repr=False)


async def open_session(
    uow: UnitOfWork,
    keys: SigningKeys,
    public_url: str,
    organisation_id: str,
    video_id: str,
    viewer: Viewer,
    ttl: timedelta,
    now: datetime,
    *,
    policy: SessionPolicy | None = None,
    otp: str | None = None,
) -> PlaybackGrant:
    """Raises NotFound, Conflict (NOT_READY) while there is nothing to play. The caller commits.

    `otp` is the id of the OTP that the session is redeemed from, `policy` what that decided.
    """
    # Shared lock: a version cannot be replaced or deleted between this reading and our commit, so that whoever
    # waits for its sessions sees this one.
    video = await uow.videos.lock_shared(organisation_id, video_id)
    target = playable_version(video)
    version = await uow.videos.version(target)
    session = PlaybackSession(
        id=uuid4().hex,
        organisation_id=organisation_id,
        video_id=video_id,
        version=target.version,
        viewer_id=viewer.viewer_id,
        device_id=viewer.device_id,
        otp=otp,
        policy=(policy or SessionPolicy()).as_json(),
        ip_address=_address(viewer.ip_address),
        user_agent=_text(viewer.user_agent),
        started_at=now,
        # Whole seconds, as tokens count them.
        expires_at=(now + ttl).replace(microsecond=0),
    )
    uow.sessions.add(session)
    return grant_of(video, version, session, keys, public_url)


def _address(text: str | None) -> str | None:
    """The column takes addresses only; a test client or a UNIX socket has none."""
    try:
        return None if text is None else str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _text(user_agent: str | None) -> str | None:
    return None if user_agent is None else user_agent.replace("\0", "")[:_USER_AGENT]
