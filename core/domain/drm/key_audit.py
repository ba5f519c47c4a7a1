"""The audit of content keys: who opened or revoked which, what for, when. A hash chain for each organisation makes a
changed, removed or inserted entry evident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.hash_chain import HashChain, Noted, link


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


def digest_of(previous: bytes, entry: KeyAuditEntry) -> bytes:
    """Of the entry behind the one with the digest `previous`; times in UTC."""
    content = {
        "actor": entry.use.actor,
        "at": entry.at.isoformat(timespec="microseconds"),
        "kids": list(entry.kids),
        "organisation": entry.organisation_id,
        "purpose": str(entry.use.purpose),
        "request": entry.use.request_id,
        "sequence": entry.sequence,
    }
    return link(previous, content)


class ChainCheck(HashChain[KeyAuditEntry]):
    """Of an organisation's entries."""

    def __init__(self, noted: Noted | None = None) -> None:
        super().__init__(digest_of, noted)
