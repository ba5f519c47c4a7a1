"""The first organisation of a development installation."""

from __future__ import annotations

from uuid import uuid4

from core.db.models import ApiKey
from core.db.unit_of_work import UnitOfWork
from core.domain.auth.permissions import Role
from core.services.organisations.api_key_secret import PREFIX, hash_of, new_secret

SLUG = "demo"


async def ensure_demo_organisation(uow: UnitOfWork) -> str:
    """Create the organisation unless it is there, and a new API key for it. Returns the key's secret, this once."""
    organisation = await uow.organisations.ensure(uuid4().hex, SLUG, "Demo")
    secret = new_secret()
    key = ApiKey(
        id=uuid4().hex,
        organisation_id=organisation.id,
        name="development",
        key_hash=hash_of(secret),
        prefix=secret[:PREFIX],
        roles=[Role.ADMIN],
    )
    uow.organisations.add_api_key(key)
    return secret
