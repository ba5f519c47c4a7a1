"""The audit log: appended to, read, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import AuditRow
from core.domain.auth.audit_entry import AuditEntry, AuditEvent, digest_of
from core.domain.hash_chain import GENESIS

#: Apart from the lock of the key audit, which is by organisation too.
_LOCK = 1


class AuditLogRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(self, organisation_id: str, event: AuditEvent, now: datetime) -> None:
        """One entry behind the organisation's last, in the caller's transaction, which the next one waits for."""
        lock = func.pg_advisory_xact_lock(func.hashtextextended(organisation_id, _LOCK))
        await self._session.execute(select(lock))
        last = await self.newest(organisation_id, None, 1)
        before, sequence = (last[0].digest, last[0].sequence) if last else (GENESIS, 0)
        entry = AuditEntry(organisation_id, sequence + 1, now.astimezone(UTC), event, b"")
        self._session.add(_row(replace(entry, digest=digest_of(before, entry))))
        await self._session.flush()

    async def entries(self, organisation_id: str, after: int, limit: int) -> list[AuditEntry]:
        """In the order in which they were written, those with a higher sequence than `after`."""
        query = _of(organisation_id).where(col(AuditRow.sequence) > after).order_by(col(AuditRow.sequence))
        return _entries((await self._session.scalars(query.limit(limit))).all())

    async def newest(self, organisation_id: str, before: int | None, limit: int) -> list[AuditEntry]:
        """Newest first; with `before`, those with a lower sequence."""
        query = _of(organisation_id)
        if before is not None:
            query = query.where(col(AuditRow.sequence) < before)
        query = query.order_by(col(AuditRow.sequence).desc()).limit(limit)
        return _entries((await self._session.scalars(query)).all())


def _of(organisation_id: str) -> Select[AuditRow]:
    return select(AuditRow).where(col(AuditRow.organisation_id) == organisation_id)


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        organisation_id=entry.organisation_id,
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.event.actor,
        action=entry.event.action,
        target=entry.event.target,
        details=dict(entry.event.details),
        address=entry.event.address,
        request_id=entry.event.request_id,
        digest=entry.digest,
    )


def _entries(rows: Sequence[AuditRow]) -> list[AuditEntry]:
    return [_entry(row) for row in rows]


def _entry(row: AuditRow) -> AuditEntry:
    """Whatever is in the row: the verifier has to read what somebody made of it."""
    details = row.details if isinstance(row.details, Mapping) else {"": row.details}
    event = AuditEvent(row.actor, row.action, row.target, row.address, row.request_id, details)
    return AuditEntry(row.organisation_id, row.sequence, row.at, event, row.digest)
