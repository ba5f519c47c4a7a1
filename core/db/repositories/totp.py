"""Members' authenticators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import UserTotp
from core.domain.drm.key_records import TenantKeyRecord


@dataclass(frozen=True)
class TotpSecret:
    """A member's secret, wrapped by the tenant key `tenant_key_id`."""

    user_id: str
    organisation_id: str
    wrapped_secret: bytes = field(repr=False)
    tenant_key_id: str


class TotpRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, organisation_id: str, user_id: str) -> UserTotp | None:
        """Locked until the transaction ends: a code is taken once."""
        query = select(UserTotp).where(
            col(UserTotp.organisation_id) == organisation_id, col(UserTotp.user_id) == user_id
        )
        return await self._session.scalar(query.with_for_update())

    async def put(self, totp: UserTotp) -> None:
        """In the place of the one before."""
        await self.drop(totp.organisation_id, totp.user_id)
        self._session.add(totp)
        await self._session.flush()

    async def drop(self, organisation_id: str, user_id: str) -> None:
        await self._session.execute(
            delete(UserTotp).where(col(UserTotp.organisation_id) == organisation_id, col(UserTotp.user_id) == user_id)
        )

    async def wrapped_by_others(self, current: TenantKeyRecord, after: str | None, most: int) -> Sequence[UserTotp]:
        """By member's id, after one: whose secret another key of the organisation's wraps. Locked."""
        query = select(UserTotp).where(
            col(UserTotp.organisation_id) == current.organisation_id, col(UserTotp.tenant_key_id) != current.id
        )
        if after is not None:
            query = query.where(col(UserTotp.user_id) > after)
        query = query.order_by(col(UserTotp.user_id)).limit(most).with_for_update()
        return (await self._session.scalars(query)).all()

    async def rewrap(self, moved: Sequence[TotpSecret]) -> None:
        """Keep what wraps them now."""
        for secret in moved:
            await self._session.execute(
                update(UserTotp)
                .where(col(UserTotp.organisation_id) == secret.organisation_id, col(UserTotp.user_id) == secret.user_id)
                .values(wrapped_secret=secret.wrapped_secret, tenant_key_id=secret.tenant_key_id)
            )
