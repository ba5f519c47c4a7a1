"""OTPs: 64 hex digits, the length VdoCipher's clients insist on. Half of it says whose it is, half is random.

Carrying the organisation, an OTP is looked up like everything else: within its tenant.
"""

from __future__ import annotations

import hashlib
import re
import secrets

_SHAPE = re.compile(r"([0-9a-f]{32})[0-9a-f]{32}", re.ASCII)


def new_otp(organisation_id: str) -> str:
    """128 random bits behind the organisation's id."""
    return organisation_id + secrets.token_hex(16)


def organisation_of(otp: str) -> str | None:
    """None for what never was an OTP."""
    found = _SHAPE.fullmatch(otp)
    return found[1] if found else None


def hash_of(otp: str) -> str:
    """A plain hash is enough: nobody guesses 128 random bits."""
    return hashlib.sha256(otp.encode()).hexdigest()
