"""Who opened which content keys, what for: the audit beside the licences, which are the audit of their own path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.models import DrmLicense
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.key_audit import KeyAuditEntry


@dataclass(frozen=True)
class AuditLine:
    """`what` is a KeyPurpose, or `licence` and its key system; `who` the actor, or the playback session."""

    at: datetime
    what: str
    who: str
    request_id: str
    kids: tuple[str, ...]


async def read_audit(uow: UnitOfWork, organisation_id: str, kid: str | None, limit: int) -> list[AuditLine]:
    """Newest first, at most `limit` lines; with `kid`, those about that key."""
    entries = [_of_entry(entry) for entry in await uow.key_audit.newest(organisation_id, kid, limit)]
    licences = [_of_licence(row) for row in await uow.licences.newest(organisation_id, kid, limit)]
    return sorted([*entries, *licences], key=lambda line: line.at, reverse=True)[:limit]


def _of_entry(entry: KeyAuditEntry) -> AuditLine:
    return AuditLine(entry.at, str(entry.use.purpose), entry.use.actor, entry.use.request_id, entry.kids)


def _of_licence(row: DrmLicense) -> AuditLine:
    kids = tuple(row.restrictions.get("kids", ()))
    return AuditLine(
        row.issued_at, f"licence {row.license_type}", f"session:{row.session_id}", row.request_id or "", kids
    )
