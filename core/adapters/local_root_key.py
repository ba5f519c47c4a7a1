"""A root key kept in a file on this host: for development and single-machine installations without a KMS."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.ports import KeyUnavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12


class LocalRootKey:
    """A RootKeyVault. Wrapped form: 12-byte nonce, ciphertext, 16-byte tag (AES-256-GCM)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise KeyUnavailable(f"a root key is {_KEY_BYTES} bytes, this one has {len(key)}")
        self._cipher = AESGCM(key)
        # A fingerprint of 256 random bits tells nothing about them, and tells two root keys apart.
        self._key_id = "local-" + hashlib.sha256(b"sealcast root key id" + key).hexdigest()[:16]

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read 64 hex digits. Raises KeyUnavailable; the message never holds the file's content."""
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            # `from None`: the text of a decoding error quotes what it could not decode.
            raise KeyUnavailable(f"no root key in {path}: {type(error).__name__}") from None
        return cls(key)

    @property
    def key_id(self) -> str:
        return self._key_id

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, context)

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        if key_id != self._key_id:
            raise KeyUnavailable(f"root key {key_id} is not known here, only {self._key_id}")
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise KeyUnavailable("a tenant key does not open with this root key") from error
