"""The envelope: the root key wraps a tenant's key, that one wraps content keys (AES-256-GCM, NIST SP 800-38D)."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.domain.drm.associated_data import content_key_binding, tenant_key_binding
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import (
    BINDING,
    FIRST_WRAP_ALGORITHM,
    UNUSABLE,
    WRAP_ALGORITHM,
    ContentKeyRecord,
    KeyState,
    TenantKeyRecord,
)
from core.ports import KeyUnavailable, RootKeyVault
from core.services.keys.store import KeyStore

RandomBytes = Callable[[int], bytes]
"""A source of unpredictable bytes; `secrets.token_bytes` outside tests."""

NONCE_BYTES = 12
TENANT_KEY_BYTES = 32


async def active_tenant_key(
    store: KeyStore, vault: RootKeyVault, organisation_id: str, random: RandomBytes = secrets.token_bytes
) -> tuple[TenantKeyRecord, bytes]:
    """The organisation's wrapping key, made on first use. Raises KeyUnavailable.

    It stays the active one until the caller's transaction ends, so that nothing is wrapped by a key that a rotation has
    already left behind.
    """
    record = await store.active_tenant_key(organisation_id)
    if record is None:
        await store.add_tenant_key(await new_tenant_key(vault, organisation_id, 1, random))
        # Somebody else may have been first: what counts is what the store kept.
        record = await store.active_tenant_key(organisation_id)
    if record is None:
        raise KeyUnavailable(f"organisation {organisation_id} has no active tenant key")
    return record, await open_tenant_key(vault, record)


async def open_tenant_key(vault: RootKeyVault, record: TenantKeyRecord) -> bytes:
    """The tenant key in the clear. Raises KeyUnavailable."""
    if record.state is KeyState.DESTROYED:
        raise KeyUnavailable(f"tenant key {record.id} is destroyed")
    return await vault.unwrap(record.wrapped_key, tenant_key_binding(record), record.root_key_id)


async def new_tenant_key(
    vault: RootKeyVault, organisation_id: str, version: int, random: RandomBytes = secrets.token_bytes
) -> TenantKeyRecord:
    """A random key under the current root key. Raises KeyUnavailable."""
    key_id = uuid.UUID(bytes=random(16), version=4).hex
    empty = TenantKeyRecord(key_id, organisation_id, version, wrapped_key=b"", root_key_id=vault.key_id)
    return await wrap_tenant_key(vault, empty, random(TENANT_KEY_BYTES))


async def wrap_tenant_key(vault: RootKeyVault, record: TenantKeyRecord, key: bytes) -> TenantKeyRecord:
    """The record with `key` under the current root key, bound to all that it is today. Raises KeyUnavailable."""
    record = replace(record, root_key_id=vault.key_id, binding=BINDING)
    return replace(record, wrapped_key=await vault.wrap(key, tenant_key_binding(record)))


def seal(tenant_key: bytes, record: ContentKeyRecord, key: bytes, nonce: bytes) -> ContentKeyRecord:
    """The record with `key` under its tenant key, bound to whose it is, which, what for. `nonce` is used once."""
    record = replace(record, wrap_alg=WRAP_ALGORITHM)
    return replace(record, wrapped_key=nonce + AESGCM(tenant_key).encrypt(nonce, key, content_key_binding(record)))


def open_content_key(tenant_key: bytes, record: ContentKeyRecord, *, even_revoked: bool = False) -> ContentKey:
    """Unwrap one content key for use. Raises KeyUnavailable when it is revoked or destroyed, or does not open."""
    if record.state in UNUSABLE and not (even_revoked and record.state is KeyState.REVOKED):
        raise KeyUnavailable(f"content key {record.kid} is {record.state}")
    try:
        return ContentKey(record.kid, record.label, record.scheme, unseal(tenant_key, record), record.iv)
    except ValueError as error:
        raise KeyUnavailable(f"content key {record.kid} is none that a player could use") from error


def unseal(tenant_key: bytes, record: ContentKeyRecord) -> bytes:
    """The key's bytes, also those of a revoked one. Raises KeyUnavailable when its row was tampered with or moved."""
    if record.state is KeyState.DESTROYED or record.wrap_alg not in {WRAP_ALGORITHM, FIRST_WRAP_ALGORITHM}:
        raise KeyUnavailable(f"content key {record.kid} is {record.state} ({record.wrap_alg})")
    nonce, sealed = record.wrapped_key[:NONCE_BYTES], record.wrapped_key[NONCE_BYTES:]
    try:
        return AESGCM(tenant_key).decrypt(nonce, sealed, content_key_binding(record))
    except (InvalidTag, ValueError) as error:
        raise KeyUnavailable(f"content key {record.kid} does not open") from error
