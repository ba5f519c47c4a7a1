"""Give a version its content keys: one a label and crypto period, made once however often this runs.

They are random, or from a key service.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import UNUSABLE, ContentKeyRecord
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeySource, KeyUnavailable, RootKeyVault
from core.services.keys.envelope import NONCE_BYTES, RandomBytes, active_tenant_key, seal
from core.services.keys.store import KeyStore

KEY_BYTES = 16

_Place = tuple[KeyLabel, int]
"""A label, and the number of a crypto period from 0."""


async def issue_content_keys(
    store: KeyStore,
    vault: RootKeyVault,
    target: VersionRef,
    labels: Sequence[KeyLabel],
    scheme: ProtectionScheme,
    random: RandomBytes = secrets.token_bytes,
    source: KeySource | None = None,
    periods: int = 1,
) -> tuple[str, ...]:
    """KIDs (hex) in the order of `labels`, for each of `periods` crypto periods in turn.

    Raises KeyUnavailable when one was revoked or destroyed, or when a `source` is asked for more than one period.
    """
    wanted = [(label, period) for period in range(periods) for label in labels]
    before = await _issued(store, target)
    missing = [place for place in wanted if place not in before]
    if missing:
        # Before anything is locked: somebody else's service may take its time.
        keys = await _keys(target, missing, scheme, random, source)
        tenant, tenant_key = await active_tenant_key(store, vault, target.organisation_id, random)
        records = [_new_record(target, keys[place], place[1], tenant.id, tenant_key, random) for place in missing]
        await store.add_content_keys(records)
    issued = await _issued(store, target)
    _refuse_unusable(target, issued, wanted, scheme)
    return tuple(issued[place].kid for place in wanted)


async def _issued(store: KeyStore, target: VersionRef) -> dict[_Place, ContentKeyRecord]:
    return {(record.label, record.crypto_period): record for record in await store.content_keys(target)}


def _refuse_unusable(
    target: VersionRef,
    issued: dict[_Place, ContentKeyRecord],
    wanted: Sequence[_Place],
    scheme: ProtectionScheme,
) -> None:
    for place in wanted:
        record = issued.get(place)
        if record is None or record.state in UNUSABLE or record.scheme is not scheme:
            label, period = place
            raise KeyUnavailable(
                f"version {target.version} of {target.video_id} has no usable key for {label} in period {period}"
            )


async def _keys(
    target: VersionRef,
    missing: Sequence[_Place],
    scheme: ProtectionScheme,
    random: RandomBytes,
    source: KeySource | None,
) -> dict[_Place, ContentKey]:
    if source is None:
        return {place: _random_key(place[0], scheme, random) for place in missing}
    if any(period for _, period in missing):
        raise KeyUnavailable("the key service is asked for one key a label, and the version has crypto periods")
    fetched = await source.fetch(target, [label for label, _ in missing], scheme)
    return {(label, 0): key for label, key in fetched.items()}


def _random_key(label: KeyLabel, scheme: ProtectionScheme, random: RandomBytes) -> ContentKey:
    kid = uuid.UUID(bytes=random(16), version=4).hex
    iv = random(KEY_BYTES) if scheme is ProtectionScheme.CBCS else None
    return ContentKey(kid, label, scheme, random(KEY_BYTES), iv)


def _new_record(
    target: VersionRef, key: ContentKey, period: int, tenant_key_id: str, tenant_key: bytes, random: RandomBytes
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
        crypto_period=period,
    )
    return seal(tenant_key, record, key.key, random(NONCE_BYTES))
