"""Give an organisation a new tenant key. What the ones before wrapped still opens, and is re-wrapped next."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.errors import Conflict
from core.ports import RootKeyVault
from core.services.keys.envelope import new_tenant_key


async def next_tenant_key_version(uow: UnitOfWork, organisation_id: str) -> int:
    """Raises Conflict when there is no key yet, and so nothing to rotate."""
    keys = await uow.key_rotation.tenant_keys(organisation_id)
    if not keys:
        raise Conflict("The organisation has no key yet: its first video makes one.")
    return keys[0].version + 1


async def activate_tenant_key(uow: UnitOfWorkFactory, vault: RootKeyVault, organisation_id: str, version: int) -> None:
    """Make this version the active one and retire the others. Does nothing when the version is there already.

    Raises KeyUnavailable.
    """
    record = await new_tenant_key(vault, organisation_id, version)
    async with uow() as work:
        # Two at once would lock the keys' rows in different orders, and wait for each other.
        await work.organisations.lock(organisation_id)
        keys = await work.key_rotation.tenant_keys(organisation_id, lock=True)
        if any(key.version == version for key in keys):
            return
        await work.key_rotation.retire_tenant_keys(organisation_id)
        await work.keys.add_tenant_key(record)
        await work.commit()
