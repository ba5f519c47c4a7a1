"""Who may ask for keys."""

from __future__ import annotations

from collections.abc import Sequence

from core.db.models import KeySigner
from core.db.unit_of_work import UnitOfWork


async def list_signers(uow: UnitOfWork, organisation_id: str) -> Sequence[KeySigner]:
    """By name, with those that were revoked."""
    return await uow.key_signers.all(organisation_id)
