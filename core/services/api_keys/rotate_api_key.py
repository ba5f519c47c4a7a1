"""A new secret in the place of an old one, which goes on for a while so that nothing stops meanwhile."""

from __future__ import annotations

from datetime import timedelta

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.permissions import KEY_ROLES, Permission, known_roles
from core.domain.errors import Conflict
from core.services.api_keys.create_api_key import CreatedApiKey, KeyOrder, create_api_key
from core.services.api_keys.find_api_key import find_api_key
from core.services.audit.signed_by import SignedBy

OVERLAP = timedelta(hours=24)


async def rotate_api_key(
    uow: UnitOfWork,
    organisation_id: str,
    key_id: str,
    overlap: timedelta,
    may: frozenset[Permission],
    by: SignedBy,
) -> CreatedApiKey:
    """The new key has the name, roles and networks of the old one, which expires `overlap` from now at the latest.

    Raises NotFound, Forbidden (ROLE_TOO_HIGH), Conflict (API_KEY_OVER, API_KEY_LIMIT). The caller commits.
    """
    old = await find_api_key(uow, organisation_id, key_id)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= by.at):
        raise Conflict("The key is revoked or has expired. Create a new one.", code="API_KEY_OVER")
    order = KeyOrder(old.name, known_roles(old.roles) & KEY_ROLES, tuple(old.networks))
    created = await create_api_key(uow, organisation_id, order, may, by)
    ends = by.at + overlap
    old.expires_at = ends if old.expires_at is None else min(ends, old.expires_at)
    await by.note(uow, organisation_id, "api-key.rotate", f"api-key:{key_id}", {"new": created.key.id})
    return created
