"""Give a session the keys of its own version, in the clear: as much as ClearKey can keep secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.licence_decision import UNPROTECTED
from core.services.licences.clearkey_request import ClearKey, key_set
from core.services.licences.grant_licence import Applicant, LicenceFront, grant_licence


async def grant_clearkey(
    uow: UnitOfWork, front: LicenceFront, applicant: Applicant, kids: Sequence[str], now: datetime
) -> dict[str, Any]:
    """A JWK set. Foreign KIDs, and keys that ask for more than ClearKey is, are left out; with none left, Forbidden.

    Raises NotFound for a video that is gone, KeyUnavailable when a key does not open. What it gives is on record.
    """
    challenge = Challenge(KeySystem.CLEARKEY, b"", kids=frozenset(kids))
    granted = await grant_licence(uow, front, applicant, challenge, UNPROTECTED, now)
    return key_set(ClearKey(kid, key.key) for kid, key in granted.keys.items())
