"""Move tenant keys under the current root key. The KMS is asked outside of transactions: it may be slow."""

from __future__ import annotations

from core.contracts.rotate_keys import Rewrapped
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_records import TenantKeyRecord
from core.ports import KeyServiceUnavailable, KeyUnavailable, RootKeyVault
from core.services.keys.envelope import open_tenant_key, wrap_tenant_key

BATCH = 5


async def rewrap_tenant_keys(
    uow: UnitOfWorkFactory, vault: RootKeyVault, after: str | None, *, everything: bool = False
) -> Rewrapped:
    """The next keys behind the id `after`. Those that do not open stay as they are, and are counted.

    With `everything`, also those that the current root key wraps already. Raises KeyServiceUnavailable.
    """
    async with uow() as work:
        left = await work.key_rotation.tenant_keys_left(None if everything else vault.key_id, after, BATCH)
    refused = [record.id for record in left if not await _rewrapped(uow, vault, record)]
    return Rewrapped(
        after=left[-1].id if left else after,
        rewrapped=len(left) - len(refused),
        refused=len(refused),
        examples=tuple(refused),
        done=len(left) < BATCH,
    )


async def _rewrapped(uow: UnitOfWorkFactory, vault: RootKeyVault, record: TenantKeyRecord) -> bool:
    try:
        moved = await wrap_tenant_key(vault, record, await open_tenant_key(vault, record))
    except KeyServiceUnavailable:
        raise
    except KeyUnavailable:
        return False
    async with uow() as work:
        await work.key_rotation.replace_tenant_key(record, moved)
        await work.commit()
    return True
