"""The audit of content keys: appended to, read, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import KeyAuditRow
from core.db.models.columns import utc_now
from core.domain.drm.key_audit import KeyAuditEntry, KeyUse, digest_of
from core.domain.hash_chain import GENESIS


class KeyAuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(self, organisation_id: str, use: KeyUse, kids: Sequence[str]) -> None:
        """One entry behind the organisation's last, in the caller's transaction, which the next one waits for."""
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(organisation_id, 0))))
        last = await self._last(organisation_id)
        before, sequence = (last.digest, last.sequence) if last else (GENESIS, 0)
        entry = KeyAuditEntry(organisation_id, sequence + 1, utc_now(), use, tuple(kids), b"")
        self._session.add(_row(replace(entry, digest=digest_of(before, entry))))

    async def entries(self, organisation_id: str, after: int, limit: int) -> list[KeyAuditEntry]:
        """In the order in which they were written, those with a higher sequence than `after`."""
        rows = await self._session.scalars(
            select(KeyAuditRow)
            .where(col(KeyAuditRow.organisation_id) == organisation_id, col(KeyAuditRow.sequence) > after)
            .order_by(col(KeyAuditRow.sequence))
            .limit(limit)
        )
        return [_entry(row) for row in rows]

    async def newest(self, organisation_id: str, kid: str | None, limit: int) -> list[KeyAuditEntry]:
        """Newest first; with `kid`, those about that key."""
        query = select(KeyAuditRow).where(col(KeyAuditRow.organisation_id) == organisation_id)
        if kid is not None:
            query = query.where(col(KeyAuditRow.kids).contains([kid]))
        rows = await self._session.scalars(query.order_by(col(KeyAuditRow.sequence).desc()).limit(limit))
        return [_entry(row) for row in rows]

    async def _last(self, organisation_id: str) -> KeyAuditEntry | None:
        found = await self.newest(organisation_id, None, 1)
        return found[0] if found else None


def _row(entry: KeyAuditEntry) -> KeyAuditRow:
    return KeyAuditRow(
        organisation_id=entry.organisation_id,
        sequence=entry.sequence,
        at=entry.at,
        purpose=entry.use.purpose,
        actor=entry.use.actor,
        request_id=entry.use.request_id,
        kids=list(entry.kids),
        digest=entry.digest,
    )


def _entry(row: KeyAuditRow) -> KeyAuditEntry:
    """Whatever is in the row: the verifier has to read what somebody made of it."""
    use = KeyUse(row.purpose, row.actor, row.request_id)
    kids = tuple(row.kids) if isinstance(row.kids, list) else (repr(row.kids),)
    return KeyAuditEntry(row.organisation_id, row.sequence, row.at, use, kids, row.digest)
