"""Keys as they are stored: wrapped, with what is needed to unwrap them. Ids are lower-case hex UUIDs without dashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.media.plan import KeyLabel, ProtectionScheme

WRAP_ALGORITHM = "A256GCM"
"""AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag, in this order."""


class KeyState(StrEnum):
    """`active` keys wrap and serve; `retired` ones only unwrap; the bytes of `destroyed` ones are gone."""

    ACTIVE = "active"
    RETIRED = "retired"
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class TenantKeyRecord:
    """A tenant's key-encryption key, wrapped by the root key `root_key_id`. One active per organisation."""

    id: str
    organisation_id: str
    version: int
    wrapped_key: bytes = field(repr=False)
    root_key_id: str
    state: KeyState = KeyState.ACTIVE


@dataclass(frozen=True)
class ContentKeyRecord:
    """A content key, wrapped by the tenant key `tenant_key_id`. Unique per video, version and label."""

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
