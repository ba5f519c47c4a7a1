"""Give a version its content keys: one a label, made once however often this runs; random, or from a key service."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import UNUSABLE, ContentKeyRecord
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeySource, KeyUnavailable, RootKeyVault
from core.services.keys.envelope import NONCE_BYTES, RandomBytes, active_tenant_key, seal
from core.services.keys.store import KeyStore

KEY_BYTES = 16


async def issue_content_keys(
    store: KeyStore,
    vault: RootKeyVault,
    target: VersionRef,
    labels: Sequence[KeyLabel],
    scheme: ProtectionScheme,
    random: RandomBytes = secrets.token_bytes,
    source: KeySource | None = None,
) -> tuple[str, ...]:
    """KIDs (hex) in the order of `labels`. Raises KeyUnavailable when one was revoked or destroyed."""
    before = await _issued(store, target)
    missing = [label for label in labels if label not in before]
    if missing:
        # Before anything is locked: somebody else's service may take its time.
        keys = _random_keys(missing, scheme, random) if source is None else await source.fetch(target, missing, scheme)
        tenant, tenant_key = await active_tenant_key(store, vault, target.organisation_id, random)
        records = [_new_record(target, keys[label], tenant.id, tenant_key, random) for label in missing]
        await store.add_content_keys(records)
    issued = await _issued(store, target)
    _refuse_unusable(target, issued, labels, scheme)
    return tuple(issued[label].kid for label in labels)


async def _issued(store: KeyStore, target: VersionRef) -> dict[KeyLabel, ContentKeyRecord]:
    return {record.label: record for record in await store.content_keys(target)}


def _refuse_unusable(
    target: VersionRef,
    issued: dict[KeyLabel, ContentKeyRecord],
    labels: Sequence[KeyLabel],
    scheme: ProtectionScheme,
) -> None:
    for label in labels:
        record = issued.get(label)
        if record is None or record.state in UNUSABLE or record.scheme is not scheme:
            raise KeyUnavailable(f"version {target.version} of {target.video_id} has no usable key for {label}")


def _random_keys(
    labels: Sequence[KeyLabel], scheme: ProtectionScheme, random: RandomBytes
) -> Mapping[KeyLabel, ContentKey]:
    return {label: _random_key(label, scheme, random) for label in labels}


def _random_key(label: KeyLabel, scheme: ProtectionScheme, random: RandomBytes) -> ContentKey:
    kid = uuid.UUID(bytes=random(16), version=4).hex
    iv = random(KEY_BYTES) if scheme is ProtectionScheme.CBCS else None
    return ContentKey(kid, label, scheme, random(KEY_BYTES), iv)


def _new_record(
    target: VersionRef, key: ContentKey, tenant_key_id: str, tenant_key: bytes, random: RandomBytes
) -> ContentKeyRecord:
    record = ContentKeyRecord(
        kid=key.kid,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        label=key.label,
        scheme=key.scheme,
        wrapped_key=b"",
        tenant_key_id=tenant_key_id,
        iv=key.iv,
    )
    return seal(tenant_key, record, key.key, random(NONCE_BYTES))
