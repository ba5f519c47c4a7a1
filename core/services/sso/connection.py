"""Which OpenID Connect provider an organisation's members come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.db.models import SsoConnection
from core.db.unit_of_work import UnitOfWork
from core.domain.auth.membership import check_role_given
from core.domain.auth.permissions import Permission, Role
from core.domain.drm.associated_data import sso_binding
from core.domain.drm.callback_message import check_callback_url
from core.domain.errors import InvalidInput, NotFound
from core.ports import KeyUnavailable, RootKeyVault
from core.services.audit.signed_by import SignedBy
from core.services.key_server.sealing import seal, unseal
from core.services.keys.envelope import active_tenant_key, open_tenant_key


@dataclass(frozen=True)
class SsoOrder:
    """`issuer` exactly as the provider writes it in its tokens."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    default_role: Role = Role.VIEWER
    role_claim: str | None = None
    role_map: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True)
class SsoView:
    """Without the secret."""

    issuer: str
    client_id: str
    default_role: str
    role_claim: str | None
    role_map: Mapping[str, str]


async def set_connection(
    uow: UnitOfWork,
    vault: RootKeyVault,
    organisation_id: str,
    order: SsoOrder,
    may: frozenset[Permission],
    by: SignedBy,
    *,
    development: bool,
) -> SsoView:
    """Raises InvalidInput, Forbidden (ROLE_TOO_HIGH), KeyUnavailable. The caller commits."""
    check_callback_url(order.issuer, development=development)
    for role in (order.default_role, *order.role_map.values()):
        check_role_given(role, may)
        if role is Role.OWNER:
            raise InvalidInput("Owners are made by owners, not by a provider.", fields={"role_map": "owner"})
    tenant, key = await active_tenant_key(uow.keys, vault, organisation_id)
    connection = SsoConnection(
        organisation_id=organisation_id,
        issuer=order.issuer,
        client_id=order.client_id,
        wrapped_secret=seal(key, order.client_secret.encode(), sso_binding(organisation_id, tenant.id)),
        tenant_key_id=tenant.id,
        default_role=order.default_role.value,
        role_claim=order.role_claim,
        role_map={name: role.value for name, role in order.role_map.items()},
        updated_at=by.at,
    )
    await uow.sso.put(connection)
    await by.note(uow, organisation_id, "sso.set", f"organisation:{organisation_id}", {"issuer": order.issuer})
    return _view(connection)


async def read_connection(uow: UnitOfWork, organisation_id: str) -> SsoView:
    """Raises NotFound."""
    connection = await uow.sso.get(organisation_id)
    if connection is None:
        raise NotFound("There is no single sign-on.")
    return _view(connection)


async def drop_connection(uow: UnitOfWork, organisation_id: str, by: SignedBy) -> None:
    """Members who came by it stay; nobody comes by it any more. Safe to repeat. The caller commits."""
    await uow.sso.drop(organisation_id)
    await by.note(uow, organisation_id, "sso.drop", f"organisation:{organisation_id}")


async def client_secret(uow: UnitOfWork, vault: RootKeyVault, connection: SsoConnection) -> str:
    """Raises KeyUnavailable."""
    tenant = await uow.keys.tenant_key(connection.organisation_id, connection.tenant_key_id)
    if tenant is None:
        raise KeyUnavailable(f"organisation {connection.organisation_id} has lost a tenant key")
    binding = sso_binding(connection.organisation_id, tenant.id)
    return unseal(await open_tenant_key(vault, tenant), connection.wrapped_secret, binding).decode()


def _view(connection: SsoConnection) -> SsoView:
    return SsoView(
        connection.issuer,
        connection.client_id,
        connection.default_role,
        connection.role_claim,
        connection.role_map,
    )
