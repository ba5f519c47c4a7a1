"""Keys of content that another packager packages and that Sealcast has never seen: known by the packager's own id."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from core.domain.drm.key_records import KeyState

EXTERNAL_WRAP = "A256GCM"
"""AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag, in this order."""

MOST_CONTENT_ID_BYTES = 256


@dataclass(frozen=True)
class WantedKey:
    """What a packager asks for. `kid` in hex; `iv` when it wants a certain constant one."""

    kid: str
    track_type: str
    crypto_period: int | None = None
    iv: bytes | None = None


@dataclass(frozen=True)
class ExternalKeyRecord:
    """As stored, wrapped by the tenant key `tenant_key_id`. Unique per organisation and KID."""

    organisation_id: str
    kid: str
    content_id: bytes
    track_type: str
    crypto_period: int | None
    iv: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    tenant_key_id: str
    wrap_alg: str = EXTERNAL_WRAP
    state: KeyState = KeyState.ACTIVE


@dataclass(frozen=True)
class ServedKey:
    """A key in the clear on its way to a packager: 16 bytes, and the 16-byte constant IV that cbcs uses with it."""

    kid: str
    key: bytes = field(repr=False)
    iv: bytes | None = field(default=None, repr=False)


def kid_of_track(organisation_id: str, content_id: bytes, track_type: str, crypto_period: int | None) -> str:
    """The KID of a track whose packager leaves it to us, in hex.

    The same for the same question, and no other organisation's; a KID is public, the key is random all the same.
    """
    period = "" if crypto_period is None else str(crypto_period)
    return uuid5(UUID(hex=organisation_id), f"{content_id.hex()}/{track_type}/{period}").hex


def video_id_of(content_id: bytes) -> str | None:
    """The video that a content id may name, in hex: as 16 bytes, or spelled as a UUID with dashes or without."""
    if len(content_id) == 16:
        return content_id.hex()
    try:
        return UUID(hex=content_id.decode("ascii")).hex if len(content_id) in {32, 36} else None
    except ValueError:
        return None
