"""Secrets of API keys: 64 characters, the length VdoCipher's clients insist on.

`sealcast`, 50 random characters, and 6 that are the checksum of those (base 62 of CRC-32, as GitHub does): errors
of typing are told without the database, and scanners find leaked ones. Older ones are 64 hex digits.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

BRAND = "sealcast"
PREFIX = 14
"""How many characters people are shown to tell keys apart. Six of them are random: 262 bits stay secret."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM = 50
_CHECKSUM = 6
_NEW = re.compile(rf"{BRAND}([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECKSUM}}})", re.ASCII)
_OLD = re.compile(r"[0-9a-f]{64}", re.ASCII)


def new_secret() -> str:
    """298 random bits."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return BRAND + random + checksum(random)


def checksum(random: str) -> str:
    """CRC-32 in base 62, six digits."""
    rest, digits = zlib.crc32(random.encode()), ""
    for _ in range(_CHECKSUM):
        rest, digit = divmod(rest, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def has_shape(secret: str) -> bool:
    """Whether it can have been one of ours: no typing error gets through."""
    found = _NEW.fullmatch(secret)
    return checksum(found[1]) == found[2] if found else _OLD.fullmatch(secret) is not None


def hash_of(secret: str) -> str:
    """A plain hash is enough: nobody guesses 256 random bits, so that a slow one would only slow us."""
    return hashlib.sha256(secret.encode()).hexdigest()
