"""The keys of content that another packager packages: made at the first request, the same at every later one."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.external_key import ExternalKeyRecord, ServedKey, WantedKey
from core.domain.drm.key_audit import KeyUse
from core.domain.drm.key_records import KeyState
from core.domain.errors import Conflict
from core.ports import KeyUnavailable, RootKeyVault
from core.services.key_server.sealing import opened, sealed
from core.services.keys.envelope import active_tenant_key, open_tenant_key

_KEY_BYTES = 16


async def external_keys(
    uow: UnitOfWork,
    vault: RootKeyVault,
    organisation_id: str,
    content_id: bytes,
    wanted: Sequence[WantedKey],
    use: KeyUse,
) -> Mapping[str, ServedKey]:
    """By KID. The caller commits, the audit's entry included, before it answers.

    Raises Conflict (KEY_ID_MISMATCH) for a KID of other content, KeyUnavailable when a key does not open.
    """
    kids = {each.kid for each in wanted}
    known = {record.kid for record in await uow.external_keys.by_kids(organisation_id, kids)}
    if known != kids:
        missing = [each for each in wanted if each.kid not in known]
        await _add(uow, vault, organisation_id, content_id, missing)
    # Somebody else may have been first: what counts is what the store kept.
    records = await uow.external_keys.by_kids(organisation_id, kids)
    if any(record.content_id != content_id for record in records):
        raise _mismatch()
    opened_keys = await _opened(uow, vault, organisation_id, records)
    await uow.keys.record_use(organisation_id, use, sorted(opened_keys))
    return opened_keys


async def _add(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, content_id: bytes, wanted: Sequence[WantedKey]
) -> None:
    if await uow.external_keys.any_of_videos(organisation_id, [each.kid for each in wanted]):
        raise _mismatch()
    tenant, tenant_key = await active_tenant_key(uow.keys, vault, organisation_id)
    await uow.external_keys.add(
        [_new_record(organisation_id, content_id, each, tenant.id, tenant_key) for each in wanted]
    )


def _new_record(
    organisation_id: str, content_id: bytes, wanted: WantedKey, tenant_key_id: str, tenant_key: bytes
) -> ExternalKeyRecord:
    empty = ExternalKeyRecord(
        organisation_id=organisation_id,
        kid=wanted.kid,
        content_id=content_id,
        track_type=wanted.track_type,
        crypto_period=wanted.crypto_period,
        iv=wanted.iv or secrets.token_bytes(_KEY_BYTES),
        wrapped_key=b"",
        tenant_key_id=tenant_key_id,
    )
    return sealed(tenant_key, empty, secrets.token_bytes(_KEY_BYTES))


async def _opened(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, records: Collection[ExternalKeyRecord]
) -> dict[str, ServedKey]:
    """One call to the vault a tenant key, which is one in all but the days after a rotation."""
    tenant_keys: dict[str, bytes] = {}
    for tenant_key_id in {record.tenant_key_id for record in records}:
        tenant = await uow.keys.tenant_key(organisation_id, tenant_key_id)
        if tenant is None:
            raise KeyUnavailable(f"organisation {organisation_id} has no tenant key {tenant_key_id}")
        tenant_keys[tenant_key_id] = await open_tenant_key(vault, tenant)
    return {record.kid: _open(tenant_keys[record.tenant_key_id], record) for record in records}


def _open(tenant_key: bytes, record: ExternalKeyRecord) -> ServedKey:
    if record.state is not KeyState.ACTIVE:
        raise KeyUnavailable(f"external key {record.kid} is {record.state}")
    return ServedKey(record.kid, opened(tenant_key, record), record.iv)


def _mismatch() -> Conflict:
    return Conflict("One of these key ids belongs to other content: choose new ones.", code="KEY_ID_MISMATCH")
