"""Keys as they are stored: wrapped, with what is needed to unwrap them. Ids are lower-case hex UUIDs without dashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.media.plan import KeyLabel, ProtectionScheme

WRAP_ALGORITHM = "A256GCM-2"
"""AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag, in this order; bound to the whole row (`associated_data`)."""

FIRST_WRAP_ALGORITHM = "A256GCM"
"""The same cipher, bound to tenant, KID, tenant key and purpose only. It opens; nothing new is wrapped so."""

BINDING = 2
"""Of a tenant key: to tenant, key id, version and purpose."""

FIRST_BINDING = 1
"""The same without the version. It opens; nothing new is wrapped so."""


class KeyState(StrEnum):
    """`active` keys wrap and serve; `retired` ones only unwrap; `revoked` content keys are given to nobody any more,
    only re-keying opens them; the bytes of `destroyed` ones are gone."""

    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"
    DESTROYED = "destroyed"


UNUSABLE = frozenset({KeyState.REVOKED, KeyState.DESTROYED})
"""Keys in these states are neither packaged with nor handed out."""


@dataclass(frozen=True)
class TenantKeyRecord:
    """A tenant's key-encryption key, wrapped by the root key `root_key_id`. One active per organisation."""

    id: str
    organisation_id: str
    version: int
    wrapped_key: bytes = field(repr=False)
    root_key_id: str
    state: KeyState = KeyState.ACTIVE
    binding: int = BINDING


@dataclass(frozen=True)
class ContentKeyRecord:
    """A content key, wrapped by the tenant key `tenant_key_id`. Unique per video, version, label and crypto period.

    `crypto_period` counts from 0, which is also that of a key that does not change.
    """

    kid: str
    organisation_id: str
    video_id: str
    version: int
    label: KeyLabel
    scheme: ProtectionScheme
    wrapped_key: bytes = field(repr=False)
    tenant_key_id: str
    iv: bytes | None = field(default=None, repr=False)
    wrap_alg: str = WRAP_ALGORITHM
    state: KeyState = KeyState.ACTIVE
    crypto_period: int = 0
