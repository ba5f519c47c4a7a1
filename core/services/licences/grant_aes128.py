"""Give a session one key of an AES-128 version (RFC 8216, 5)."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.licence_decision import UNPROTECTED
from core.services.licences.grant_licence import Applicant, LicenceFront, grant_licence


async def grant_aes128(uow: UnitOfWork, front: LicenceFront, applicant: Applicant, kid: str, now: datetime) -> bytes:
    """The 16 bytes of the key. What it gives is on record.

    Raises Forbidden for a KID of others or of another scheme, NotFound, KeyUnavailable.
    """
    challenge = Challenge(KeySystem.AES128, b"", kids=frozenset({kid}))
    granted = await grant_licence(uow, front, applicant, challenge, UNPROTECTED, now)
    [key] = granted.keys.values()
    return key.key
