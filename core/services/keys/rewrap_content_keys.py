"""Move an organisation's content keys under its active tenant key, a few in each transaction. Media stays as it is."""

from __future__ import annotations

import secrets
from dataclasses import replace

from core.contracts.rotate_keys import Rewrapped
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.drm.key_audit import KeyUse
from core.domain.drm.key_records import ContentKeyRecord, KeyState, TenantKeyRecord
from core.ports import KeyServiceUnavailable, KeyUnavailable, RootKeyVault
from core.services.keys.envelope import NONCE_BYTES, open_tenant_key, seal, unseal

BATCH = 100


async def rewrap_content_keys(
    uow: UnitOfWorkFactory, vault: RootKeyVault, organisation_id: str, after: str | None, use: KeyUse
) -> Rewrapped:
    """The next keys behind the KID `after`. Those that do not open stay as they are, and are counted.

    Raises KeyServiceUnavailable; KeyUnavailable when the active tenant key itself cannot be had.
    """
    async with uow() as work:
        wrapper = await _Wrapper.open(work, vault, organisation_id)
        rows = await work.key_rotation.content_keys_left(wrapper.active, after, BATCH)
        moved = [record for record in [await wrapper.moved(row) for row in rows] if record is not None]
        await work.key_rotation.replace_content_keys(moved)
        if moved:
            await work.keys.record_use(organisation_id, use, [record.kid for record in moved])
        await work.commit()
    refused = [row.kid for row in rows if row.kid not in {record.kid for record in moved}]
    return Rewrapped(
        after=rows[-1].kid if rows else after,
        rewrapped=len(moved),
        refused=len(refused),
        examples=tuple(refused),
        done=len(rows) < BATCH,
    )


class _Wrapper:
    """The tenant's keys, each opened once."""

    def __init__(
        self, vault: RootKeyVault, keys: list[TenantKeyRecord], active: TenantKeyRecord, opened: bytes
    ) -> None:
        self.active = active
        self._vault = vault
        self._records = {key.id: key for key in keys}
        self._opened = {active.id: opened}

    @classmethod
    async def open(cls, work: UnitOfWork, vault: RootKeyVault, organisation_id: str) -> _Wrapper:
        keys = await work.key_rotation.tenant_keys(organisation_id)
        active = next((key for key in keys if key.state is KeyState.ACTIVE), None)
        if active is None:
            raise KeyUnavailable(f"organisation {organisation_id} has no active tenant key")
        return cls(vault, keys, active, await open_tenant_key(vault, active))

    async def moved(self, record: ContentKeyRecord) -> ContentKeyRecord | None:
        """The record under the active key; None when it does not open."""
        try:
            key = unseal(await self._tenant_key(record.tenant_key_id), record)
        except KeyServiceUnavailable:
            raise
        except KeyUnavailable:
            return None
        placed = replace(record, tenant_key_id=self.active.id)
        return seal(self._opened[self.active.id], placed, key, secrets.token_bytes(NONCE_BYTES))

    async def _tenant_key(self, key_id: str) -> bytes:
        if key_id not in self._opened:
            self._opened[key_id] = await open_tenant_key(self._vault, self._records[key_id])
        return self._opened[key_id]
