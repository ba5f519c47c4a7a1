"""Give an organisation's backend a key of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from core.db.models import ApiKey
from core.db.unit_of_work import UnitOfWork
from core.domain.access.addresses import network
from core.domain.auth.permissions import KEY_ROLES, Permission, Role, permissions_of
from core.domain.errors import Conflict, Forbidden, InvalidInput
from core.services.api_keys.key_view import ApiKeyView, key_view
from core.services.audit.signed_by import SignedBy
from core.services.organisations.api_key_secret import PREFIX, hash_of, new_secret

MOST_ACTIVE = 2
"""Of one name: the one in use, and the one that is about to take its place."""


@dataclass(frozen=True)
class KeyOrder:
    """`networks` are addresses or CIDR blocks; none means everywhere."""

    name: str
    roles: frozenset[Role]
    networks: Sequence[str] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True)
class CreatedApiKey:
    """The secret is shown this once."""

    key: ApiKeyView
    secret: str = field(repr=False)


async def create_api_key(
    uow: UnitOfWork, organisation_id: str, order: KeyOrder, may: frozenset[Permission], by: SignedBy
) -> CreatedApiKey:
    """`may` is what the caller may do: nobody gives a key more.

    Raises Forbidden (ROLE_TOO_HIGH), InvalidInput, Conflict (API_KEY_LIMIT). The caller commits.
    """
    if not permissions_of(order.roles) <= may:
        raise Forbidden("A key cannot do more than whoever creates it.", code="ROLE_TOO_HIGH")
    _check(order, by.at)
    # One at a time in an organisation, or two could become three.
    await uow.organisations.lock(organisation_id)
    if await uow.api_keys.count_active(organisation_id, order.name, by.at) >= MOST_ACTIVE:
        raise Conflict(
            f"There are {MOST_ACTIVE} active keys of this name already. Revoke one, or choose another name.",
            code="API_KEY_LIMIT",
            fields={"name": "taken"},
        )
    secret = new_secret()
    key = ApiKey(
        id=uuid4().hex,
        organisation_id=organisation_id,
        name=order.name,
        key_hash=hash_of(secret),
        prefix=secret[:PREFIX],
        roles=sorted(order.roles),
        networks=[str(network(text)) for text in order.networks],
        created_at=by.at,
        expires_at=order.expires_at,
    )
    uow.organisations.add_api_key(key)
    details = {"name": key.name, "roles": key.roles, "networks": key.networks}
    await by.note(uow, organisation_id, "api-key.create", f"api-key:{key.id}", details)
    return CreatedApiKey(key_view(key), secret)


def _check(order: KeyOrder, now: datetime) -> None:
    if not order.roles or not order.roles <= KEY_ROLES:
        raise InvalidInput("A key needs one of the roles of keys.", fields={"roles": "not for keys"})
    if any(network(text) is None for text in order.networks):
        raise InvalidInput("Networks are addresses or CIDR blocks.", fields={"networks": "not an address or block"})
    if order.expires_at is not None and order.expires_at <= now:
        raise InvalidInput("A key cannot have expired already.", fields={"expires_at": "in the past"})
