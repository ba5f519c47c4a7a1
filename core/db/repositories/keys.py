"""Wrapped keys. Satisfies the key services' store protocol without importing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import ContentKey, TenantKey
from core.db.repositories.key_audit import KeyAuditRepository
from core.domain.drm.key_audit import KeyUse
from core.domain.drm.key_records import ContentKeyRecord, KeyState, TenantKeyRecord
from core.domain.media.plan import KeyLabel, ProtectionScheme

_ROWS_AT_ONCE = 500
"""Of an insert: PostgreSQL takes 65535 parameters a statement, and a long title has thousands of keys."""


class KeyRepository:
    """Writes join the unit of work's transaction; who calls them commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def active_tenant_key(self, organisation_id: str) -> TenantKeyRecord | None:
        """Locked against retirement until the transaction ends."""
        row = await self._session.scalar(
            select(TenantKey)
            .where(col(TenantKey.organisation_id) == organisation_id, col(TenantKey.state) == KeyState.ACTIVE)
            .with_for_update(read=True)
        )
        return None if row is None else tenant_key_record(row)

    async def tenant_key(self, organisation_id: str, tenant_key_id: str) -> TenantKeyRecord | None:
        row = await self._session.scalar(
            select(TenantKey).where(
                col(TenantKey.organisation_id) == organisation_id, col(TenantKey.id) == tenant_key_id
            )
        )
        return None if row is None else tenant_key_record(row)

    async def add_tenant_key(self, record: TenantKeyRecord) -> None:
        """Two first publications may race: whoever comes second keeps what is there."""
        await self._session.execute(insert(TenantKey).values(asdict(record)).on_conflict_do_nothing())

    async def content_key(self, organisation_id: str, kid: str) -> ContentKeyRecord | None:
        """In any state, locked until the transaction ends."""
        row = await self._session.scalar(
            select(ContentKey)
            .where(col(ContentKey.organisation_id) == organisation_id, col(ContentKey.kid) == kid)
            .with_for_update()
        )
        return None if row is None else content_key_record(row)

    async def owner_of(self, kid: str) -> str | None:
        """The only query without an organisation: it is how an operator, who has but a KID, finds whose it is."""
        return await self._session.scalar(select(col(ContentKey.organisation_id)).where(col(ContentKey.kid) == kid))

    async def content_keys(self, target: VersionRef) -> Sequence[ContentKeyRecord]:
        order = (col(ContentKey.label), col(ContentKey.crypto_period))
        rows = await self._session.scalars(select(ContentKey).where(*_of(target)).order_by(*order))
        return [content_key_record(row) for row in rows]

    async def add_content_keys(self, records: Sequence[ContentKeyRecord]) -> None:
        for first in range(0, len(records), _ROWS_AT_ONCE):
            rows = [asdict(record) for record in records[first : first + _ROWS_AT_ONCE]]
            statement = insert(ContentKey).values(rows)
            await self._session.execute(statement.on_conflict_do_nothing(constraint="uq_content_keys_label"))

    async def destroy_content_keys(self, target: VersionRef, at: datetime) -> int:
        result = await self._session.execute(
            update(ContentKey)
            .where(*_of(target), col(ContentKey.state) != KeyState.DESTROYED)
            .values(wrapped_key=b"", iv=None, state=KeyState.DESTROYED, destroyed_at=at)
            .returning(col(ContentKey.kid))
        )
        return len(result.all())

    async def revoke_content_key(self, organisation_id: str, kid: str) -> None:
        await self._session.execute(
            update(ContentKey)
            .where(col(ContentKey.organisation_id) == organisation_id, col(ContentKey.kid) == kid)
            .values(state=KeyState.REVOKED)
        )

    async def record_use(self, organisation_id: str, use: KeyUse, kids: Sequence[str]) -> None:
        await KeyAuditRepository(self._session).append(organisation_id, use, kids)


def tenant_key_record(row: TenantKey) -> TenantKeyRecord:
    return TenantKeyRecord(
        id=row.id,
        organisation_id=row.organisation_id,
        version=row.version,
        wrapped_key=row.wrapped_key,
        root_key_id=row.root_key_id,
        state=KeyState(row.state),
        binding=row.binding,
    )


def content_key_record(row: Any) -> ContentKeyRecord:
    """Of a ContentKey, or of a row with its columns."""
    return ContentKeyRecord(
        kid=row.kid,
        organisation_id=row.organisation_id,
        video_id=row.video_id,
        version=row.version,
        label=KeyLabel(row.label),
        scheme=ProtectionScheme(row.scheme),
        wrapped_key=row.wrapped_key,
        tenant_key_id=row.tenant_key_id,
        iv=row.iv,
        wrap_alg=row.wrap_alg,
        state=KeyState(row.state),
        crypto_period=row.crypto_period,
    )


def _of(target: VersionRef) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ContentKey.organisation_id) == target.organisation_id,
        col(ContentKey.video_id) == target.video_id,
        col(ContentKey.version) == target.version,
    )
