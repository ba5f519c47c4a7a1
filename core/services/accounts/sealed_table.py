"""How members' authenticators move to a new tenant key, for the rotation of tenant keys."""

from __future__ import annotations

from collections.abc import Sequence

from core.db.models import UserTotp
from core.db.repositories.totp import TotpSecret
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import totp_binding
from core.domain.drm.key_records import TenantKeyRecord
from core.services.key_server.sealing import seal, unseal


class TotpTable:
    """Rows are known by the member's id. `left` locks them; the caller commits."""

    name = "user_totp"
    holds_content_keys = False

    def id_of(self, row: UserTotp | TotpSecret) -> str:
        return row.user_id

    async def left(
        self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[UserTotp]:
        return await work.totp.wrapped_by_others(current, after, most)

    def moved(self, row: UserTotp, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes) -> TotpSecret:
        """The row's secret under `current`. Raises KeyUnavailable when it does not open."""
        secret = unseal(
            opened_by, row.wrapped_secret, totp_binding(row.organisation_id, row.user_id, row.tenant_key_id)
        )
        binding = totp_binding(row.organisation_id, row.user_id, current.id)
        return TotpSecret(row.user_id, row.organisation_id, seal(sealed_by, secret, binding), current.id)

    async def store(self, work: UnitOfWork, rows: Sequence[TotpSecret]) -> None:
        await work.totp.rewrap(rows)
