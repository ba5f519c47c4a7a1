"""The log of deliveries, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.db.models import WebhookAttempt, WebhookDelivery
from core.db.repositories.webhook_deliveries import DeliveryFilter
from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor


@dataclass(frozen=True)
class DeliveryPage:
    """`next_cursor` is None on the last page."""

    deliveries: Sequence[WebhookDelivery]
    next_cursor: str | None


async def list_deliveries(
    uow: UnitOfWork, organisation_id: str, wanted: DeliveryFilter, limit: int, cursor: str | None
) -> DeliveryPage:
    """Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.webhook_deliveries.page(organisation_id, wanted, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return DeliveryPage(shown, more)


async def read_delivery(
    uow: UnitOfWork, organisation_id: str, delivery_id: str
) -> tuple[WebhookDelivery, Sequence[WebhookAttempt]]:
    """With its attempts, oldest first. Raises NotFound."""
    delivery = await uow.webhook_deliveries.get(organisation_id, delivery_id)
    return delivery, await uow.webhook_deliveries.attempts(organisation_id, delivery_id)
