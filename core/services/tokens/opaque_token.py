"""Opaque tokens: whose they are, and 256 random bits. Carrying the organisation, they are looked up within it."""

from __future__ import annotations

import hashlib
import re
import secrets

_SHAPE = re.compile(r"([0-9a-f]{32})[0-9a-f]{64}", re.ASCII)


def new_token(organisation_id: str) -> str:
    return organisation_id + secrets.token_hex(32)


def organisation_of(token: str) -> str | None:
    """None for what never was a token."""
    found = _SHAPE.fullmatch(token)
    return found[1] if found else None


def hash_of(token: str) -> str:
    """A plain hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
