"""Reading keys that were delivered encrypted (CPIX, section "Encryption"). A MAC is checked before what it is over is
decrypted.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.padding import PKCS7

from core.adapters.cpix.document import AES_256_CBC, CPIX, ENC, HMAC_SHA512, PSKC, RSA_OAEP, Element
from core.adapters.cpix.encryption import oaep
from core.ports import KeyUnavailable

_SECRET = f"{CPIX}Data/{PSKC}Secret"


class DeliveredKeys:
    """The keys of one answer that has one recipient: the holder of `private_key`."""

    def __init__(self, root: Element, private_key: RSAPrivateKey) -> None:
        """Raises KeyUnavailable when the answer is not encrypted to us as CPIX prescribes."""
        deliveries = root.findall(f"{CPIX}DeliveryDataList/{CPIX}DeliveryData")
        if len(deliveries) != 1:
            raise KeyUnavailable("the key service sent no keys encrypted to us")
        method, document_key = deliveries[0].find(f"{CPIX}MACMethod"), deliveries[0].find(f"{CPIX}DocumentKey")
        if method is None or method.get("Algorithm") != HMAC_SHA512:
            raise KeyUnavailable("the key service's answer has no HMAC-SHA512")
        if document_key is None or document_key.get("Algorithm") != AES_256_CBC:
            raise KeyUnavailable("the key service's answer has no AES-256-CBC document key")
        self._mac_key = _unwrap(private_key, _cipher_value(method.find(f"{CPIX}Key"), RSA_OAEP))
        secret = document_key.find(_SECRET)
        if secret is not None and secret.find(f"{PSKC}ValueMAC") is not None:
            self._authenticated(secret, RSA_OAEP)
        self._document_key = _unwrap(private_key, _cipher_value(secret, RSA_OAEP))
        if len(self._document_key) != 32:
            raise KeyUnavailable("the key service's document key is not 256 bits")

    def read(self, content_key: Element) -> bytes:
        """The bytes of one ContentKey. Raises KeyUnavailable; a key in the clear is none."""
        value = self._authenticated(content_key.find(_SECRET), AES_256_CBC)
        try:
            decryptor = Cipher(AES(self._document_key), CBC(value[:16])).decryptor()
            padded = decryptor.update(value[16:]) + decryptor.finalize()
            unpadder = PKCS7(128).unpadder()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise KeyUnavailable("a key of the key service does not decrypt") from None

    def _authenticated(self, secret: Element | None, algorithm: str) -> bytes:
        value = _cipher_value(secret, algorithm)
        expected = "" if secret is None else secret.findtext(f"{PSKC}ValueMAC") or ""
        authenticator = hmac.HMAC(self._mac_key, SHA512())
        authenticator.update(value)
        try:
            authenticator.verify(_decoded(expected))
        except InvalidSignature:
            raise KeyUnavailable("a MAC of the key service's answer is wrong") from None
        return value


def _cipher_value(parent: Element | None, algorithm: str) -> bytes:
    value = None if parent is None else parent.find(f"{PSKC}EncryptedValue")
    method = None if value is None else value.find(f"{ENC}EncryptionMethod")
    if value is None or method is None or method.get("Algorithm") != algorithm:
        raise KeyUnavailable("the key service's answer is not encrypted as CPIX prescribes")
    return _decoded(value.findtext(f"{ENC}CipherData/{ENC}CipherValue") or "")


def _unwrap(private_key: RSAPrivateKey, value: bytes) -> bytes:
    try:
        return private_key.decrypt(value, oaep())
    except ValueError:
        raise KeyUnavailable("the key service's answer is not encrypted to us") from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise KeyUnavailable("the key service's answer is malformed") from None
