"""Open all content keys of a version, for the packaging and verification steps and the key server. Licences have an
audit of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_audit import KeyUse
from core.domain.drm.key_records import ContentKeyRecord
from core.domain.media.plan import KeyLabel
from core.ports import KeyUnavailable, RootKeyVault
from core.services.keys.envelope import open_content_key, open_tenant_key
from core.services.keys.store import KeyStore


async def unwrap_content_keys(
    store: KeyStore, vault: RootKeyVault, target: VersionRef, use: KeyUse, *, even_revoked: bool = False
) -> Mapping[KeyLabel, ContentKey]:
    """All keys of the version by label, those of later crypto periods behind the first.

    Raises KeyUnavailable when there are none, when one of a period in between is missing, or when one does not open.

    The audit's entry joins the caller's transaction: who calls commits before a key leaves. `even_revoked` is for
    taking content out from under a revoked key, and for nothing else.
    """
    records = await store.content_keys(target)
    if not records:
        raise KeyUnavailable(f"version {target.version} of {target.video_id} has no content keys")
    tenant_keys = {
        tenant_key_id: await _tenant_key(store, vault, target.organisation_id, tenant_key_id)
        for tenant_key_id in {record.tenant_key_id for record in records}
    }
    ordered = sorted(records, key=lambda record: (record.label, record.crypto_period))
    opened = {
        label: _in_periods(
            target,
            [
                (record, open_content_key(tenant_keys[record.tenant_key_id], record, even_revoked=even_revoked))
                for record in of_label
            ],
        )
        for label, of_label in groupby(ordered, key=lambda record: record.label)
    }
    await store.record_use(target.organisation_id, use, [record.kid for record in records])
    return opened


def _in_periods(target: VersionRef, found: Sequence[tuple[ContentKeyRecord, ContentKey]]) -> ContentKey:
    """The first key, with the later ones in it."""
    if [record.crypto_period for record, _ in found] != list(range(len(found))):
        raise KeyUnavailable(f"version {target.version} of {target.video_id} lacks the keys of a crypto period")
    first, *later = (key for _, key in found)
    return replace(first, later=tuple(later))


async def _tenant_key(store: KeyStore, vault: RootKeyVault, organisation_id: str, tenant_key_id: str) -> bytes:
    record = await store.tenant_key(organisation_id, tenant_key_id)
    if record is None:
        raise KeyUnavailable(f"organisation {organisation_id} has no tenant key {tenant_key_id}")
    return await open_tenant_key(vault, record)
