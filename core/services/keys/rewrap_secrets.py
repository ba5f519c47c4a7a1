"""Move what an organisation's tenant keys wrap under its active one, a few rows in each transaction."""

from __future__ import annotations

from typing import Any

from core.contracts.rotate_keys import Rewrapped
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.drm.key_audit import KeyUse
from core.domain.drm.key_records import KeyState, TenantKeyRecord
from core.ports import KeyServiceUnavailable, KeyUnavailable, RootKeyVault
from core.services.keys.envelope import open_tenant_key
from core.services.keys.sealed_table import SEALED_TABLES, SealedTable

BATCH = 100


async def rewrap_secrets(
    uow: UnitOfWorkFactory, vault: RootKeyVault, organisation_id: str, after: str | None, use: KeyUse
) -> Rewrapped:
    """The next rows. Those that do not open stay as they are, and are counted.

    `after` is `<table>:<id>` of the row before; nothing after the colon means the table's beginning. Raises
    KeyServiceUnavailable; KeyUnavailable when the active tenant key itself cannot be had.
    """
    name, _, last = (after or f"{SEALED_TABLES[0].name}:").partition(":")
    at = [table.name for table in SEALED_TABLES].index(name)
    table = SEALED_TABLES[at]
    async with uow() as work:
        keys = await _TenantKeys.of(work, vault, organisation_id)
        rows = await table.left(work, keys.active, last or None, BATCH)
        moved = {table.id_of(row): new for row in rows if (new := await keys.moved(table, row)) is not None}
        await table.store(work, list(moved.values()))
        if moved and table.holds_content_keys:
            await work.keys.record_use(organisation_id, use, list(moved))
        await work.commit()
    refused = [table.id_of(row) for row in rows if table.id_of(row) not in moved]
    finished = len(rows) < BATCH
    following = SEALED_TABLES[at + 1 :]
    return Rewrapped(
        after=f"{following[0].name}:"
        if finished and following
        else f"{name}:{table.id_of(rows[-1]) if rows else last}",
        rewrapped=len(moved),
        refused=len(refused),
        examples=tuple(refused),
        done=finished and not following,
    )


class _TenantKeys:
    """The organisation's tenant keys, each opened once."""

    def __init__(
        self, vault: RootKeyVault, records: list[TenantKeyRecord], active: TenantKeyRecord, key: bytes
    ) -> None:
        self.active = active
        self._vault = vault
        self._records = {record.id: record for record in records}
        self._opened = {active.id: key}

    @classmethod
    async def of(cls, work: UnitOfWork, vault: RootKeyVault, organisation_id: str) -> _TenantKeys:
        records = await work.key_rotation.tenant_keys(organisation_id)
        active = next((record for record in records if record.state is KeyState.ACTIVE), None)
        if active is None:
            raise KeyUnavailable(f"organisation {organisation_id} has no active tenant key")
        return cls(vault, records, active, await open_tenant_key(vault, active))

    async def moved(self, table: SealedTable, row: Any) -> Any:
        """The row under the active key; None when it does not open."""
        try:
            return table.moved(row, await self._key(row.tenant_key_id), self.active, self._opened[self.active.id])
        except KeyServiceUnavailable:
            raise
        except KeyUnavailable:
            return None

    async def _key(self, key_id: str) -> bytes:
        if key_id not in self._opened:
            self._opened[key_id] = await open_tenant_key(self._vault, self._records[key_id])
        return self._opened[key_id]
