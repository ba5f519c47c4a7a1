"""Encrypted delivery of content keys (CPIX, section "Encryption"): the keys of the document itself go to each recipient
under its RSA key.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hmac
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA512
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from core.adapters.cpix.document import AES_256_CBC, CPIX, ENC, HMAC_SHA512, PSKC, RSA_OAEP, Element
from core.domain.drm.speke import SpekeRefused

_DOCUMENT_KEY_BYTES = 32
_MAC_KEY_BYTES = 64
_SMALLEST_RSA = 2048
_LARGEST_RSA = 8192


@dataclass(frozen=True)
class Encrypted:
    """`value` is what CipherValue holds, and what the MAC is over."""

    algorithm: str
    value: bytes
    mac: bytes


class DocumentCipher:
    """The keys of one document; they leave it only encrypted to the recipients."""

    def __init__(self, recipients: Collection[RSAPublicKey]) -> None:
        self._recipients = list(recipients)
        self._document_key = secrets.token_bytes(_DOCUMENT_KEY_BYTES)
        self._mac_key = secrets.token_bytes(_MAC_KEY_BYTES)

    def content_key(self, key: bytes) -> Encrypted:
        """AES-256-CBC with PKCS #7 padding, the IV in front."""
        padder, iv = PKCS7(128).padder(), secrets.token_bytes(16)
        padded = padder.update(key) + padder.finalize()
        encryptor = Cipher(AES(self._document_key), CBC(iv)).encryptor()
        return self._authenticated(AES_256_CBC, iv + encryptor.update(padded) + encryptor.finalize())

    def deliver(self, root: Element) -> None:
        """Put both keys into each DeliveryData, encrypted to its certificate; they come in the recipients' order."""
        elements = root.findall(f"{CPIX}DeliveryDataList/{CPIX}DeliveryData")
        for element, recipient in zip(elements, self._recipients, strict=True):
            for child in element.findall(f"{CPIX}DocumentKey") + element.findall(f"{CPIX}MACMethod"):
                element.remove(child)
            document_key = etree.SubElement(element, f"{CPIX}DocumentKey", Algorithm=AES_256_CBC)
            secret = etree.SubElement(etree.SubElement(document_key, f"{CPIX}Data"), f"{PSKC}Secret")
            add_encrypted(secret, self._to(recipient, self._document_key))
            method = etree.SubElement(element, f"{CPIX}MACMethod", Algorithm=HMAC_SHA512)
            add_encrypted(etree.SubElement(method, f"{CPIX}Key"), self._to(recipient, self._mac_key))

    def _to(self, recipient: RSAPublicKey, key: bytes) -> Encrypted:
        return self._authenticated(RSA_OAEP, recipient.encrypt(key, oaep()))

    def _authenticated(self, algorithm: str, value: bytes) -> Encrypted:
        authenticator = hmac.HMAC(self._mac_key, SHA512())
        authenticator.update(value)
        return Encrypted(algorithm, value, authenticator.finalize())


def oaep() -> OAEP:
    """RSA-OAEP-MGF1-SHA1, the only one that CPIX has."""
    return OAEP(MGF1(SHA1()), SHA1(), None)  # noqa: S303


def add_encrypted(parent: Element, encrypted: Encrypted) -> None:
    value = etree.SubElement(parent, f"{PSKC}EncryptedValue")
    etree.SubElement(value, f"{ENC}EncryptionMethod", Algorithm=encrypted.algorithm)
    cipher_data = etree.SubElement(value, f"{ENC}CipherData")
    etree.SubElement(cipher_data, f"{ENC}CipherValue").text = base64.b64encode(encrypted.value).decode()
    etree.SubElement(parent, f"{PSKC}ValueMAC").text = base64.b64encode(encrypted.mac).decode()


def recipient_key(certificate: bytes, now: datetime) -> RSAPublicKey:
    """Of an X.509 certificate in DER. Raises SpekeRefused when it is out of date, or its key is not RSA or too small.

    Who issued it does not matter: the request that brought it is authenticated.
    """
    try:
        parsed = load_der_x509_certificate(certificate)
        key = parsed.public_key()
        current = parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc
    except (ValueError, TypeError):
        raise SpekeRefused("Malformed X509Certificate") from None
    if not isinstance(key, RSAPublicKey) or not _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
        raise SpekeRefused(f"The X509Certificate needs an RSA key of {_SMALLEST_RSA} to {_LARGEST_RSA} bits")
    if not current:
        raise SpekeRefused("The X509Certificate is not valid now")
    return key
