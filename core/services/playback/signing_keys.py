"""One key per purpose, so that a token of one kind can never pass for another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True)
class SigningKeys:
    token: bytes = field(repr=False)
    media_path: bytes = field(repr=False)
    licence_callback: bytes = field(repr=False)
    licence_path: bytes = field(repr=False)
    idempotency: bytes = field(repr=False)
    sso_ticket: bytes = field(repr=False)

    @classmethod
    def derive(cls, master: bytes) -> Self:
        """HKDF (RFC 5869) with SHA-256; `master` has 256 random bits, so that no salt is needed."""
        return cls(
            token=_derived(master, b"playback token"),
            media_path=_derived(master, b"media path"),
            licence_callback=_derived(master, b"licence callback"),
            licence_path=_derived(master, b"licence path"),
            idempotency=_derived(master, b"idempotent answers"),
            sso_ticket=_derived(master, b"sso ticket"),
        )


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sealcast " + purpose).derive(master)
