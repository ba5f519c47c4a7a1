"""What was sent to endpoints, what came back, and sending it once more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime

from api.dependencies import Cursor, Limit, Services, WebhookEditor
from api.errors import responses
from api.schemas.webhooks import (
    DeliveriesOut,
    DeliveryDetailOut,
    DeliveryOut,
    RangeIn,
    ReplayedOut,
    deliveries_out,
    delivery_detail_out,
    delivery_out,
)
from core.db.repositories.webhook_deliveries import DeliveryFilter
from core.domain.webhooks.delivery import DeliveryState
from core.domain.webhooks.event_types import EventType
from core.services.webhooks.list_deliveries import list_deliveries, read_delivery
from core.services.webhooks.replay import replay_one, replay_range

router = APIRouter(prefix="/v1/webhook-deliveries", tags=["webhooks"], responses=responses(401, 422, 503))

DeliveryId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]
IdFilter = Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")]
TimeFilter = Annotated[AwareDatetime | None, Query(description="Of the delivery's making; `until` is excluded.")]


async def _wanted(
    endpoint_id: IdFilter = None,
    event_id: IdFilter = None,
    event_type: EventType | None = None,
    state: DeliveryState | None = None,
    since: TimeFilter = None,
    until: TimeFilter = None,
) -> DeliveryFilter:
    return DeliveryFilter(endpoint_id, event_id, event_type.value if event_type else None, state, since, until)


Wanted = Annotated[DeliveryFilter, Depends(_wanted)]


@router.get("")
async def read_webhook_deliveries(
    wanted: Wanted, caller: WebhookEditor, services: Services, limit: Limit = 20, cursor: Cursor = None
) -> DeliveriesOut:
    """Newest first."""
    async with services.uow() as uow:
        return deliveries_out(await list_deliveries(uow, caller.organisation_id, wanted, limit, cursor))


@router.get("/{delivery_id}", responses=responses(404))
async def read_webhook_delivery(
    delivery_id: DeliveryId, caller: WebhookEditor, services: Services
) -> DeliveryDetailOut:
    """With what is sent, and every attempt."""
    async with services.uow() as uow:
        return delivery_detail_out(*await read_delivery(uow, caller.organisation_id, delivery_id))


@router.post("/{delivery_id}/replay", status_code=202, responses=responses(404, 409))
async def replay_webhook_delivery(delivery_id: DeliveryId, caller: WebhookEditor, services: Services) -> DeliveryOut:
    """The same bytes under the same event id, on a schedule of its own."""
    async with services.uow() as uow:
        delivery = await replay_one(uow, caller.organisation_id, delivery_id, services.clock.now())
        await uow.commit()
    return delivery_out(delivery)


@router.post("/replay", status_code=202, responses=responses(404, 409))
async def replay_webhook_range(body: RangeIn, caller: WebhookEditor, services: Services) -> ReplayedOut:
    """What failed, and what the endpoint never saw: events are kept for 30 days. Safe to repeat."""
    now = services.clock.now()
    replayed = await replay_range(services.uow, caller.organisation_id, body.endpoint_id, body.since, body.until, now)
    return ReplayedOut(replayed=replayed)
