"""Deliveries and their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from core.db.models import WebhookAttempt, WebhookDelivery
from core.db.models.columns import TIMESTAMP, HexUuid
from core.domain.errors import NotFound
from core.domain.webhooks.delivery import DeliveryState


@dataclass(frozen=True)
class DeliveryFilter:
    """None: any. Times are of the delivery's making; `until` is excluded."""

    endpoint_id: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    state: DeliveryState | None = None
    since: datetime | None = None
    until: datetime | None = None


class WebhookDeliveryRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, deliveries: Sequence[WebhookDelivery]) -> int:
        """How many are new: of an event and an endpoint there is one."""
        if not deliveries:
            return 0
        statement = insert(WebhookDelivery).values([each.model_dump() for each in deliveries]).on_conflict_do_nothing()
        return len((await self._session.scalars(statement.returning(col(WebhookDelivery.id)))).all())

    async def get(self, organisation_id: str, delivery_id: str) -> WebhookDelivery:
        """Raises NotFound, also for another organisation's."""
        return _found(await self.find(organisation_id, delivery_id))

    async def find(self, organisation_id: str, delivery_id: str) -> WebhookDelivery | None:
        return await self._session.scalar(select(WebhookDelivery).where(*_is(organisation_id, delivery_id)))

    async def lock(self, organisation_id: str, delivery_id: str) -> WebhookDelivery:
        """Read for a change. Raises NotFound."""
        query = select(WebhookDelivery).where(*_is(organisation_id, delivery_id)).with_for_update()
        return _found(await self._session.scalar(query.execution_options(populate_existing=True)))

    async def page(
        self, organisation_id: str, wanted: DeliveryFilter, limit: int, before: tuple[datetime, str] | None
    ) -> Sequence[WebhookDelivery]:
        """Newest first; `before` is (created_at, id) of the previous page's last row."""
        query = (
            select(WebhookDelivery)
            .where(col(WebhookDelivery.organisation_id) == organisation_id, *_matching(wanted))
            .order_by(col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
            .limit(limit)
        )
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(WebhookDelivery.created_at), col(WebhookDelivery.id)) < last)
        return (await self._session.scalars(query)).all()

    async def waiting(self, most: int) -> Sequence[WebhookDelivery]:
        """For the relay over all organisations: those without a workflow, that no other relay is at work on."""
        query = (
            select(WebhookDelivery)
            .where(col(WebhookDelivery.started_at).is_(None), col(WebhookDelivery.state) == DeliveryState.PENDING)
            .order_by(col(WebhookDelivery.created_at))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return (await self._session.scalars(query)).all()

    async def overdue(self, not_after: datetime, most: int) -> int:
        """For the sweep over all organisations: have those started again that were to be tried before then."""
        lost = (
            select(col(WebhookDelivery.id))
            .where(col(WebhookDelivery.state) == DeliveryState.PENDING)
            .where(col(WebhookDelivery.next_attempt_at) <= not_after, col(WebhookDelivery.started_at) <= not_after)
            .limit(most)
        )
        return await self._count(
            update(WebhookDelivery).where(col(WebhookDelivery.id).in_(lost)).values(started_at=None)
        )

    async def again(self, organisation_id: str, endpoint_id: str, event_ids: Sequence[str], now: datetime) -> int:
        """A further round for those of these events that have ended otherwise than delivered; how many."""
        return await self._count(
            update(WebhookDelivery)
            .where(
                col(WebhookDelivery.organisation_id) == organisation_id,
                col(WebhookDelivery.endpoint_id) == endpoint_id,
                col(WebhookDelivery.event_id).in_(event_ids),
                col(WebhookDelivery.state) == DeliveryState.FAILED,
            )
            .values(
                state=DeliveryState.PENDING,
                reason=None,
                round=col(WebhookDelivery.round) + 1,
                attempts=0,
                started_at=None,
                finished_at=None,
                next_attempt_at=now,
            )
        )

    async def attempts(self, organisation_id: str, delivery_id: str) -> Sequence[WebhookAttempt]:
        """Of all rounds, oldest first."""
        query = select(WebhookAttempt).where(
            col(WebhookAttempt.organisation_id) == organisation_id, col(WebhookAttempt.delivery_id) == delivery_id
        )
        return (
            await self._session.scalars(query.order_by(col(WebhookAttempt.round), col(WebhookAttempt.number)))
        ).all()

    def add_attempt(self, attempt: WebhookAttempt) -> None:
        self._session.add(attempt)

    async def forget(self, before: datetime, most: int) -> int:
        """For the sweep over all organisations: how many old ones went, with their attempts."""
        old = (
            select(col(WebhookDelivery.id))
            .where(col(WebhookDelivery.created_at) < before, col(WebhookDelivery.state) != DeliveryState.PENDING)
            .limit(most)
        )
        return await self._count(delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(old)))

    async def _count(self, statement: object) -> int:
        done = await self._session.execute(statement)  # type: ignore[call-overload]
        assert isinstance(done, CursorResult)  # noqa: S101 - what UPDATE and DELETE give
        return done.rowcount


def _is(organisation_id: str, delivery_id: str) -> tuple[ColumnElement[bool], ...]:
    return col(WebhookDelivery.organisation_id) == organisation_id, col(WebhookDelivery.id) == delivery_id


def _matching(wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    equal = [
        col(getattr(WebhookDelivery, name)) == value
        for name in ("endpoint_id", "event_id", "event_type", "state")
        if (value := getattr(wanted, name)) is not None
    ]
    since = [col(WebhookDelivery.created_at) >= wanted.since] if wanted.since else []
    until = [col(WebhookDelivery.created_at) < wanted.until] if wanted.until else []
    return equal + since + until


def _found(delivery: WebhookDelivery | None) -> WebhookDelivery:
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery
