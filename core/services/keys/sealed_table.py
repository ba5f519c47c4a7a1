"""What lies under a tenant key. Each table of wrapped secrets says here how its rows move to a new one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.key_records import ContentKeyRecord, TenantKeyRecord
from core.services.accounts.sealed_table import TotpTable
from core.services.key_server.sealed_tables import ExternalKeyTable, KeySignerTable
from core.services.keys.envelope import NONCE_BYTES, seal, unseal
from core.services.sso.sealed_table import SsoTable
from core.services.webhooks.secrets import WebhookSecretTable


class SealedTable(Protocol):
    """`holds_content_keys`: the rows' ids are KIDs, and moving them is a matter for the audit."""

    name: str
    holds_content_keys: bool

    def id_of(self, row: Any) -> str: ...

    async def left(self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int) -> Sequence[Any]:
        """Rows, by id, that another key of the tenant's wraps; each has a `tenant_key_id`. Locks them."""
        ...

    def moved(self, row: Any, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes) -> Any:
        """The row under `current`. Raises KeyUnavailable when it does not open."""
        ...

    async def store(self, work: UnitOfWork, rows: Sequence[Any]) -> None: ...


class ContentKeyTable:
    name = "content_keys"
    holds_content_keys = True

    def id_of(self, row: ContentKeyRecord) -> str:
        return row.kid

    async def left(
        self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[ContentKeyRecord]:
        return await work.key_rotation.content_keys_left(current, after, most)

    def moved(
        self, row: ContentKeyRecord, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes
    ) -> ContentKeyRecord:
        key = unseal(opened_by, row)
        return seal(sealed_by, replace(row, tenant_key_id=current.id), key, secrets.token_bytes(NONCE_BYTES))

    async def store(self, work: UnitOfWork, rows: Sequence[ContentKeyRecord]) -> None:
        await work.key_rotation.replace_content_keys(rows)


SEALED_TABLES: tuple[SealedTable, ...] = (
    ContentKeyTable(),
    ExternalKeyTable(),
    KeySignerTable(),
    WebhookSecretTable(),
    TotpTable(),
    SsoTable(),
)
"""All of them, in the order in which a rotation goes through them."""
