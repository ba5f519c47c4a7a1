"""An organisation's audit log, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.audit_entry import AuditEntry
from core.domain.errors import InvalidInput

_LONGEST = 9


@dataclass(frozen=True)
class AuditView:
    """`digest` is hex."""

    sequence: int
    at: datetime
    actor: str
    action: str
    target: str
    details: Mapping[str, object]
    address: str
    request_id: str
    digest: str


@dataclass(frozen=True)
class AuditPage:
    """`next_cursor` is None on the last page."""

    entries: tuple[AuditView, ...]
    next_cursor: str | None


async def list_audit(uow: UnitOfWork, organisation_id: str, limit: int, cursor: str | None = None) -> AuditPage:
    """Raises InvalidInput for a cursor that is none of ours."""
    found = await uow.audit_log.newest(organisation_id, _before(cursor), limit + 1)
    shown = found[:limit]
    return AuditPage(tuple(_view(entry) for entry in shown), str(shown[-1].sequence) if len(found) > limit else None)


def _before(cursor: str | None) -> int | None:
    """Entries are numbered: the cursor is the number of the last one seen."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _LONGEST):
        raise InvalidInput("That is not a cursor of ours.", fields={"cursor": "unknown"})
    return int(cursor)


def _view(entry: AuditEntry) -> AuditView:
    event = entry.event
    return AuditView(
        sequence=entry.sequence,
        at=entry.at,
        actor=event.actor,
        action=event.action,
        target=event.target,
        details=event.details,
        address=event.address,
        request_id=event.request_id,
        digest=entry.digest.hex(),
    )
