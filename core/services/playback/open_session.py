"""Let one viewer play the current version for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from core.db.models import PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.playback.binding import readable_address, readable_user_agent
from core.domain.playback.session_policy import SessionPolicy
from core.ports import Leases
from core.services.playback.admit import admit
from core.services.playback.grant import PlaybackGrant, grant_of
from core.services.playback.playable import playable_version
from core.services.playback.signing_keys import SigningKeys
from core.services.webhooks.tell_session import tell_opened

NO_LIMITS = SessionPolicy()


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
    policy: SessionPolicy = NO_LIMITS,
    leases: Leases | None = None,
    otp: str | None = None,
) -> PlaybackGrant:
    """Raises NotFound, Conflict (NOT_READY) while there is nothing to play, and what `admit` raises.

    The caller commits, or, when this raised, lets everything go. A policy with a limit of streams needs `leases`.
    `otp` is the id of the OTP that the session is redeemed from.
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
        ip_address=readable_address(viewer.ip_address),
        user_agent=readable_user_agent(viewer.user_agent),
        started_at=now,
        # Whole seconds, as tokens count them.
        expires_at=(now + ttl).replace(microsecond=0),
        policy=policy.as_json(),
    )
    await admit(uow, leases, session, policy, now)
    uow.sessions.add(session)
    await tell_opened(uow, session)
    return grant_of(video, version, session, keys, public_url)
