"""How what the key servers keep under a tenant key moves to a new one, for the rotation of tenant keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.db.models import KeySigner
from core.db.repositories.key_signers import SignerSecret
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import signer_binding
from core.domain.drm.external_key import ExternalKeyRecord
from core.domain.drm.key_records import TenantKeyRecord
from core.ports import KeyUnavailable
from core.services.key_server.sealing import opened, seal, sealed, unseal


class ExternalKeyTable:
    """Rows are known by their KID. `left` locks them; the caller commits."""

    name = "external_keys"
    holds_content_keys = True

    def id_of(self, row: ExternalKeyRecord) -> str:
        return row.kid

    async def left(
        self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[ExternalKeyRecord]:
        return await work.external_keys.wrapped_by_others(current, after, most)

    def moved(
        self, row: ExternalKeyRecord, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes
    ) -> ExternalKeyRecord:
        """The row under `current`. Raises KeyUnavailable when it does not open."""
        return sealed(sealed_by, replace(row, tenant_key_id=current.id), opened(opened_by, row))

    async def store(self, work: UnitOfWork, rows: Sequence[ExternalKeyRecord]) -> None:
        await work.external_keys.rewrap(rows)


class KeySignerTable:
    """Rows are known by the signer's id; those with a public key have nothing to move."""

    name = "key_signers"
    holds_content_keys = False

    def id_of(self, row: KeySigner | SignerSecret) -> str:
        return row.id if isinstance(row, KeySigner) else row.signer_id

    async def left(
        self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[KeySigner]:
        return await work.key_signers.wrapped_by_others(current, after, most)

    def moved(self, row: KeySigner, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes) -> SignerSecret:
        """The row's secret under `current`. Raises KeyUnavailable when it does not open."""
        if row.wrapped_key is None or row.tenant_key_id is None:
            raise KeyUnavailable(f"signer {row.id} has no key")
        secret = unseal(opened_by, row.wrapped_key, signer_binding(row.organisation_id, row.id, row.tenant_key_id))
        binding = signer_binding(row.organisation_id, row.id, current.id)
        return SignerSecret(row.id, row.organisation_id, seal(sealed_by, secret, binding), current.id)

    async def store(self, work: UnitOfWork, rows: Sequence[SignerSecret]) -> None:
        await work.key_signers.rewrap(rows)
