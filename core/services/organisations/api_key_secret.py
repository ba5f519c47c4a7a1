"""Secrets of API keys: 64 hex characters, the length VdoCipher's clients insist on."""

from __future__ import annotations

import hashlib
import re
import secrets

PREFIX = 8
_SHAPE = re.compile(r"[0-9A-Za-z]{64}")


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_hex(32)


def has_shape(secret: str) -> bool:
    return _SHAPE.fullmatch(secret) is not None


def hash_of(secret: str) -> str:
    """A plain hash is enough: nobody guesses 256 random bits, so that a slow one would only slow us."""
    return hashlib.sha256(secret.encode()).hexdigest()
