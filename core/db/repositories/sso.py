"""Organisations' single sign-on, and members who come by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import SsoConnection, User
from core.domain.drm.key_records import TenantKeyRecord


@dataclass(frozen=True)
class SsoSecret:
    """A connection's client secret, wrapped by the tenant key `tenant_key_id`."""

    organisation_id: str
    wrapped_secret: bytes = field(repr=False)
    tenant_key_id: str


class SsoRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, organisation_id: str) -> SsoConnection | None:
        return await self._session.scalar(
            select(SsoConnection).where(col(SsoConnection.organisation_id) == organisation_id)
        )

    async def put(self, connection: SsoConnection) -> None:
        """In the place of the one before."""
        await self._session.merge(connection)
        await self._session.flush()

    async def drop(self, organisation_id: str) -> None:
        await self._session.execute(delete(SsoConnection).where(col(SsoConnection.organisation_id) == organisation_id))

    async def member(self, organisation_id: str, issuer: str, subject: str) -> User | None:
        """By what the provider calls them, never by their address: those change hands."""
        return await self._session.scalar(
            select(User).where(
                col(User.organisation_id) == organisation_id,
                col(User.sso_issuer) == issuer,
                col(User.sso_subject) == subject,
                col(User.removed_at).is_(None),
            )
        )

    async def wrapped_by_others(
        self, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[SsoConnection]:
        """An organisation has one at most. Locked."""
        query = select(SsoConnection).where(
            col(SsoConnection.organisation_id) == current.organisation_id,
            col(SsoConnection.tenant_key_id) != current.id,
        )
        if after is not None:
            query = query.where(col(SsoConnection.organisation_id) > after)
        return (await self._session.scalars(query.limit(most).with_for_update())).all()

    async def rewrap(self, moved: Sequence[SsoSecret]) -> None:
        """Keep what wraps them now."""
        for secret in moved:
            await self._session.execute(
                update(SsoConnection)
                .where(col(SsoConnection.organisation_id) == secret.organisation_id)
                .values(wrapped_secret=secret.wrapped_secret, tenant_key_id=secret.tenant_key_id)
            )
