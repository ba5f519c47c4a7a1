"""What an endpoint's messages are signed with, sealed under the tenant's key, and how it moves to a new one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from core.db.models import WebhookEndpoint, WebhookSecret
from core.db.repositories.webhook_endpoints import SealedSecret
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import webhook_secret_binding
from core.domain.drm.key_records import TenantKeyRecord
from core.domain.webhooks.message import SECRET_BYTES
from core.ports import KeyUnavailable, RootKeyVault
from core.services.key_server.sealing import seal, unseal
from core.services.keys.envelope import active_tenant_key, open_tenant_key


async def add_secret(uow: UnitOfWork, vault: RootKeyVault, endpoint: WebhookEndpoint, now: datetime) -> bytes:
    """A random one, in the clear this once. Raises KeyUnavailable. The caller commits."""
    secret, secret_id = secrets.token_bytes(SECRET_BYTES), uuid4().hex
    tenant, tenant_key = await active_tenant_key(uow.keys, vault, endpoint.organisation_id)
    binding = webhook_secret_binding(endpoint.organisation_id, endpoint.id, secret_id, tenant.id)
    uow.webhook_endpoints.add_secret(
        WebhookSecret(
            id=secret_id,
            organisation_id=endpoint.organisation_id,
            endpoint_id=endpoint.id,
            wrapped_secret=seal(tenant_key, secret, binding),
            tenant_key_id=tenant.id,
            created_at=now,
        )
    )
    return secret


async def open_secrets(
    vault: RootKeyVault, sealed: Sequence[tuple[WebhookSecret, TenantKeyRecord]]
) -> tuple[bytes, ...]:
    """In the same order. Raises KeyUnavailable, also when there is none: nothing is sent unsigned."""
    if not sealed:
        raise KeyUnavailable("the endpoint has no secret")
    keys = {tenant.id: tenant for _, tenant in sealed}
    opened = {key_id: await open_tenant_key(vault, tenant) for key_id, tenant in keys.items()}
    return tuple(_opened(opened[tenant.id], secret) for secret, tenant in sealed)


class WebhookSecretTable:
    """A `SealedTable`. Rows are known by the secret's id."""

    name = "webhook_secrets"
    holds_content_keys = False

    def id_of(self, row: WebhookSecret | SealedSecret) -> str:
        return row.id

    async def left(
        self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[WebhookSecret]:
        return await work.webhook_endpoints.secrets_wrapped_by_others(current, after, most)

    def moved(self, row: WebhookSecret, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes) -> SealedSecret:
        """The row's secret under `current`. Raises KeyUnavailable when it does not open."""
        binding = webhook_secret_binding(row.organisation_id, row.endpoint_id, row.id, current.id)
        wrapped = seal(sealed_by, _opened(opened_by, row), binding)
        return SealedSecret(row.id, row.organisation_id, row.endpoint_id, wrapped, current.id)

    async def store(self, work: UnitOfWork, rows: Sequence[SealedSecret]) -> None:
        await work.webhook_endpoints.rewrap_secrets(rows)


def _opened(tenant_key: bytes, row: WebhookSecret) -> bytes:
    binding = webhook_secret_binding(row.organisation_id, row.endpoint_id, row.id, row.tenant_key_id)
    return unseal(tenant_key, row.wrapped_secret, binding)
