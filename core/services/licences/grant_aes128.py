"""Give a session one key of an AES-128 version (RFC 8216, 5)."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.licence_decision import UNPROTECTED
from core.domain.errors import Forbidden
from core.domain.media.plan import ProtectionScheme
from core.services.licences.grant_licence import Applicant, LicenceFront, grant_licence


async def grant_aes128(uow: UnitOfWork, front: LicenceFront, applicant: Applicant, kid: str, now: datetime) -> bytes:
    """The 16 bytes of the key. Raises Forbidden for a KID of others, NotFound, KeyUnavailable. The caller commits."""
    challenge = Challenge(KeySystem.AES128, b"", kids=frozenset({kid}))
    granted = await grant_licence(uow, front, applicant, challenge, UNPROTECTED, now)
    [key] = granted.keys.values()
    if key.scheme is not ProtectionScheme.AES128:
        # Keys that DRM systems wrap do not leave by this road.
        raise Forbidden("None of the requested keys belongs to this session.", code="KEYS_REFUSED")
    return key.key
