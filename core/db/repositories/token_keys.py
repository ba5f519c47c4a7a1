"""Keys that sign access tokens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import TokenKey

_LOCK = 0x746F6B656E  # "token": all processes that would add a key wait for each other
_MOST = 20


class TokenKeyRepository:
    """Of the whole installation: tokens name their organisation inside."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(self) -> Sequence[TokenKey]:
        """By when they became active, the last one first."""
        query = select(TokenKey).order_by(col(TokenKey.active_from).desc(), col(TokenKey.kid)).limit(_MOST)
        return (await self._session.scalars(query)).all()

    async def lock(self) -> None:
        await self._session.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    def add(self, key: TokenKey) -> None:
        self._session.add(key)
