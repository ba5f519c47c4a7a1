"""The `Upload-Checksum` header (tus 1.0.0, extension "checksum"): an algorithm and the base64 of the body's digest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from core.domain.errors import DomainError, InvalidInput

#: By their names in the protocol. MD5 and SHA-1 find damage on the way; nothing here rests on their secrecy.
ALGORITHMS = {"sha1": hashlib.sha1, "md5": hashlib.md5, "sha256": hashlib.sha256, "sha512": hashlib.sha512}


class ChecksumMismatch(DomainError):
    """What arrived is not what was sent. Nothing of it is kept."""

    code = "CHECKSUM_MISMATCH"


@dataclass
class ExpectedChecksum:
    """Fed with a request's body, a piece at a time."""

    digest: bytes
    _hash: Any = field(repr=False)

    @classmethod
    def parse(cls, header: str) -> ExpectedChecksum:
        """Raises InvalidInput (CHECKSUM_UNKNOWN) for other algorithms, and for what is no digest of that one."""
        name, _, value = header.strip().partition(" ")
        algorithm = ALGORITHMS.get(name)
        if algorithm is None:
            raise InvalidInput(f"The algorithms are {', '.join(ALGORITHMS)}.", code="CHECKSUM_UNKNOWN")
        running = algorithm(usedforsecurity=False)
        try:
            digest = base64.b64decode(value.strip(), validate=True)
        except (binascii.Error, ValueError):
            digest = b""
        if len(digest) != running.digest_size:
            raise InvalidInput(f"Upload-Checksum holds no {name} digest in base64.", code="CHECKSUM_UNKNOWN")
        return cls(digest, running)

    def update(self, piece: bytes) -> None:
        self._hash.update(piece)

    def verify(self) -> None:
        """Raises ChecksumMismatch."""
        if not hmac.compare_digest(self._hash.digest(), self.digest):
            raise ChecksumMismatch("The checksum of the body is another one. Please send it again.")
