"""How the client secrets of single sign-on move to a new tenant key, for the rotation of tenant keys."""

from __future__ import annotations

from collections.abc import Sequence

from core.db.models import SsoConnection
from core.db.repositories.sso import SsoSecret
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import sso_binding
from core.domain.drm.key_records import TenantKeyRecord
from core.services.key_server.sealing import seal, unseal


class SsoTable:
    """Rows are known by the organisation's id. `left` locks them; the caller commits."""

    name = "sso_connections"
    holds_content_keys = False

    def id_of(self, row: SsoConnection | SsoSecret) -> str:
        return row.organisation_id

    async def left(
        self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[SsoConnection]:
        return await work.sso.wrapped_by_others(current, after, most)

    def moved(self, row: SsoConnection, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes) -> SsoSecret:
        """The row's secret under `current`. Raises KeyUnavailable when it does not open."""
        secret = unseal(opened_by, row.wrapped_secret, sso_binding(row.organisation_id, row.tenant_key_id))
        sealed = seal(sealed_by, secret, sso_binding(row.organisation_id, current.id))
        return SsoSecret(row.organisation_id, sealed, current.id)

    async def store(self, work: UnitOfWork, rows: Sequence[SsoSecret]) -> None:
        await work.sso.rewrap(rows)
