"""The envelope: the root key wraps a tenant's key, that one wraps content keys (AES-256-GCM, NIST SP 800-38D)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.domain.drm.associated_data import content_key_binding, tenant_key_binding
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import WRAP_ALGORITHM, ContentKeyRecord, KeyState, TenantKeyRecord
from core.ports import KeyUnavailable, RootKeyVault
from core.services.keys.store import KeyStore

RandomBytes = Callable[[int], bytes]
"""A source of unpredictable bytes; `secrets.token_bytes` outside tests."""

NONCE_BYTES = 12
TENANT_KEY_BYTES = 32


async def active_tenant_key(
    store: KeyStore, vault: RootKeyVault, organisation_id: str, random: RandomBytes = secrets.token_bytes
) -> tuple[TenantKeyRecord, bytes]:
    """The organisation's wrapping key, made on first use. Raises KeyUnavailable."""
    record = await store.active_tenant_key(organisation_id)
    if record is None:
        await store.add_tenant_key(await _new_tenant_key(vault, organisation_id, random))
        # Somebody else may have been first: what counts is what the store kept.
        record = await store.active_tenant_key(organisation_id)
    if record is None:
        raise KeyUnavailable(f"organisation {organisation_id} has no active tenant key")
    return record, await open_tenant_key(vault, record)


async def open_tenant_key(vault: RootKeyVault, record: TenantKeyRecord) -> bytes:
    """The tenant key in the clear. Raises KeyUnavailable."""
    if record.state is KeyState.DESTROYED:
        raise KeyUnavailable(f"tenant key {record.id} is destroyed")
    return await vault.unwrap(record.wrapped_key, tenant_key_binding(record.organisation_id, record.id))


async def _new_tenant_key(vault: RootKeyVault, organisation_id: str, random: RandomBytes) -> TenantKeyRecord:
    key_id = uuid.UUID(bytes=random(16), version=4).hex
    wrapped = await vault.wrap(random(TENANT_KEY_BYTES), tenant_key_binding(organisation_id, key_id))
    return TenantKeyRecord(
        id=key_id, organisation_id=organisation_id, version=1, wrapped_key=wrapped, root_key_id=vault.key_id
    )


def seal(tenant_key: bytes, organisation_id: str, kid: str, tenant_key_id: str, key: bytes, nonce: bytes) -> bytes:
    """Nonce, ciphertext and tag of a content key, bound to whose it is and which."""
    binding = content_key_binding(organisation_id, kid, tenant_key_id)
    return nonce + AESGCM(tenant_key).encrypt(nonce, key, binding)


def open_content_key(tenant_key: bytes, record: ContentKeyRecord) -> ContentKey:
    """Unwrap one content key. Raises KeyUnavailable when it is destroyed, or its row was tampered with or moved."""
    if record.state is KeyState.DESTROYED or record.wrap_alg != WRAP_ALGORITHM:
        raise KeyUnavailable(f"content key {record.kid} is {record.state} ({record.wrap_alg})")
    binding = content_key_binding(record.organisation_id, record.kid, record.tenant_key_id)
    nonce, sealed = record.wrapped_key[:NONCE_BYTES], record.wrapped_key[NONCE_BYTES:]
    try:
        key = AESGCM(tenant_key).decrypt(nonce, sealed, binding)
        return ContentKey(record.kid, record.label, record.scheme, key, record.iv)
    except (InvalidTag, ValueError) as error:
        raise KeyUnavailable(f"content key {record.kid} does not open") from error
