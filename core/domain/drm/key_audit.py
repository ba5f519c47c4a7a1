"""The audit of content keys: who opened or revoked which, what for, when. A hash chain for each organisation makes a
changed, removed or inserted entry evident."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

GENESIS = bytes(32)
"""What the first entry of an organisation follows."""


class KeyPurpose(StrEnum):
    PACKAGING = "packaging"
    VERIFICATION = "verification"
    KEY_SERVER = "key_server"
    ROTATION = "rotation"
    REVOCATION = "revocation"
    REKEYING = "rekeying"


@dataclass(frozen=True)
class KeyUse:
    """`purpose` is a KeyPurpose, unless somebody has tampered.

    `actor` is who: `step:<name>` of a workflow, a client of the key server, `api-key:<id>`, `operator:<login>`.
    `request_id` finds the rest of the story: a request's id, or workflow and run. Both at most 200 characters.
    """

    purpose: str
    actor: str
    request_id: str


@dataclass(frozen=True)
class KeyAuditEntry:
    """`sequence` counts from 1 without gaps in an organisation; `digest` is SHA-256 and covers the entry before."""

    organisation_id: str
    sequence: int
    at: datetime
    use: KeyUse
    kids: tuple[str, ...]
    digest: bytes


@dataclass(frozen=True)
class Broken:
    """The first entry of a chain that is not what was written."""

    sequence: int
    reason: str


def digest_of(previous: bytes, entry: KeyAuditEntry) -> bytes:
    """SHA-256 over the digest before and the entry as canonical JSON (sorted names, no spaces, UTC)."""
    content = {
        "actor": entry.use.actor,
        "at": entry.at.isoformat(timespec="microseconds"),
        "kids": list(entry.kids),
        "organisation": entry.organisation_id,
        "purpose": str(entry.use.purpose),
        "request": entry.use.request_id,
        "sequence": entry.sequence,
    }
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + written.encode("ascii")).digest()


@dataclass(frozen=True)
class Noted:
    """An entry of which somebody wrote down the digest where whoever owns the database cannot change it."""

    sequence: int
    digest: bytes


class ChainCheck:
    """Reads an organisation's entries in their order, in as many portions as the caller likes.

    Who owns the database could write a whole new chain, or cut the end off: only `noted` shows that.
    """

    def __init__(self, noted: Noted | None = None) -> None:
        self.last = Noted(0, GENESIS)
        self._noted = noted

    def first_broken(self, entries: Iterable[KeyAuditEntry]) -> Broken | None:
        """None when all of these follow from what was read before; then `last` is the last one."""
        for entry in entries:
            if entry.sequence != self.last.sequence + 1:
                return Broken(self.last.sequence + 1, "is missing")
            if digest_of(self.last.digest, entry) != entry.digest:
                return Broken(entry.sequence, "was changed, or the one before it")
            if self._noted and entry.sequence == self._noted.sequence and entry.digest != self._noted.digest:
                return Broken(entry.sequence, "is not the one that was noted, nor need those before it be")
            self.last = Noted(entry.sequence, entry.digest)
        return None

    def cut_off(self) -> Broken | None:
        """After the last portion: the entry that should follow, when the one that was noted never came."""
        if self._noted and self.last.sequence < self._noted.sequence:
            return Broken(self.last.sequence + 1, "is missing, and all up to the one that was noted")
        return None
