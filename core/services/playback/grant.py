"""What a session gives its player: a token, and addresses signed for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.contracts.version_ref import VersionRef
from core.db.models import PlaybackSession, Video, VideoVersion
from core.domain.media.plan import ProtectionScheme
from core.domain.playback.path_signature import MediaGrant
from core.domain.playback.session_policy import SessionPolicy
from core.services.playback.addresses import PlaybackAddresses, addresses
from core.services.playback.signing_keys import SigningKeys
from core.services.playback.token import PlaybackClaims, issue_token


@dataclass(frozen=True)
class PlaybackGrant:
    """`duration` in seconds. The token and the addresses open the video to whoever holds them; `policy` says how."""

    session_id: str
    title: str
    duration: float
    token: str = field(repr=False)
    addresses: PlaybackAddresses = field(repr=False)
    expires_at: datetime
    policy: SessionPolicy = field(repr=False)


def grant_of(
    video: Video, version: VideoVersion, session: PlaybackSession, keys: SigningKeys, public_url: str
) -> PlaybackGrant:
    target = VersionRef(session.organisation_id, session.video_id, session.version)
    expires = int(session.expires_at.timestamp())
    plan = version.plan or {}
    grant = MediaGrant(target.organisation_id, target.video_id, target.version, session.id, expires)
    return PlaybackGrant(
        session_id=session.id,
        title=video.title,
        duration=float(plan.get("duration", video.duration or 0)),
        token=issue_token(keys.token, PlaybackClaims(target, session.id, expires)),
        addresses=addresses(
            public_url,
            keys,
            grant,
            dash=version.scheme != ProtectionScheme.AES128,
            pictures=plan.get("storyboard") is not None,
        ),
        expires_at=session.expires_at,
        policy=SessionPolicy.from_json(session.policy),
    )
