"""Key ids and keys as PlayReady writes them (PlayReady Header Specification, section 5; PlayReady Key Seed)."""

from __future__ import annotations

import hashlib
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

KEY_SEED_BYTES = 30
_CHECKSUM_BYTES = 8


def guid(kid: str) -> bytes:
    """The 16 bytes of a KID in Microsoft's order: the first three fields little-endian."""
    return UUID(hex=kid).bytes_le


def checksum(kid: str, key: bytes) -> bytes:
    """8 bytes by which a client knows an AESCTR key for the right one: the key id, encrypted under it."""
    # One block of a published value: there is no message that ECB could betray.
    encryptor = Cipher(AES(key), ECB()).encryptor()  # noqa: S305
    return encryptor.update(guid(kid))[:_CHECKSUM_BYTES]


def key_from_seed(seed: bytes, kid: str) -> bytes:
    """The 16-byte content key of a KID under a service's key seed, of which the first 30 bytes count.

    For interoperation with services that already work so: who learns the seed has every key. Raises ValueError.
    """
    if len(seed) < KEY_SEED_BYTES:
        raise ValueError(f"a key seed has at least {KEY_SEED_BYTES} bytes")
    seed, key_id = seed[:KEY_SEED_BYTES], guid(kid)
    texts = (seed + key_id, seed + key_id + seed, seed + key_id + seed + key_id)
    halves = [half for text in texts for half in _halves(hashlib.sha256(text).digest())]
    mixed = 0
    for half in halves:
        mixed ^= int.from_bytes(half, "big")
    return mixed.to_bytes(16, "big")


def _halves(digest: bytes) -> tuple[bytes, bytes]:
    return digest[:16], digest[16:]
