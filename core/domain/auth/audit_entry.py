"""The audit log: who did what to an organisation's keys, members and settings. A hash chain for each organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.hash_chain import HashChain, Noted, link


@dataclass(frozen=True)
class AuditEvent:
    """`action` is `thing.verb`, `target` the thing (`api-key:<id>`), `details` what changed, never a secret.

    `actor` is who: `api-key:<id>`, `user:<id>`, `client:<id>`, `operator:<login>`, `support:<name> as user:<id>`,
    or `anonymous`. `address` is where the request came from, or empty.
    """

    actor: str
    action: str
    target: str
    address: str = ""
    request_id: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditEntry:
    """`sequence` counts from 1 without gaps in an organisation; `digest` covers the entry before."""

    organisation_id: str
    sequence: int
    at: datetime
    event: AuditEvent
    digest: bytes


def digest_of(previous: bytes, entry: AuditEntry) -> bytes:
    """Of the entry behind the one with the digest `previous`; times in UTC."""
    content = {
        "action": entry.event.action,
        "actor": entry.event.actor,
        "address": entry.event.address,
        "at": entry.at.isoformat(timespec="microseconds"),
        "details": entry.event.details,
        "target": entry.event.target,
        "organisation": entry.organisation_id,
        "request": entry.event.request_id,
        "sequence": entry.sequence,
    }
    return link(previous, content)


class AuditChain(HashChain[AuditEntry]):
    """Of an organisation's entries."""

    def __init__(self, noted: Noted | None = None) -> None:
        super().__init__(digest_of, noted)
