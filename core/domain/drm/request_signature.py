"""Signatures of Widevine's common-encryption protocol: over the SHA-1 digest that the protocol fixes.

SHA-1 is safe enough here: finding a second request with the digest of a signed one is not its weakness.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from core.domain.errors import InvalidInput

AES_KEY_BYTES = 32
AES_IV_BYTES = 16
_BLOCK = 16
_SALT_BYTES = 20
_SMALLEST_RSA = 2048
_LARGEST_RSA = 4096


def aes_signature_matches(key: bytes, iv: bytes, message: bytes, signature: bytes) -> bool:
    """AES-CBC over the digest. Shaka Packager pads as PKCS #7 says, published samples of license proxies with zeros."""
    digest = hashlib.sha1(message, usedforsecurity=False).digest()
    missing = -len(digest) % _BLOCK
    # Both are compared, whatever the first one says: time tells nothing.
    matches = [
        hmac.compare_digest(_encrypted(key, iv, digest + bytes([filler]) * missing), signature)
        for filler in (missing, 0)
    ]
    return any(matches)


def rsa_signature_matches(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """RSASSA-PSS, SHA-1, MGF1 with SHA-1, 20 bytes of salt; `public_key` as stored by `rsa_public_key`."""
    key = load_der_public_key(public_key)
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, message, PSS(MGF1(SHA1()), _SALT_BYTES), SHA1())  # noqa: S303 - the protocol's
    except InvalidSignature:
        return False
    return True


def rsa_public_key(pem: str) -> RSAPublicKey:
    """Raises InvalidInput for what is no RSA key of 2048 to 4096 bits."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _refused() from None
    if not isinstance(key, RSAPublicKey) or not _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
        raise _refused()
    return key


def _encrypted(key: bytes, iv: bytes, padded: bytes) -> bytes:
    return Cipher(AES(key), CBC(iv)).encryptor().update(padded)


def _refused() -> InvalidInput:
    reason = "an RSA public key of 2048 to 4096 bits in PEM"
    return InvalidInput("That is not a key to check signatures with.", fields={"public_key": reason})
