"""Deliver once more: what failed, or what an endpoint never saw because it was disabled."""

from __future__ import annotations

from datetime import datetime

from core.db.models import WebhookDelivery, WebhookEndpoint
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.errors import Conflict, InvalidInput
from core.domain.webhooks.delivery import DeliveryState
from core.domain.webhooks.event import Event
from core.services.webhooks.disable_endpoint import refuse_disabled
from core.services.webhooks.relay_events import delivery_of

_PAGE = 500


async def replay_one(uow: UnitOfWork, organisation_id: str, delivery_id: str, now: datetime) -> WebhookDelivery:
    """A further round, also of what was delivered: the same event id, the same bytes. The caller commits.

    Raises NotFound, Conflict while it is on its way (DELIVERY_PENDING) or its endpoint is disabled.
    """
    row = await uow.webhook_deliveries.lock(organisation_id, delivery_id)
    refuse_disabled(await uow.webhook_endpoints.get(organisation_id, row.endpoint_id))
    if row.state is DeliveryState.PENDING:
        raise Conflict("The delivery is on its way; it will be tried again by itself.", code="DELIVERY_PENDING")
    row.state, row.reason, row.finished_at, row.started_at = DeliveryState.PENDING, None, None, None
    row.round, row.attempts, row.next_attempt_at = row.round + 1, 0, now
    return row


async def replay_range(
    factory: UnitOfWorkFactory,
    organisation_id: str,
    endpoint_id: str,
    since: datetime,
    until: datetime,
    now: datetime,
) -> int:
    """How many of the events from `since` to before `until` are sent (again): all but what was or is being delivered.

    Raises NotFound, InvalidInput, Conflict while the endpoint is disabled. Commits page by page; repeatable.
    """
    if until <= since:
        raise InvalidInput("The range is empty.", fields={"until": "must be after since"})
    after, sent = 0, 0
    while True:
        async with factory() as uow:
            endpoint = await uow.webhook_endpoints.get(organisation_id, endpoint_id)
            refuse_disabled(endpoint)
            events = await uow.outbox.between(organisation_id, since, until, after, _PAGE)
            wanted = [event for event in events if not endpoint.events or event.type.value in endpoint.events]
            sent += await _send(uow, endpoint, wanted, now)
            await uow.commit()
        if len(events) < _PAGE:
            return sent
        after = events[-1].object_version


async def _send(uow: UnitOfWork, endpoint: WebhookEndpoint, events: list[Event], now: datetime) -> int:
    again = await uow.webhook_deliveries.again(
        endpoint.organisation_id, endpoint.id, [event.id for event in events], now
    )
    return again + await uow.webhook_deliveries.add([delivery_of(event, endpoint, now) for event in events])
