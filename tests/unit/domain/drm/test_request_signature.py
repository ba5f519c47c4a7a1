"""Signatures made by another library than the one that checks them."""

from __future__ import annotations

import secrets

import pytest
from Crypto.PublicKey import ECC, RSA
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.domain.drm.request_signature import aes_signature_matches, rsa_public_key, rsa_signature_matches
from core.domain.errors import InvalidInput
from tests.fixtures.widevine_client import aes_signature, rsa_signature

KEY, IV = secrets.token_bytes(32), secrets.token_bytes(16)
RSA_KEY = RSA.generate(2048)
MESSAGE = b'{"content_id":"YQ=="}'


def der(key: RSA.RsaKey) -> bytes:
    public = rsa_public_key(key.public_key().export_key().decode())
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("zeros", [True, False])
def test_both_paddings_of_an_aes_signature_are_accepted(zeros):
    signature = aes_signature(KEY, IV, MESSAGE, zeros=zeros)
    assert aes_signature_matches(KEY, IV, MESSAGE, signature)
    assert not aes_signature_matches(KEY, IV, MESSAGE + b" ", signature)
    assert not aes_signature_matches(KEY, secrets.token_bytes(16), MESSAGE, signature)
    assert not aes_signature_matches(secrets.token_bytes(32), IV, MESSAGE, signature)
    for other in (b"", signature[:-1], signature + b"\0", signature[:-1] + bytes([signature[-1] ^ 1])):
        assert not aes_signature_matches(KEY, IV, MESSAGE, other)


def test_an_rsa_signature_is_for_one_message_and_one_key():
    signature = rsa_signature(RSA_KEY, MESSAGE)
    assert rsa_signature_matches(der(RSA_KEY), MESSAGE, signature)
    assert not rsa_signature_matches(der(RSA_KEY), MESSAGE + b" ", signature)
    assert not rsa_signature_matches(der(RSA_KEY), MESSAGE, signature[:-1])
    assert not rsa_signature_matches(der(RSA_KEY), MESSAGE, b"")
    assert not rsa_signature_matches(der(RSA.generate(2048)), MESSAGE, signature)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        RSA.generate(1024).public_key().export_key().decode(),  # noqa: S505 - what is to be refused
        ECC.generate(curve="P-256").public_key().export_key(format="PEM"),
        RSA_KEY.export_key().decode(),
    ],
)
def test_what_is_no_rsa_public_key_of_a_fit_size_is_refused(pem):
    with pytest.raises(InvalidInput):
        rsa_public_key(pem)
