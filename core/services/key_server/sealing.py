"""Secrets under a tenant's key, each bound to what it is (AES-256-GCM: nonce, ciphertext, tag)."""

from __future__ import annotations

import secrets
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.domain.drm.associated_data import external_key_binding
from core.domain.drm.external_key import EXTERNAL_WRAP, ExternalKeyRecord
from core.ports import KeyUnavailable
from core.services.keys.envelope import NONCE_BYTES


def sealed(tenant_key: bytes, record: ExternalKeyRecord, key: bytes) -> ExternalKeyRecord:
    """The record with `key` in it."""
    return replace(record, wrapped_key=seal(tenant_key, key, external_key_binding(record)))


def opened(tenant_key: bytes, record: ExternalKeyRecord) -> bytes:
    """The record's key. Raises KeyUnavailable."""
    if record.wrap_alg != EXTERNAL_WRAP:
        raise KeyUnavailable(f"external key {record.kid} is wrapped by {record.wrap_alg}")
    return unseal(tenant_key, record.wrapped_key, external_key_binding(record))


def seal(tenant_key: bytes, secret: bytes, binding: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(tenant_key).encrypt(nonce, secret, binding)


def unseal(tenant_key: bytes, sealed: bytes, binding: bytes) -> bytes:
    """Raises KeyUnavailable when it was tampered with, or moved to where it does not belong."""
    try:
        return AESGCM(tenant_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], binding)
    except (InvalidTag, ValueError) as error:
        raise KeyUnavailable("a sealed secret does not open") from error
