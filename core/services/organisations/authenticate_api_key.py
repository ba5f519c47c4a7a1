"""Find out which organisation an API key belongs to."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Unauthenticated
from core.services.organisations.api_key_secret import has_shape, hash_of
from core.services.organisations.principal import Principal

#: How exact `last_used_at` is: a write for each request would double the load.
_TOUCH = timedelta(minutes=5)


async def authenticate_api_key(uow: UnitOfWork, secret: str, now: datetime) -> Principal:
    """Raises Unauthenticated for unknown, revoked and malformed secrets alike. The caller commits."""
    digest = hash_of(secret)
    key = await uow.organisations.api_key_by_hash(digest) if has_shape(secret) else None
    if key is None or not hmac.compare_digest(key.key_hash, digest) or key.revoked_at is not None:
        raise Unauthenticated("The API key is not valid.")
    if key.last_used_at is None or now - key.last_used_at >= _TOUCH:
        await uow.organisations.touch_api_key(key.organisation_id, key.id, now)
    return Principal(key.organisation_id, key.id)
