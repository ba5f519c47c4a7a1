"""Members' sessions and the refresh tokens that carry them on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import MemberSession, RefreshToken, User


class MemberSessionRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, session: MemberSession) -> None:
        self._session.add(session)
        await self._session.flush()

    async def add_token(self, token: RefreshToken) -> None:
        self._session.add(token)
        await self._session.flush()

    async def token(self, organisation_id: str, token_hash: str) -> RefreshToken | None:
        return await self._session.scalar(
            select(RefreshToken).where(
                col(RefreshToken.organisation_id) == organisation_id, col(RefreshToken.token_hash) == token_hash
            )
        )

    async def token_again(self, token: RefreshToken) -> None:
        """As it is now that the session is locked."""
        await self._session.refresh(token)

    async def has_used_child(self, token: RefreshToken) -> bool:
        found = await self._session.scalar(
            select(col(RefreshToken.id))
            .where(
                col(RefreshToken.organisation_id) == token.organisation_id,
                col(RefreshToken.parent_id) == token.id,
                col(RefreshToken.used_at).is_not(None),
            )
            .limit(1)
        )
        return found is not None

    async def lock(self, organisation_id: str, session_id: str) -> MemberSession | None:
        """Until the transaction ends: its tokens are used one after the other."""
        query = select(MemberSession).where(
            col(MemberSession.organisation_id) == organisation_id, col(MemberSession.id) == session_id
        )
        return await self._session.scalar(query.with_for_update())

    async def with_user(self, organisation_id: str, session_id: str) -> tuple[MemberSession, User] | None:
        """None when there is no such session, or the member was removed."""
        found = await self._session.execute(
            select(MemberSession, User)
            .join(User, col(User.id) == col(MemberSession.user_id))
            .where(
                col(MemberSession.organisation_id) == organisation_id,
                col(User.organisation_id) == organisation_id,
                col(MemberSession.id) == session_id,
                col(User.removed_at).is_(None),
            )
        )
        row = found.first()
        return None if row is None else (row[0], row[1])

    async def open(self, organisation_id: str, user_id: str, now: datetime, limit: int) -> Sequence[MemberSession]:
        """Newest first."""
        found = await self._session.scalars(
            select(MemberSession)
            .where(
                col(MemberSession.organisation_id) == organisation_id,
                col(MemberSession.user_id) == user_id,
                col(MemberSession.ended_at).is_(None),
                col(MemberSession.expires_at) > now,
            )
            .order_by(col(MemberSession.created_at).desc(), col(MemberSession.id).desc())
            .limit(limit)
        )
        return found.all()

    async def end(self, organisation_id: str, user_id: str, session_id: str | None, reason: str, now: datetime) -> int:
        """One session of the member's, or all of them; how many were open."""
        query = update(MemberSession).where(
            col(MemberSession.organisation_id) == organisation_id,
            col(MemberSession.user_id) == user_id,
            col(MemberSession.ended_at).is_(None),
        )
        if session_id is not None:
            query = query.where(col(MemberSession.id) == session_id)
        ended = await self._session.scalars(
            query.values(ended_at=now, ended_reason=reason).returning(col(MemberSession.id))
        )
        return len(ended.all())
