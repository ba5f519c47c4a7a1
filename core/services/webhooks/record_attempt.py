"""What an attempt means for its delivery and its endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from core.contracts.deliver_webhook import AttemptInput, CloseInput, DeliverWebhookInput, DeliveryProgress
from core.db.models import WebhookAttempt, WebhookDelivery
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.errors import NotFound
from core.domain.webhooks.delivery import DeliveryState, FailureReason, Tried, Verdict, next_delay
from core.domain.webhooks.endpoint import DisabledReason, fails_for_too_long
from core.services.webhooks.disable_endpoint import disable_endpoint


@dataclass(frozen=True)
class Measured:
    """An attempt, when it began, how long it took and when it was over."""

    tried: Tried
    started_at: datetime
    duration_ms: int
    ended_at: datetime


async def record_attempt(factory: UnitOfWorkFactory, message: AttemptInput, measured: Measured) -> DeliveryProgress:
    """How far the delivery is now. The attempt, the delivery and the endpoint change together or not at all."""
    which, so_far = message.delivery, message.so_far
    async with factory() as uow:
        try:
            # The endpoint before its delivery, as whoever removes it locks them.
            disabled = await _disabled(uow, which, measured)
            row = await uow.webhook_deliveries.lock(which.organisation_id, which.delivery_id)
        except NotFound:
            return DeliveryProgress(done=True)  # removed while it was being tried
        if row.round != which.round or row.attempts != so_far.attempts or row.state is not DeliveryState.PENDING:
            return DeliveryProgress(row.attempts, done=True)  # closed meanwhile
        row.attempts += 1
        uow.webhook_deliveries.add_attempt(_attempt(row, measured))
        _judge(row, measured, message.jitter, disabled=disabled)
        await uow.commit()
    if row.next_attempt_at is None:
        return DeliveryProgress(row.attempts, done=True)
    return DeliveryProgress(row.attempts, (row.next_attempt_at - measured.ended_at).total_seconds())


async def close_delivery(uow: UnitOfWork, message: CloseInput, now: datetime) -> None:
    """Record that nobody tries any more. Repeatable. The caller commits."""
    which = message.delivery
    row = await uow.webhook_deliveries.find(which.organisation_id, which.delivery_id)
    if row is not None and row.round == which.round and row.state is DeliveryState.PENDING:
        close(row, FailureReason(message.reason), now)


def close(row: WebhookDelivery, reason: FailureReason, now: datetime) -> None:
    row.state, row.reason = DeliveryState.FAILED, reason.value
    row.finished_at, row.next_attempt_at = now, None


async def _disabled(uow: UnitOfWork, which: DeliverWebhookInput, measured: Measured) -> bool:
    """Whether the attempt was one failure too many for its endpoint. Raises NotFound."""
    now, verdict = measured.ended_at, measured.tried.verdict
    if verdict is Verdict.SUCCESS:
        await uow.webhook_endpoints.note_success(which.organisation_id, which.endpoint_id)
        return False
    endpoint = await uow.webhook_endpoints.lock(which.organisation_id, which.endpoint_id)
    if verdict is Verdict.GONE:
        await disable_endpoint(uow, endpoint, DisabledReason.GONE, now)
        return True
    if fails_for_too_long(endpoint.failing_since, now):
        await disable_endpoint(uow, endpoint, DisabledReason.FAILING, now)
        return True
    endpoint.failing_since = endpoint.failing_since or measured.started_at
    return False


def _judge(row: WebhookDelivery, measured: Measured, jitter: float, *, disabled: bool) -> None:
    now = measured.ended_at
    delay = next_delay(row.attempts, measured.tried, jitter, now)
    if measured.tried.verdict is Verdict.SUCCESS:
        row.state, row.finished_at, row.next_attempt_at = DeliveryState.DELIVERED, now, None
    elif disabled:
        close(row, FailureReason.ENDPOINT_DISABLED, now)
    elif delay is None:
        close(row, FailureReason.EXHAUSTED, now)
    else:
        row.next_attempt_at = now + delay


def _attempt(row: WebhookDelivery, measured: Measured) -> WebhookAttempt:
    return WebhookAttempt(
        id=uuid4().hex,
        organisation_id=row.organisation_id,
        delivery_id=row.id,
        round=row.round,
        number=row.attempts,
        started_at=measured.started_at,
        duration_ms=measured.duration_ms,
        status=measured.tried.status,
        error=measured.tried.error.value if measured.tried.error else None,
        response_excerpt=measured.tried.excerpt,
    )
