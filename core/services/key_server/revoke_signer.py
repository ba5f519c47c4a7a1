"""Take a signer's right to ask for keys away."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound


async def revoke_signer(uow: UnitOfWork, organisation_id: str, signer_id: str, now: datetime) -> None:
    """Refused from now on; safe to repeat. Raises NotFound. The caller commits."""
    signer = await uow.key_signers.get(organisation_id, signer_id)
    if signer is None:
        raise NotFound("There is no such signer.")
    signer.revoked_at = signer.revoked_at or now
