"""Refuse a key from now on."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.services.api_keys.find_api_key import find_api_key
from core.services.audit.signed_by import SignedBy


async def revoke_api_key(uow: UnitOfWork, organisation_id: str, key_id: str, by: SignedBy) -> None:
    """Does nothing when it is revoked already. Raises NotFound. The caller commits."""
    key = await find_api_key(uow, organisation_id, key_id)
    if key.revoked_at is None:
        key.revoked_at = by.at
        await by.note(uow, organisation_id, "api-key.revoke", f"api-key:{key_id}")
