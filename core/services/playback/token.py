"""Playback tokens: short-lived bearer tokens of one session (JWT, RFC 7519, HMAC-SHA256)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from core.contracts.version_ref import VersionRef
from core.domain.errors import Unauthenticated

AUDIENCE = "sealcast-playback"
_ALGORITHM = "HS256"
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LONGEST = 2000


@dataclass(frozen=True)
class PlaybackClaims:
    target: VersionRef
    session_id: str
    expires_at: int


def issue_token(key: bytes, claims: PlaybackClaims) -> str:
    payload = {
        "aud": AUDIENCE,
        "sub": claims.session_id,
        "org": claims.target.organisation_id,
        "vid": claims.target.video_id,
        "ver": claims.target.version,
        "exp": claims.expires_at,
    }
    return jwt.encode(payload, key, algorithm=_ALGORITHM)


def read_token(key: bytes, token: str, now: datetime) -> PlaybackClaims:
    """Raises Unauthenticated, with the same words for a forged and an expired token."""
    payload = _payload(key, token)
    ids = (payload["org"], payload["vid"], payload["sub"])
    if not all(isinstance(value, str) and _ID.fullmatch(value) for value in ids):
        raise _refused()
    if not isinstance(payload["ver"], int) or not isinstance(payload["exp"], int):
        raise _refused()
    if now.timestamp() >= payload["exp"]:
        raise _refused()
    return PlaybackClaims(VersionRef(ids[0], ids[1], payload["ver"]), ids[2], payload["exp"])


def _payload(key: bytes, token: str) -> dict[str, Any]:
    if len(token) > _LONGEST:
        raise _refused()
    try:
        # Our own clock decides about expiry, so that there is one place for it.
        decoded: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            options={"verify_exp": False, "require": ["aud", "sub", "org", "vid", "ver", "exp"]},
        )
    except jwt.InvalidTokenError:
        raise _refused() from None
    return decoded


def _refused() -> Unauthenticated:
    return Unauthenticated("The playback token is not valid, or it has expired.")
