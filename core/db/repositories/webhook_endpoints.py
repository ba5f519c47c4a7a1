"""Endpoints of webhooks and what their messages are signed with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from core.db.models import TenantKey, WebhookEndpoint, WebhookSecret
from core.db.models.columns import HexUuid
from core.db.repositories.keys import tenant_key_record
from core.db.repositories.outbox import listening
from core.domain.drm.key_records import TenantKeyRecord
from core.domain.errors import NotFound
from core.domain.webhooks.endpoint import EndpointKind, EndpointStatus


@dataclass(frozen=True)
class SealedSecret:
    """A secret wrapped by the tenant key `tenant_key_id`."""

    id: str
    organisation_id: str
    endpoint_id: str
    wrapped_secret: bytes = field(repr=False)
    tenant_key_id: str


class WebhookEndpointRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, endpoint: WebhookEndpoint) -> None:
        self._session.add(endpoint)

    async def flush(self) -> None:
        """Send what was added, so that rows which refer to it can follow in the same transaction."""
        await self._session.flush()

    async def get(self, organisation_id: str, endpoint_id: str) -> WebhookEndpoint:
        """Raises NotFound, also for another organisation's."""
        return _found(await self._session.scalar(select(WebhookEndpoint).where(*_is(organisation_id, endpoint_id))))

    async def lock(self, organisation_id: str, endpoint_id: str) -> WebhookEndpoint:
        """Read for a change. Raises NotFound."""
        query = select(WebhookEndpoint).where(*_is(organisation_id, endpoint_id)).with_for_update()
        return _found(await self._session.scalar(query.execution_options(populate_existing=True)))

    async def all(self, organisation_id: str, kind: EndpointKind | None = None) -> Sequence[WebhookEndpoint]:
        """Oldest first."""
        query = select(WebhookEndpoint).where(col(WebhookEndpoint.organisation_id) == organisation_id)
        if kind is not None:
            query = query.where(col(WebhookEndpoint.kind) == kind)
        ordered = query.order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
        return (await self._session.scalars(ordered)).all()

    async def count(self, organisation_id: str) -> int:
        """Until this transaction ends, nobody else adds one."""
        await self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(organisation_id, 1))))
        mine = col(WebhookEndpoint.organisation_id) == organisation_id
        return await self._session.scalar(select(func.count()).select_from(WebhookEndpoint).where(mine)) or 0

    async def listening(self, organisation_id: str, event_type: str) -> Sequence[WebhookEndpoint]:
        """The active ones that want to hear of such events."""
        query = select(WebhookEndpoint).where(
            listening(literal(organisation_id, HexUuid), literal(event_type)),
            col(WebhookEndpoint.status) == EndpointStatus.ACTIVE,
        )
        return (await self._session.scalars(query)).all()

    async def remove(self, organisation_id: str, endpoint_id: str) -> None:
        """With its secrets, deliveries and their attempts."""
        await self._session.execute(delete(WebhookEndpoint).where(*_is(organisation_id, endpoint_id)))

    async def note_success(self, organisation_id: str, endpoint_id: str) -> None:
        failing = col(WebhookEndpoint.failing_since).is_not(None)
        await self._session.execute(
            update(WebhookEndpoint).where(*_is(organisation_id, endpoint_id), failing).values(failing_since=None)
        )

    def add_secret(self, secret: WebhookSecret) -> None:
        self._session.add(secret)

    async def secrets(
        self, organisation_id: str, endpoint_id: str, now: datetime
    ) -> Sequence[tuple[WebhookSecret, TenantKeyRecord]]:
        """Those that sign now, newest first, each with the key that wraps it."""
        rows = await self._session.execute(
            select(WebhookSecret, TenantKey)
            .join(TenantKey, col(TenantKey.id) == col(WebhookSecret.tenant_key_id))
            .where(
                col(WebhookSecret.organisation_id) == organisation_id,
                col(TenantKey.organisation_id) == organisation_id,
                col(WebhookSecret.endpoint_id) == endpoint_id,
                or_(col(WebhookSecret.expires_at).is_(None), col(WebhookSecret.expires_at) > now),
            )
            .order_by(col(WebhookSecret.created_at).desc())
        )
        return [(secret, tenant_key_record(tenant)) for secret, tenant in rows]

    async def retire_secrets(self, organisation_id: str, endpoint_id: str, until: datetime) -> None:
        """Those that sign go on until then, or until they would have ended anyway."""
        await self._session.execute(
            update(WebhookSecret)
            .where(col(WebhookSecret.organisation_id) == organisation_id, col(WebhookSecret.endpoint_id) == endpoint_id)
            .values(expires_at=func.least(func.coalesce(col(WebhookSecret.expires_at), until), until))
        )

    async def secrets_wrapped_by_others(
        self, current: TenantKeyRecord, after: str | None, most: int
    ) -> Sequence[WebhookSecret]:
        """By id, after one: what another key of the organisation's wraps. Locked until the transaction ends."""
        query = select(WebhookSecret).where(
            col(WebhookSecret.organisation_id) == current.organisation_id,
            col(WebhookSecret.tenant_key_id) != current.id,
        )
        if after is not None:
            query = query.where(col(WebhookSecret.id) > after)
        return (await self._session.scalars(query.order_by(col(WebhookSecret.id)).limit(most).with_for_update())).all()

    async def rewrap_secrets(self, moved: Sequence[SealedSecret]) -> None:
        """Keep what wraps them now."""
        for secret in moved:
            await self._session.execute(
                update(WebhookSecret)
                .where(col(WebhookSecret.organisation_id) == secret.organisation_id, col(WebhookSecret.id) == secret.id)
                .values(wrapped_secret=secret.wrapped_secret, tenant_key_id=secret.tenant_key_id)
            )


def _is(organisation_id: str, endpoint_id: str) -> tuple[ColumnElement[bool], ...]:
    return col(WebhookEndpoint.organisation_id) == organisation_id, col(WebhookEndpoint.id) == endpoint_id


def _found(endpoint: WebhookEndpoint | None) -> WebhookEndpoint:
    if endpoint is None:
        raise NotFound("There is no such webhook endpoint.")
    return endpoint
