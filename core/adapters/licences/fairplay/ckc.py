"""Makes a content key context (CKC), version 1.

Version (u32), reserved (u32), IV (16), length (u32), values under AES-128-CBC. The key of the values is the SPC's
anti-replay seed under the first half of R1's SHA-1, so that only the device that asked can read them.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.adapters.licences.fairplay.spc import SessionSecrets, Spc
from core.domain.drm.challenge import not_a_challenge
from core.domain.drm.compile_fairplay import FairPlayTerms, fairplay_iv
from core.domain.drm.content_key import ContentKey
from core.domain.drm.tllv import Tag, Tllv, write_tllvs

_HEAD = struct.Struct(">II16sI")
_DURATION = struct.Struct(">IIII")
_DURATION_MARK = 0x86D34A3A
_TAG_BYTES = 8


def make_ckc(
    spc: Spc,
    session: SessionSecrets,
    key: ContentKey,
    terms: FairPlayTerms,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """Raises InvalidInput, and Forbidden for a key of cenc."""
    payload = write_tllvs(_values(spc, session, key, terms), random)
    iv = random(16)
    encryptor = Cipher(algorithms.AES(_payload_key(spc, session)), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(payload) + encryptor.finalize()
    return _HEAD.pack(1, 0, iv, len(sealed)) + sealed


def _values(spc: Spc, session: SessionSecrets, key: ContentKey, terms: FairPlayTerms) -> list[Tllv]:
    duration = _DURATION.pack(terms.lease_seconds, terms.rental_seconds, terms.duration_type, _DURATION_MARK)
    return [
        Tllv(Tag.ENCRYPTED_CK, fairplay_iv(key) + _ecb(session.session_key, key.key)),
        Tllv(Tag.R1, session.r1),
        Tllv(Tag.CONTENT_KEY_DURATION, duration),
        Tllv(Tag.HDCP_ENFORCEMENT, struct.pack(">Q", terms.hdcp)),
        *_returned(spc),
    ]


def _returned(spc: Spc) -> list[Tllv]:
    """What the device wants to see again, to know that the answer is to its own question."""
    wanted = spc.value(Tag.RETURN_REQUEST)
    if len(wanted) % _TAG_BYTES:
        raise not_a_challenge("its value RETURN_REQUEST is missing or damaged")
    tags = [int.from_bytes(wanted[at : at + _TAG_BYTES], "big") for at in range(0, len(wanted), _TAG_BYTES)]
    if any(tag not in spc.values for tag in tags):
        raise not_a_challenge("it wants a value back that it does not hold")
    return [Tllv(tag, spc.values[tag]) for tag in tags]


def _payload_key(spc: Spc, session: SessionSecrets) -> bytes:
    seed = spc.value(Tag.ANTI_REPLAY_SEED, 16)
    return _ecb(hashlib.sha1(session.r1, usedforsecurity=False).digest()[:16], seed)


def _ecb(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - one block, FairPlay's own rule
    return encryptor.update(block) + encryptor.finalize()
