"""Members of organisations, their sessions, and what their mails carry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import OneTimeToken, User
from core.db.models.columns import TIMESTAMP, HexUuid


class MemberRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user: User) -> None:
        self._session.add(user)
        await self._session.flush()

    async def by_email(self, email: str) -> User | None:
        """Without an organisation: it is how somebody who signs in finds theirs."""
        return await self._session.scalar(select(User).where(col(User.email) == email, col(User.removed_at).is_(None)))

    async def get(self, organisation_id: str, user_id: str) -> User | None:
        """None for one who was removed."""
        return await self._session.scalar(
            select(User).where(
                col(User.organisation_id) == organisation_id, col(User.id) == user_id, col(User.removed_at).is_(None)
            )
        )

    async def page(self, organisation_id: str, limit: int, before: tuple[datetime, str] | None) -> Sequence[User]:
        """Newest first."""
        query = select(User).where(col(User.organisation_id) == organisation_id, col(User.removed_at).is_(None))
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(User.created_at), col(User.id)) < last)
        query = query.order_by(col(User.created_at).desc(), col(User.id).desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def count_of_role(self, organisation_id: str, role: str) -> int:
        found = await self._session.scalar(
            select(func.count()).where(
                col(User.organisation_id) == organisation_id, col(User.role) == role, col(User.removed_at).is_(None)
            )
        )
        return found or 0

    def add_token(self, token: OneTimeToken) -> None:
        self._session.add(token)

    async def use_token(self, organisation_id: str, token_hash: str, now: datetime) -> OneTimeToken | None:
        """In one step, so that of two who come at once only one finds it unused."""
        return await self._session.scalar(
            update(OneTimeToken)
            .where(
                col(OneTimeToken.organisation_id) == organisation_id,
                col(OneTimeToken.token_hash) == token_hash,
                col(OneTimeToken.used_at).is_(None),
                col(OneTimeToken.expires_at) > now,
            )
            .values(used_at=now)
            .returning(OneTimeToken)
        )

    async def spoil_tokens(self, organisation_id: str, user_id: str, now: datetime) -> None:
        """Whatever mails of theirs carry is good for nothing from now on."""
        await self._session.execute(
            update(OneTimeToken)
            .where(
                col(OneTimeToken.organisation_id) == organisation_id,
                col(OneTimeToken.user_id) == user_id,
                col(OneTimeToken.used_at).is_(None),
            )
            .values(used_at=now)
        )
