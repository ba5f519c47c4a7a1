"""Steps of rotating keys. Each page is many small transactions; a worker that dies loses the last one at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.key_use import key_use
from core.contracts.rotate_keys import NextVersionInput, RewrapInput, Rewrapped, TenantKeyVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_audit import KeyPurpose
from core.domain.errors import InvalidInput
from core.ports import RootKeyVault
from core.services.keys.activate_tenant_key import activate_tenant_key, next_tenant_key_version
from core.services.keys.rewrap_secrets import rewrap_secrets
from core.services.keys.rewrap_tenant_keys import rewrap_tenant_keys

_PAGE = 1000
"""Keys for one activity."""


class KeyActivities:
    def __init__(self, uow: UnitOfWorkFactory, vault: RootKeyVault) -> None:
        self._uow = uow
        self._vault = vault

    @activity.defn(name="next_tenant_key_version")
    async def next_tenant_key_version(self, message: NextVersionInput) -> TenantKeyVersion:
        async with self._uow() as uow:
            version = await next_tenant_key_version(uow, message.organisation_id)
        return TenantKeyVersion(message.organisation_id, version)

    @activity.defn(name="activate_tenant_key")
    async def activate_tenant_key(self, message: TenantKeyVersion) -> None:
        await activate_tenant_key(self._uow, self._vault, message.organisation_id, message.version)

    @activity.defn(name="rewrap_secrets")
    async def rewrap_secrets(self, message: RewrapInput) -> Rewrapped:
        organisation_id, use = message.organisation_id, key_use(KeyPurpose.ROTATION)
        if organisation_id is None:
            raise InvalidInput("Secrets are re-wrapped for one organisation.")
        return await _page(
            message.after, lambda after: rewrap_secrets(self._uow, self._vault, organisation_id, after, use)
        )

    @activity.defn(name="rewrap_tenant_keys")
    async def rewrap_tenant_keys(self, message: RewrapInput) -> Rewrapped:
        return await _page(
            message.after,
            lambda after: rewrap_tenant_keys(self._uow, self._vault, after, everything=message.everything),
        )


async def _page(after: str | None, batch: Callable[[str | None], Awaitable[Rewrapped]]) -> Rewrapped:
    """Batches until the page is full or nothing is left, from where an attempt before this one told that it was."""
    page = _told() or Rewrapped(after=after)
    while not page.done and page.rewrapped + page.refused < _PAGE:
        page = page.plus(await batch(page.after))
        activity.heartbeat(page)
    return page


def _told() -> Rewrapped | None:
    details = activity.info().heartbeat_details
    if not details:
        return None
    told = dict(details[0])
    return Rewrapped(**{**told, "examples": tuple(told["examples"])})
