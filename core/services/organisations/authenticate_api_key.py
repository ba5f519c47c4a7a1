"""Find out which organisation an API key belongs to."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from core.db.models import ApiKey
from core.db.unit_of_work import UnitOfWork
from core.domain.access.addresses import network
from core.domain.auth.permissions import KEY_ROLES, known_roles
from core.domain.errors import Unauthenticated
from core.services.organisations.api_key_secret import has_shape, hash_of
from core.services.organisations.credential import Credential
from core.services.organisations.principal import Principal

#: How exact `last_used_at` is: a write for each request would double the load.
_TOUCH = timedelta(minutes=5)


async def authenticate_api_key(uow: UnitOfWork, secret: str, now: datetime) -> Credential:
    """Raises Unauthenticated for unknown, revoked, expired and malformed secrets alike. The caller commits."""
    if not has_shape(secret):
        raise _refused()
    digest = hash_of(secret)
    key = await uow.organisations.api_key_by_hash(digest)
    if key is None or not hmac.compare_digest(key.key_hash, digest):
        raise _refused()
    credential = credential_of(key, now)
    if key.last_used_at is None or now - key.last_used_at >= _TOUCH:
        await uow.api_keys.touch(key.organisation_id, key.id, now)
    return credential


def credential_of(key: ApiKey, now: datetime) -> Credential:
    """What the key is good for. Raises Unauthenticated for one that is revoked or has expired."""
    networks = [network(text) for text in key.networks]
    if key.revoked_at is not None or None in networks:
        # A list of networks of which one cannot be read does not become a key for everywhere.
        raise _refused()
    principal = Principal(key.organisation_id, key.id, known_roles(key.roles) & KEY_ROLES)
    credential = Credential(principal, key.expires_at, tuple(each for each in networks if each is not None))
    if not credential.lives(now):
        raise _refused()
    return credential


def _refused() -> Unauthenticated:
    return Unauthenticated("The API key is not valid.")
