"""Requests with an idempotency key: begun by one, answered once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from core.db.models import IdempotentRequest

_STORED = IdempotentRequest


class IdempotencyRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, request: IdempotentRequest, *, forgotten: datetime, abandoned: datetime) -> bool:
        """False when the key is taken; not by what began before `forgotten`, or runs since before `abandoned`."""
        mine = {name: getattr(request, name) for name in ("request_hash", "attempt", "started_at")}
        free = or_(
            col(_STORED.started_at) < forgotten,
            and_(
                col(_STORED.answer).is_(None),
                col(_STORED.started_at) < abandoned,
                col(_STORED.request_hash) == request.request_hash,
            ),
        )
        begun = (
            insert(_STORED)
            .values(organisation_id=request.organisation_id, key=request.key, **mine)
            .on_conflict_do_update(constraint="pk_idempotent_requests", set_={**mine, "answer": None}, where=free)
            .returning(col(_STORED.attempt))
        )
        return (await self._session.execute(begun)).first() is not None

    async def get(self, organisation_id: str, key: str) -> IdempotentRequest | None:
        query = select(_STORED).where(col(_STORED.organisation_id) == organisation_id, col(_STORED.key) == key)
        return await self._session.scalar(query)

    async def answer(self, request: IdempotentRequest, sealed: bytes) -> None:
        """Does nothing when somebody else runs it by now."""
        await self._session.execute(update(_STORED).where(*_own(request)).values(answer=sealed))

    async def drop(self, request: IdempotentRequest) -> None:
        """Nothing came of it: the key is free again."""
        await self._session.execute(delete(_STORED).where(*_own(request)))

    async def forget(self, before: datetime) -> int:
        """Of all organisations. How many."""
        found = await self._session.execute(
            delete(_STORED).where(col(_STORED.started_at) < before).returning(col(_STORED.key))
        )
        return len(found.all())


def _own(request: IdempotentRequest) -> tuple[ColumnElement[bool], ...]:
    return (
        col(_STORED.organisation_id) == request.organisation_id,
        col(_STORED.key) == request.key,
        col(_STORED.attempt) == request.attempt,
    )
