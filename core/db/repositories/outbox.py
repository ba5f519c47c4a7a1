"""The outbox: what happened, until deliveries have been made of it, and for replays after that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CursorResult, bindparam, delete, func, or_, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from core.db.models import OutboxEvent, WebhookEndpoint
from core.domain.webhooks.event import Event, NewEvent
from core.domain.webhooks.event_types import EVENT_TYPES, EventType

_EVENTS = type_coerce(col(WebhookEndpoint.events), JSONB)
_TABLE = OutboxEvent.metadata.tables["outbox_events"]
_COLUMNS = _TABLE.columns
_GIVEN = {
    name: bindparam(name, type_=_COLUMNS[name].type)
    for name in ("id", "organisation_id", "type", "schema_version", "object_id", "payload")
}


def listening(organisation_id: ColumnElement[str], event_type: ColumnElement[str]) -> ColumnElement[bool]:
    """An endpoint of the organisation's that wants to hear of such events, disabled or not."""
    return (col(WebhookEndpoint.organisation_id) == organisation_id) & or_(_EVENTS == [], _EVENTS.has_key(event_type))


_HEARD = select(col(WebhookEndpoint.id)).where(listening(_GIVEN["organisation_id"], _GIVEN["type"]))
#: One event, if anybody listens. The database says when it was: clocks of two processes differ.
_TELL = (
    insert(_TABLE)
    .from_select([*_GIVEN, "occurred_at"], select(*_GIVEN.values(), func.clock_timestamp()).where(_HEARD.exists()))
    .on_conflict_do_nothing(index_elements=["id"])
)


class OutboxRepository:
    """Writes join the caller's transaction: an event is there if and only if what it tells of is."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, *events: NewEvent) -> None:
        """What no endpoint of the organisation's wants to hear of is not kept."""
        if events:
            await self._session.execute(_TELL, [_values_of(event) for event in events])

    async def waiting(self, most: int) -> Sequence[Event]:
        """For the relay over all organisations: oldest first, without those that another relay is at work on."""
        rows = await self._session.scalars(
            select(OutboxEvent)
            .where(col(OutboxEvent.relayed_at).is_(None))
            .order_by(col(OutboxEvent.sequence))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return [_event(row) for row in rows]

    async def relayed(self, event_ids: Sequence[str], at: datetime) -> None:
        await self._session.execute(update(OutboxEvent).where(col(OutboxEvent.id).in_(event_ids)).values(relayed_at=at))

    async def between(
        self, organisation_id: str, since: datetime, until: datetime, after: int, most: int
    ) -> Sequence[Event]:
        """An organisation's events of a time, `until` excluded, in their order, after the one with that version."""
        rows = await self._session.scalars(
            select(OutboxEvent)
            .where(
                col(OutboxEvent.organisation_id) == organisation_id,
                col(OutboxEvent.occurred_at) >= since,
                col(OutboxEvent.occurred_at) < until,
                col(OutboxEvent.sequence) > after,
            )
            .order_by(col(OutboxEvent.sequence))
            .limit(most)
        )
        return [_event(row) for row in rows]

    async def forget(self, before: datetime, most: int) -> int:
        """For the sweep over all organisations: how many old ones went, relayed ones only."""
        old = (
            select(col(OutboxEvent.id))
            .where(col(OutboxEvent.occurred_at) < before, col(OutboxEvent.relayed_at).is_not(None))
            .limit(most)
        )
        done = await self._session.execute(delete(OutboxEvent).where(col(OutboxEvent.id).in_(old)))
        assert isinstance(done, CursorResult)  # noqa: S101 - what a DELETE gives
        return done.rowcount


def _values_of(event: NewEvent) -> dict[str, Any]:
    return {
        "id": event.id or uuid4().hex,
        "organisation_id": event.organisation_id,
        "type": event.type.value,
        "schema_version": EVENT_TYPES[event.type].version,
        "object_id": event.object_id,
        "payload": dict(event.payload),
    }


def _event(row: OutboxEvent) -> Event:
    assert row.sequence is not None  # noqa: S101 - the database gave it one
    return Event(
        id=row.id,
        organisation_id=row.organisation_id,
        type=EventType(row.type),
        schema_version=row.schema_version,
        occurred_at=row.occurred_at,
        object_id=row.object_id,
        object_version=row.sequence,
        payload=row.payload,
    )
