"""From the outbox to workflows: each event becomes a delivery for each endpoint that wants it, each delivery a run.

Both halves may be repeated after a crash at any point: of an event and an endpoint there is one row, and of a row's
round one workflow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from core.contracts.deliver_webhook import DeliverWebhookInput
from core.db.models import WebhookDelivery, WebhookEndpoint
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.webhooks.endpoint import HOOK_EVENTS
from core.domain.webhooks.event import Event
from core.domain.webhooks.message import hook_body, standard_body
from core.ports import WorkflowGateway

BATCH = 100


async def relay_events(factory: UnitOfWorkFactory, gateway: WorkflowGateway, now: datetime) -> int:
    """How much was there to do; less than BATCH means that nothing is left. Raises WorkflowsUnavailable."""
    return max(await _fan_out(factory, now), await _start(factory, gateway, now))


async def _fan_out(factory: UnitOfWorkFactory, now: datetime) -> int:
    async with factory() as uow:
        events = await uow.outbox.waiting(BATCH)
        if not events:
            return 0
        wanted: dict[tuple[str, str], Sequence[WebhookEndpoint]] = {}
        for event in events:
            who = (event.organisation_id, event.type.value)
            if who not in wanted:
                wanted[who] = await uow.webhook_endpoints.listening(*who)
        rows = [
            delivery_of(event, endpoint, now)
            for event in events
            for endpoint in wanted[event.organisation_id, event.type.value]
        ]
        await uow.webhook_deliveries.add(rows)
        await uow.outbox.relayed([event.id for event in events], now)
        await uow.commit()
    return len(events)


def delivery_of(event: Event, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    """Its body is made here, once for all attempts."""
    hook = endpoint.hook_event if event.type in HOOK_EVENTS.values() else None
    return WebhookDelivery(
        id=uuid4().hex,
        organisation_id=event.organisation_id,
        endpoint_id=endpoint.id,
        event_id=event.id,
        event_type=event.type.value,
        body=hook_body(endpoint.id, hook, event) if hook is not None else standard_body(event),
        created_at=now,
        next_attempt_at=now,
    )


async def _start(factory: UnitOfWorkFactory, gateway: WorkflowGateway, now: datetime) -> int:
    """The rows stay locked until their runs were started: another relay takes others."""
    async with factory() as uow:
        waiting = await uow.webhook_deliveries.waiting(BATCH)
        await asyncio.gather(*(gateway.start_delivery(run_of(row)) for row in waiting))
        for row in waiting:
            row.started_at = now
        await uow.commit()
    return len(waiting)


def run_of(row: WebhookDelivery) -> DeliverWebhookInput:
    return DeliverWebhookInput(row.organisation_id, row.endpoint_id, row.event_id, row.id, row.round)
