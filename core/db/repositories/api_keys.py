"""API keys, by which organisations' backends are known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import ApiKey
from core.db.models.columns import TIMESTAMP, HexUuid


class ApiKeyRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, organisation_id: str, key_id: str, *, lock: bool = False) -> ApiKey | None:
        """With `lock`, until the transaction ends."""
        query = select(ApiKey).where(col(ApiKey.organisation_id) == organisation_id, col(ApiKey.id) == key_id)
        return await self._session.scalar(query.with_for_update() if lock else query)

    async def page(self, organisation_id: str, limit: int, before: tuple[datetime, str] | None) -> Sequence[ApiKey]:
        """Newest first."""
        query = select(ApiKey).where(col(ApiKey.organisation_id) == organisation_id)
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(ApiKey.created_at), col(ApiKey.id)) < last)
        query = query.order_by(col(ApiKey.created_at).desc(), col(ApiKey.id).desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def count_active(self, organisation_id: str, name: str, now: datetime) -> int:
        """Of that name, neither revoked nor expired."""
        found = await self._session.scalar(
            select(func.count()).where(
                col(ApiKey.organisation_id) == organisation_id,
                col(ApiKey.name) == name,
                col(ApiKey.revoked_at).is_(None),
                or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now),
            )
        )
        return found or 0

    async def touch(self, organisation_id: str, key_id: str, at: datetime) -> None:
        await self._session.execute(
            update(ApiKey)
            .where(col(ApiKey.organisation_id) == organisation_id, col(ApiKey.id) == key_id)
            .values(last_used_at=at)
        )
