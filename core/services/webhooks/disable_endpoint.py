"""Send an endpoint nothing more, until its owner enables it again."""

from __future__ import annotations

from datetime import datetime

from core.db.models import WebhookEndpoint
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Conflict
from core.domain.webhooks.endpoint import DisabledReason, EndpointStatus
from core.domain.webhooks.event import NewEvent
from core.domain.webhooks.event_types import EventType


async def disable_endpoint(uow: UnitOfWork, endpoint: WebhookEndpoint, reason: DisabledReason, now: datetime) -> None:
    """Repeatable. The organisation's other endpoints are told. The caller has locked it, and commits."""
    if endpoint.status is EndpointStatus.DISABLED:
        return
    endpoint.status = EndpointStatus.DISABLED
    endpoint.disabled_reason = reason.value
    endpoint.disabled_at = now
    payload = {"endpoint_id": endpoint.id, "reason": reason.value}
    await uow.outbox.add(NewEvent(endpoint.organisation_id, EventType.ENDPOINT_DISABLED, endpoint.id, payload))


def refuse_disabled(endpoint: WebhookEndpoint) -> None:
    """Raises Conflict (ENDPOINT_DISABLED)."""
    if endpoint.status is EndpointStatus.DISABLED:
        raise Conflict("The endpoint is disabled; enable it first.", code="ENDPOINT_DISABLED")


def enable_endpoint(endpoint: WebhookEndpoint) -> None:
    """Repeatable. What happened meanwhile is sent by a replay only. The caller has locked it, and commits."""
    endpoint.status = EndpointStatus.ACTIVE
    endpoint.disabled_reason = endpoint.disabled_at = endpoint.failing_since = None
