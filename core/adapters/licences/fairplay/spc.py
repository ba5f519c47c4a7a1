"""Opens a server playback context (SPC), version 1.

Version (u32), reserved (u32), IV (16), AES key under RSA-1024-OAEP-SHA1 (128), SHA-1 of the certificate (20), length
(u32), values under AES-128-CBC. Layout as published open key servers read it.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.adapters.licences.fairplay.credentials import Credential
from core.adapters.licences.fairplay.derivation import Derivation
from core.domain.drm.challenge import not_a_challenge
from core.domain.drm.tllv import Tag, read_tllvs
from core.domain.errors import Unavailable

MOST_BYTES = 64 * 1024
_HEAD = struct.Struct(">II16s128s20sI")
_OAEP = OAEP(mgf=MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303 - FairPlay's own rule
_DERIVED_BYTES = 16


@dataclass(frozen=True)
class SessionSecrets:
    """SK, R1 and the key of the CKC's payload."""

    session_key: bytes = field(repr=False)
    r1: bytes = field(repr=False)


@dataclass(frozen=True)
class Spc:
    credential: Credential
    values: Mapping[int, bytes] = field(repr=False)

    def value(self, tag: Tag, length: int | None = None) -> bytes:
        found = self.values.get(tag)
        if found is None or (length is not None and len(found) != length):
            raise not_a_challenge(f"its value {tag.name} is missing or damaged")
        return found

    def secrets(self, derive: Derivation) -> SessionSecrets:
        """Raises InvalidInput when the integrity value does not match: not this device's, or not whole."""
        derived = derive(self.credential.ask, self.value(Tag.R2))
        if len(derived) != _DERIVED_BYTES:
            raise Unavailable("The FairPlay derivation gave no key.", code="LICENCE_SERVICE_FAILED")
        sealed = self.value(Tag.SESSION_KEY_R1, 112)
        opened = _decrypt(derived, sealed[:16], sealed[16:])
        if not hmac.compare_digest(opened[80:96], self.value(Tag.SESSION_KEY_R1_INTEGRITY, 16)):
            raise not_a_challenge("its integrity value does not match")
        return SessionSecrets(opened[:16], opened[36:80])


def open_spc(body: bytes, credentials: Sequence[Credential]) -> Spc:
    """Raises InvalidInput (CHALLENGE_INVALID), also for SPCs made for certificates that we do not have."""
    if not _HEAD.size < len(body) <= MOST_BYTES:
        raise not_a_challenge(f"an SPC has {_HEAD.size + 1} to {MOST_BYTES} bytes")
    version, _, iv, wrapped, fingerprint, length = _HEAD.unpack_from(body)
    payload = body[_HEAD.size :]
    if version != 1:
        raise not_a_challenge("its version is not 1; later ones need the side-car with Apple's SDK")
    if length != len(payload) or length % 16:
        raise not_a_challenge("its length is not what it says")
    credential = next((one for one in credentials if hmac.compare_digest(one.fingerprint, fingerprint)), None)
    if credential is None:
        raise not_a_challenge("it is made for another certificate")
    return Spc(credential, read_tllvs(_decrypt(_unwrap(credential, wrapped), iv, payload)))


def _unwrap(credential: Credential, wrapped: bytes) -> bytes:
    if credential.private_key is None:
        raise not_a_challenge("it is made for another certificate")
    try:
        key = credential.private_key.decrypt(wrapped, _OAEP)
    except ValueError:
        raise not_a_challenge("its key does not open") from None
    if len(key) != 16:
        raise not_a_challenge("its key does not open")
    return key


def _decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()
