"""What a sign-in has to remember between leaving for the provider and coming back; the page keeps it, sealed."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LASTS = timedelta(minutes=10)
_NONCE_BYTES = 12
_PURPOSE = b"sealcast sso ticket"


@dataclass(frozen=True)
class Ticket:
    """`expires` is a UNIX time; state, nonce and verifier have 256 random bits each."""

    organisation_id: str
    expires: int
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def new(cls, organisation_id: str, now: datetime) -> Self:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(organisation_id, int((now + LASTS).timestamp()), state, nonce, verifier)

    def sealed(self, key: bytes) -> str:
        iv = secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(
            iv + AESGCM(key).encrypt(iv, json.dumps(asdict(self)).encode(), _PURPOSE)
        ).decode()

    @classmethod
    def opened(cls, key: bytes, sealed: str, now: datetime) -> Self | None:
        """None for one that is none of ours, or too old."""
        try:
            raw = base64.b64decode(sealed.encode("ascii"), altchars=b"-_", validate=True)
            ticket = cls(**json.loads(AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _PURPOSE)))
        except (InvalidTag, ValueError):
            return None
        return ticket if now.timestamp() < ticket.expires else None
