"""Send one endpoint a message that tells of nothing, so that its owner sees whether it arrives."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from core.db.models import WebhookDelivery
from core.db.unit_of_work import UnitOfWork
from core.domain.webhooks.event import Event
from core.domain.webhooks.event_types import EVENT_TYPES, EventType
from core.services.webhooks.disable_endpoint import refuse_disabled
from core.services.webhooks.relay_events import delivery_of


async def send_test(uow: UnitOfWork, organisation_id: str, endpoint_id: str, now: datetime) -> WebhookDelivery:
    """A delivery as any other, in our own form for hooks too. Raises NotFound, Conflict while it is disabled.

    The caller commits; the relay takes it from there.
    """
    endpoint = await uow.webhook_endpoints.get(organisation_id, endpoint_id)
    refuse_disabled(endpoint)
    event = Event(
        id=uuid4().hex,
        organisation_id=organisation_id,
        type=EventType.TEST,
        schema_version=EVENT_TYPES[EventType.TEST].version,
        occurred_at=now,
        object_id=endpoint.id,
        object_version=0,
        payload={"endpoint_id": endpoint.id},
    )
    row = delivery_of(event, endpoint, now)
    await uow.webhook_deliveries.add([row])
    return row
